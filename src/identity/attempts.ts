import { sql } from 'kysely';
import { minutes } from '../platform/clock.ts';
import type { Db } from '../platform/db.ts';

/** Attempts are counted in windows of this length; those of the window before count too, so that nobody begins anew on the hour. */
const attemptWindow = minutes(15);

/** Adds one attempt to each key and returns the counts of the present window and the one before, in the same order. */
export async function countAttempts(db: Db, keys: readonly string[]): Promise<number[]> {
  const windowStart = new Date(Math.floor(Date.now() / attemptWindow) * attemptWindow);
  await db
    .insertInto('log_in_guess')
    .values(keys.map((key) => ({ key, window_starts_at: windowStart, count: 1 })))
    .onConflict((conflict) => conflict.columns(['key', 'window_starts_at']).doUpdateSet({ count: sql`log_in_guess.count + 1` }))
    .execute();
  const rows = await db
    .selectFrom('log_in_guess')
    .select((eb) => ['key', eb.cast<number>(eb.fn.sum('count'), 'integer').as('count')])
    .where('key', 'in', keys)
    .where('window_starts_at', '>=', new Date(windowStart.getTime() - attemptWindow))
    .groupBy('key')
    .execute();
  return keys.map((key) => rows.find((row) => row.key === key)?.count ?? Number.POSITIVE_INFINITY);
}
