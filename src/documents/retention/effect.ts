import { sql } from 'kysely';
import { audit } from '../../platform/audit.ts';
import { dateOf, days } from '../../platform/clock.ts';
import type { Db, Tx } from '../../platform/db.ts';

/** A change of the rules erases nothing before it has stood this long: a slip of the pen must not cost documents. */
const noticeMs = days(7);

/** The first day on which rules erase. Rules that the worker has not read yet count from now. */
export async function effectiveFrom(tx: Tx | Db, rules: string, now: Date): Promise<string> {
  const { rows } = await sql<{ since: Date; same: boolean }>`
    select since, rules = ${rules}::jsonb as same from retention_rules order by id desc limit 1`.execute(tx);
  const since = rows[0]?.same ? rows[0].since : now;
  return dateOf(new Date(since.getTime() + noticeMs));
}

/** Notes rules that differ from those that were there before. Whoever reads the log sees what was changed when. */
export async function noteRules(db: Db, rules: string, now: Date): Promise<void> {
  await db.transaction().execute(async (tx) => {
    const { rows } = await sql<{ id: number }>`
      insert into retention_rules (rules, since)
      select ${rules}::jsonb, ${now} where ${rules}::jsonb is distinct from (select rules from retention_rules order by id desc limit 1)
      returning id`.execute(tx);
    if (rows[0]) await audit(tx, 'retention.changed', String(rows[0].id), { rules: JSON.parse(rules) as unknown });
  });
}
