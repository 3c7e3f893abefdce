import { sql } from 'kysely';
import { days } from '../../platform/clock.ts';
import type { Db } from '../../platform/db.ts';
import type { Files } from '../../platform/files/files.ts';
import { areBytesOf } from '../../platform/files/receive.ts';
import type { Log } from '../../platform/log.ts';

/** Every file is read to the end once in so many days. */
export const rereadDays = 30;

export interface Reread {
  readonly read: number;
  readonly damaged: number;
  readonly missing: number;
}

interface Held {
  readonly sha256: string;
  readonly size_bytes: number | null;
}

/**
 * Reads a share of the files to the end and compares their checksums: those with a fault, and those read longest ago; with
 * `all` every one. Each is noted as soon as it was read, so that a night that is cut short is not lost.
 */
export async function rereadFiles(db: Db, files: Files, now: Date, log: Log, all = false): Promise<Reread> {
  const sum = { read: 0, damaged: 0, missing: 0 };
  for await (const held of all ? everything(db) : tonightsShare(db, now)) {
    const found = await look(db, files, held);
    sum.read += 1;
    if (found === 'damaged' || found === 'missing') {
      sum[found] += 1;
      log('error', 'a file in the store is not what it should be', { sha256: held.sha256, fault: found });
    }
    await noteFound(db, held.sha256, found, now);
  }
  return sum;
}

/** unneeded: not what it should be, or not there, and no row refers to it; it goes when its time of grace is over. */
type Found = 'whole' | 'damaged' | 'missing' | 'unneeded';

/** Writes down in which state a file was found. A fault keeps the time at which it was first found. */
export async function noteFound(db: Db, sha256: string, found: Found, now: Date): Promise<void> {
  const row = db.updateTable('held_file').where('sha256', '=', sha256);
  if (found === 'damaged' || found === 'missing') await row.set((eb) => ({ fault: found, fault_at: eb.fn.coalesce('fault_at', eb.val(now)), removed_at: null })).execute();
  else await row.set({ fault: null, fault_at: null, ...(found === 'whole' && { verified_at: now }) }).execute();
}

async function look(db: Db, files: Files, { sha256, size_bytes }: Held): Promise<Found> {
  const state = await stateOf(files, sha256, size_bytes);
  return state === 'whole' || (await isNeeded(db, sha256)) ? state : 'unneeded';
}

async function stateOf(files: Files, sha256: string, size: number | null): Promise<'whole' | 'damaged' | 'missing'> {
  try {
    const sizeBytes = size ?? (await files.stat(sha256))?.sizeBytes ?? -1;
    return (await areBytesOf(await files.read(sha256), sha256, sizeBytes)) ? 'whole' : 'damaged';
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EIO') return 'damaged';
    if (code === 'ENOENT') return 'missing';
    throw error;
  }
}

/** Whether a row refers to these bytes at this moment. */
export async function isNeeded(db: Db, sha256: string): Promise<boolean> {
  return (await db.selectFrom('file_reference').select('sha256').where('sha256', '=', sha256).limit(1).executeTakeFirst()) !== undefined;
}

async function* tonightsShare(db: Db, now: Date): AsyncGenerator<Held> {
  // One day less than the time for all, so that a night without a worker does not make any late.
  const due = new Date(now.getTime() - days(rereadDays - 1));
  const { rows } = await sql<Held>`
    select sha256, size_bytes from held_file where removed_at is null and (fault is not null or coalesce(verified_at, kept_at) <= ${due} or sha256 in (
      select sha256 from held_file where removed_at is null order by coalesce(verified_at, kept_at)
      limit (select ceil(count(*) / ${rereadDays}::numeric) from held_file where removed_at is null)))
    order by fault is null, coalesce(verified_at, kept_at)`.execute(db);
  yield* rows;
}

async function* everything(db: Db): AsyncGenerator<Held> {
  for (let last = ''; ; ) {
    const page = await db
      .selectFrom('held_file')
      .select(['sha256', 'size_bytes'])
      .where('removed_at', 'is', null)
      .where('sha256', '>', last)
      .orderBy('sha256')
      .limit(500)
      .execute();
    if (page.length === 0) return;
    yield* page;
    last = page.at(-1)?.sha256 ?? '';
  }
}
