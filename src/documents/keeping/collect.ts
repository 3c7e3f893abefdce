import { sql } from 'kysely';
import { audit } from '../../platform/audit.ts';
import { days } from '../../platform/clock.ts';
import type { Db } from '../../platform/db.ts';
import type { Files } from '../../platform/files/files.ts';

/** How long bytes that no row refers to are kept: since they were brought, and since it was first seen that nobody needs them. */
export const graceMs = days(7);

/** Bytes that no row refers to. */
export interface Waste {
  readonly sha256: string;
  readonly size_bytes: number | null;
}

const hexDigits = [...'0123456789abcdef'];
const before = (now: Date, ms: number): Date => new Date(now.getTime() - ms);

/** Notes which bytes no row refers to, and since when. In sixteen statements, so that none takes long. */
export async function noteUnreferenced(db: Db, now: Date): Promise<void> {
  for (const digit of hexDigits) {
    await sql`
      update held_file h set unreferenced_since = case when h.unreferenced_since is null then ${now}::timestamptz end
      where h.removed_at is null and h.sha256 like ${`${digit}%`}
        and (h.unreferenced_since is null) = (not exists (select from file_reference r where r.sha256 = h.sha256))`.execute(db);
  }
}

/** What the next collection removes, the longest unused first. */
export function collectable(db: Db, now: Date, limit: number, grace = graceMs): Promise<Waste[]> {
  return db
    .selectFrom('held_file')
    .select(['sha256', 'size_bytes'])
    .where('removed_at', 'is', null)
    .where('unreferenced_since', '<=', before(now, grace))
    .where('kept_at', '<=', before(now, grace))
    .orderBy('unreferenced_since')
    .limit(limit)
    .execute();
}

/**
 * Removes bytes unless a row refers to them or they were brought within the time of grace. Whoever makes a row that
 * refers to them meanwhile waits for this transaction, and is refused if it removed them. Returns whether they are gone.
 */
export function removeUnused(db: Db, files: Files, sha256: string, now: Date, why: 'unused' | 'erased', grace = graceMs): Promise<boolean> {
  return db.transaction().execute(async (tx) => {
    const held = await tx
      .selectFrom('held_file')
      .select('size_bytes')
      .where('sha256', '=', sha256)
      .where('removed_at', 'is', null)
      .where('kept_at', '<=', before(now, grace))
      .forUpdate()
      .skipLocked()
      .executeTakeFirst();
    if (!held) return false;
    const needed = await tx.selectFrom('file_reference').select('sha256').where('sha256', '=', sha256).limit(1).executeTakeFirst();
    if (needed) return false;
    await files.remove(sha256);
    await tx
      .updateTable('held_file')
      .set((eb) => ({ removed_at: now, removals: eb('removals', '+', 1), fault: null, fault_at: null }))
      .where('sha256', '=', sha256)
      .execute();
    await tx.updateTable('stored_file').set({ erased_at: now }).where('sha256', '=', sha256).where('erased_at', 'is', null).execute();
    await audit(tx, 'bytes.removed', sha256, { bytes: held.size_bytes, why });
    return true;
  });
}

/** Removes everything whose time of grace is over. Returns how many. */
export async function collect(db: Db, files: Files, now: Date, grace = graceMs): Promise<number> {
  await noteUnreferenced(db, now);
  let removed = 0;
  for (let passedOver = 0; ; ) {
    const found = (await collectable(db, now, passedOver + 200, grace)).slice(passedOver);
    if (found.length === 0) return removed;
    for (const { sha256 } of found) {
      if (await removeUnused(db, files, sha256, now, 'unused', grace)) removed += 1;
      else passedOver += 1;
    }
  }
}
