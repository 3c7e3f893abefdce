import { randomUUID } from 'node:crypto';
import type { Actor } from '../../identity/actor.ts';
import { audit } from '../../platform/audit.ts';
import { asAccount, type Db } from '../../platform/db.ts';

/** Which private address of the account holds, and since when; undefined when there is none. */
export function calendarOf(db: Db, actor: Actor): Promise<{ version: string; made_at: Date } | undefined> {
  return asAccount(db, actor.accountId, (tx) => tx.selectFrom('task_calendar').select(['version', 'made_at']).where('account_id', '=', actor.accountId).executeTakeFirst());
}

/** Makes a private address where there is none: pressed twice, it is one address. */
export function makeCalendar(db: Db, actor: Actor, now: Date): Promise<void> {
  return asAccount(db, actor.accountId, async (tx) => {
    const made = await tx
      .insertInto('task_calendar')
      .values({ account_id: actor.accountId, version: randomUUID(), made_at: now })
      .onConflict((conflict) => conflict.column('account_id').doNothing())
      .returning('version')
      .executeTakeFirst();
    if (made) await audit(tx, 'calendar.made', actor.accountId);
  });
}

/** Another address instead of the one that holds, which stops at once. */
export function replaceCalendar(db: Db, actor: Actor, now: Date): Promise<void> {
  return asAccount(db, actor.accountId, async (tx) => {
    const to = { version: randomUUID(), made_at: now };
    await tx
      .insertInto('task_calendar')
      .values({ account_id: actor.accountId, ...to })
      .onConflict((conflict) => conflict.column('account_id').doUpdateSet(to))
      .execute();
    await audit(tx, 'calendar.replaced', actor.accountId);
  });
}

export function removeCalendar(db: Db, actor: Actor): Promise<void> {
  return asAccount(db, actor.accountId, async (tx) => {
    const { numDeletedRows } = await tx.deleteFrom('task_calendar').where('account_id', '=', actor.accountId).executeTakeFirst();
    if (numDeletedRows > 0) await audit(tx, 'calendar.removed', actor.accountId);
  });
}
