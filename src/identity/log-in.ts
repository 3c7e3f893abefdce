import { sql } from 'kysely';
import { z } from 'zod';
import { audit } from '../platform/audit.ts';
import { minutes } from '../platform/clock.ts';
import { asAccount, type Db } from '../platform/db.ts';
import { Refusal } from '../platform/refusal.ts';
import { nobodysHash, passwordMatches } from './password.ts';
import type { Sessions } from './sessions.ts';

export type LogInRefusal = 'wrong-log-in' | 'too-many-guesses';

/** Guesses that reach the verifier in a window, per account name and per network address (ASVS 5.0 6.3.1). */
export const guessesPerAccount = 10;
export const guessesPerAddress = 100;
export const guessWindow = minutes(15);

export const credentials = z.object({
  email: z.string().trim().toLowerCase().min(1, 'required').max(254, 'too-long'),
  password: z.string().min(1, 'required').max(128, 'too-long'),
});

/**
 * Checks e-mail and password and starts a session; returns the token for the cookie.
 * The guess is counted before it is checked: when the count cannot be written, nobody gets in.
 * An unknown address, a disabled account and a wrong password are refused alike and take equally long.
 */
export async function logIn(
  db: Db,
  sessions: Sessions,
  { email, password }: z.infer<typeof credentials>,
  { address, cameWith }: { address: string; cameWith: string | null },
): Promise<string> {
  const keys = [`account:${email}`, `address:${address}`];
  const [byAccount = 0, byAddress = 0] = await countGuess(db, keys);
  if (byAccount > guessesPerAccount || byAddress > guessesPerAddress) throw new Refusal<LogInRefusal>('too-many-guesses');

  const account = await db.selectFrom('account').select(['id', 'password_hash', 'disabled_at']).where('email', '=', email).executeTakeFirst();
  const right = await passwordMatches(password, account?.password_hash ?? nobodysHash);
  if (!account || account.disabled_at || !right) throw new Refusal<LogInRefusal>('wrong-log-in');

  await db
    .deleteFrom('log_in_guess')
    .where('key', '=', keys[0] ?? '')
    .execute();
  const token = await sessions.start(account.id, cameWith);
  await asAccount(db, account.id, (tx) => audit(tx, 'account.logged-in', account.id));
  return token;
}

/** Adds one guess to each key and returns the counts in the present window, in the same order. */
async function countGuess(db: Db, keys: readonly string[]): Promise<number[]> {
  const windowStart = new Date(Math.floor(Date.now() / guessWindow) * guessWindow);
  const rows = await db
    .insertInto('log_in_guess')
    .values(keys.map((key) => ({ key, window_starts_at: windowStart, count: 1 })))
    .onConflict((conflict) => conflict.columns(['key', 'window_starts_at']).doUpdateSet({ count: sql`log_in_guess.count + 1` }))
    .returning(['key', 'count'])
    .execute();
  return keys.map((key) => rows.find((row) => row.key === key)?.count ?? Number.POSITIVE_INFINITY);
}
