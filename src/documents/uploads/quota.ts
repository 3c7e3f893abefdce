import { sql } from 'kysely';
import type { Tx } from '../../platform/db.ts';
import { Refusal } from '../../platform/refusal.ts';
import type { UploadRefusal } from './upload.ts';

/** What one supplier may have on its way, so that nobody fills the disk. Sizes are in files of the largest size. */
export const quotas = { open: 100, openSizes: 20, aDay: 5_000, aDaySizes: 200 } as const;

/**
 * Refuses one more upload of `sizeBytes` bytes when the supplier has too much on its way, or has begun too much within a
 * day: rows live that long, so they are the count. Two that begin at once are counted one after the other.
 */
export async function refuseOverQuota(tx: Tx, supplierId: string, sizeBytes: number, maxFileBytes: number, now: Date): Promise<void> {
  // What a power cut takes of the last moment is an upload without bytes, which its sender begins again; so others need not wait for the disk.
  await sql`select pg_advisory_xact_lock(hashtextextended(${`quota ${supplierId}`}, 0)), set_config('synchronous_commit', 'off', true)`.execute(tx);
  const { open, openBytes, all, allBytes } = await tx
    .selectFrom('upload')
    .select(({ fn }) => [
      fn.count<number>('id').filterWhere('finished_at', 'is', null).as('open'),
      fn.coalesce(fn.sum<number>('size_bytes').filterWhere('finished_at', 'is', null), sql<number>`0`).as('openBytes'),
      fn.count<number>('id').as('all'),
      fn.coalesce(fn.sum<number>('size_bytes'), sql<number>`0`).as('allBytes'),
    ])
    .where('supplier_id', '=', supplierId)
    .where('expires_at', '>', now)
    .executeTakeFirstOrThrow();
  const refuse = (code: UploadRefusal, seconds: number): never => {
    throw new Refusal<UploadRefusal>(code, { seconds: String(seconds) });
  };
  if (open >= quotas.open) refuse('too-many-open', 60);
  if (Number(openBytes) + sizeBytes > quotas.openSizes * maxFileBytes) refuse('too-many-bytes', 60);
  if (all >= quotas.aDay || Number(allBytes) + sizeBytes > quotas.aDaySizes * maxFileBytes) refuse('too-much-in-a-day', 3_600);
}
