import { sql } from 'kysely';
import type { Tx } from '../platform/db.ts';
import { enqueuing } from '../platform/jobs.ts';
import { Refusal } from '../platform/refusal.ts';

/** What is known of the bytes of a file; the words are those of db/migrations/0013_documents.sql. */
export type Verdict = 'waiting' | 'clean' | 'unscanned' | 'refused' | 'held';

/** A file whose bytes the store holds. */
export interface Stored {
  readonly sha256: string;
  readonly sizeBytes: number;
  /** A FileKind. */
  readonly kind: string;
}

/** The bytes were removed before a row held them; they have to be sent again. */
export type StoredRefusal = 'file-gone';

/** What db/migrations/0016_keeping.sql raises when a row would refer to bytes that were removed. */
const bytesRemoved = 'PF001';

/**
 * Notes bytes that the store holds for good, and calls for their check, both in the caller's transaction. Nobody can open
 * them before. Refuses with 'file-gone' when they have been removed since they were stored.
 */
export async function noteStored(tx: Tx, { sha256, kind, sizeBytes }: Stored, now: Date): Promise<void> {
  const check = enqueuing('file-check', { sha256, kind }, `file-check ${sha256} ${kind}`);
  await sql`select note_stored(${sha256}, ${kind}, ${sizeBytes}, ${now}), ${check}`.execute(tx).catch((error: unknown) => {
    throw (error as { code?: string }).code === bytesRemoved ? new Refusal<StoredRefusal>('file-gone') : error;
  });
}

/** Whether anybody may open the bytes. Without a scanner that is so in the demonstration only, where the page says that nothing scanned them. */
export function mayBeOpened(verdict: Verdict, demo: boolean): boolean {
  return verdict === 'clean' || (verdict === 'unscanned' && demo);
}
