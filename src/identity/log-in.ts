import { z } from 'zod';
import { audit } from '../platform/audit.ts';
import { asAccount, type Db } from '../platform/db.ts';
import { Refusal } from '../platform/refusal.ts';
import { countAttempts } from './attempts.ts';
import { nobodysHash, passwordMatches } from './password.ts';
import type { Sessions } from './sessions.ts';

export type LogInRefusal = 'wrong-log-in' | 'too-many-guesses';

/** Guesses that reach the verifier in a window, per account name and per network address (ASVS 5.0 6.3.1). */
export const guessesPerAccount = 10;
export const guessesPerAddress = 100;

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
  const [byAccount = 0, byAddress = 0] = await countAttempts(db, keys);
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
