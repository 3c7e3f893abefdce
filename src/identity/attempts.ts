import { sql } from 'kysely';
import { minutes } from '../platform/clock.ts';
import type { Db } from '../platform/db.ts';

/** Attempts are counted in windows of this length. */
export const attemptWindow = minutes(15);

/** Adds one attempt to each key and returns the counts in the present window, in the same order. */
export async function countAttempts(db: Db, keys: readonly string[]): Promise<number[]> {
  const windowStart = new Date(Math.floor(Date.now() / attemptWindow) * attemptWindow);
  const rows = await db
    .insertInto('log_in_guess')
    .values(keys.map((key) => ({ key, window_starts_at: windowStart, count: 1 })))
    .onConflict((conflict) => conflict.columns(['key', 'window_starts_at']).doUpdateSet({ count: sql`log_in_guess.count + 1` }))
    .returning(['key', 'count'])
    .execute();
  return keys.map((key) => rows.find((row) => row.key === key)?.count ?? Number.POSITIVE_INFINITY);
}
