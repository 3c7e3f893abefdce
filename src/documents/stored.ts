import { sql } from 'kysely';
import type { Tx } from '../platform/db.ts';
import { enqueue } from '../platform/jobs.ts';

/** What is known of the bytes of a file; the words are those of db/migrations/0013_documents.sql. */
export type Verdict = 'waiting' | 'clean' | 'unscanned' | 'refused' | 'held';

/** A file whose bytes the store holds. */
export interface Stored {
  readonly sha256: string;
  readonly sizeBytes: number;
  /** A FileKind. */
  readonly kind: string;
}

/** Notes bytes that the store holds for good, and calls for their check, both in the caller's transaction. Nobody can open them before. */
export async function noteStored(tx: Tx, { sha256, kind, sizeBytes }: Stored, now: Date): Promise<void> {
  await sql`select note_stored(${sha256}, ${kind}, ${sizeBytes}, ${now})`.execute(tx);
  await enqueue(tx, 'file-check', { sha256, kind }, `file-check ${sha256} ${kind}`);
}

/** Whether anybody may open the bytes. Without a scanner that is so in the demonstration only, where the page says that nothing scanned them. */
export function mayBeOpened(verdict: Verdict, demo: boolean): boolean {
  return verdict === 'clean' || (verdict === 'unscanned' && demo);
}
