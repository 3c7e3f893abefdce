import { audit } from '../../platform/audit.ts';
import type { Db } from '../../platform/db.ts';

/** Opens the planned obligations whose day has come. Running twice changes nothing more. Returns how many were opened. */
export async function openPlanned(db: Db, today: string): Promise<number> {
  return db.transaction().execute(async (tx) => {
    const opened = await tx.updateTable('obligation').set({ state: 'open' }).where('state', '=', 'planned').where('opens_on', '<=', today).returning('id').execute();
    for (const { id } of opened) await audit(tx, 'obligation.opened', id);
    return opened.length;
  });
}
