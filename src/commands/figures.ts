import { sql } from 'kysely';
import type { Content } from '../content/content.ts';
import type { Answers } from '../followup/answers.ts';
import { keptOf } from '../followup/figures/observe.ts';
import { recount } from '../observations/recount.ts';
import type { Db } from '../platform/db.ts';

const atOnce = 200;

/**
 * Keeps the figures of everything accepted anew, as the content says today, and computes all sums: after indicators or the types' observations
 * were changed, or for what was accepted before there were figures. Exit code 0.
 */
export async function figuresCommand(db: Db, { types, indicators }: Pick<Content, 'types' | 'indicators'>): Promise<number> {
  let count = 0;
  for (let after = '00000000-0000-0000-0000-000000000000'; ; ) {
    const { rows } = await sql<{ obligation_id: string; type: string; period: string | null; due_on: string; submission_id: string; answers: Answers; decided_at: Date }>`
      select distinct on (o.id) o.id as obligation_id, o.type, o.period, o.due_on, s.id as submission_id, s.answers, r.decided_at
      from obligation o join submission s on s.obligation_id = o.id join review r on r.submission_id = s.id
      where o.id > ${after} and r.decision = 'accepted' and s.erased_at is null order by o.id, s.number desc limit ${atOnce}`.execute(db);
    const last = rows.at(-1);
    if (!last) break;
    await db.transaction().execute(async (tx) => {
      for (const row of rows) {
        const type = types.get(row.type);
        if (!type) continue;
        const { openness, period, year, figures } = keptOf(type, indicators, row, row.answers);
        await sql`select observation_replace(${row.obligation_id}, ${row.submission_id}, ${openness}, ${period}, ${year}, ${row.decided_at}, ${JSON.stringify(figures)}::jsonb)`.execute(
          tx,
        );
        count += figures.length;
      }
    });
    after = last.obligation_id;
  }
  const wrong = await recount(db);
  console.log(`${count} figures of accepted follow-up are kept.${wrong > 0 ? ` ${wrong} sums were wrong and are right again.` : ''}`);
  return 0;
}
