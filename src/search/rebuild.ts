import type { Db } from '../platform/db.ts';
import { collectEntries } from './collect.ts';

/** Writes the search anew from what is public now, in one transaction. Returns the number of pages that can be found. */
export function rebuildSearch(db: Db): Promise<number> {
  return db.transaction().execute(async (tx) => {
    const entries = await collectEntries(tx);
    await tx.deleteFrom('search_entry').execute();
    for (let at = 0; at < entries.length; at += 500)
      await tx
        .insertInto('search_entry')
        .values(entries.slice(at, at + 500))
        .execute();
    return entries.length;
  });
}
