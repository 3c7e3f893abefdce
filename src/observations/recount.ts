import { sql } from 'kysely';
import type { Db } from '../platform/db.ts';
import type { ClockWork } from '../platform/jobs.ts';
import type { Log } from '../platform/log.ts';

/** Computes all sums anew from the figures, and returns how many were wrong. Acceptances wait only where any was. */
export async function recount(db: Db): Promise<number> {
  return db.transaction().execute(async (tx) => {
    // A million figures take longer than any other statement may.
    await sql`set local statement_timeout = 0`.execute(tx);
    const { rows } = await sql<{ wrong: number }>`select observation_recount() as wrong`.execute(tx);
    return rows[0]?.wrong ?? 0;
  });
}

/** At ten past three each night. A sum that was wrong is a bug, and is shouted about. */
export function recountNightly(db: Db, log: Log): ClockWork {
  async function run(): Promise<void> {
    const wrong = await recount(db);
    if (wrong > 0) log('error', 'sums of follow-up were wrong and are right again', { sums: wrong });
  }
  return { name: 'figures-recount', pattern: '10 3 * * *', run };
}
