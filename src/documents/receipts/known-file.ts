import { sql } from 'kysely';
import { countAttempts } from '../../identity/attempts.ts';
import type { Db } from '../../platform/db.ts';
import type { Answer } from './describe.ts';

/** Questions from one place in a quarter of an hour: enough for a folder of files, too few to try what a file might hold. */
const mostQuestions = 60;

/**
 * Whether a file with this hash was ever filed, and on which day first; nothing else of it. `place` is where the question
 * comes from: answers that are easy to guess shall not be found by guessing.
 */
export async function askAboutFile(db: Db, sha256: string, place: string): Promise<Exclude<Answer, 'offline'>> {
  const [asked = 0] = await countAttempts(db, [`receipt-file:${place}`]);
  if (asked > mostQuestions) return 'too-many';
  const { rows } = await sql<{ on: string | null }>`select file_received_on(${sha256}) as "on"`.execute(db);
  return { receivedOn: rows[0]?.on ?? null };
}
