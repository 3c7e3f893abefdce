import type { Content } from '../content/content.ts';
import type { Db } from '../platform/db.ts';
import { collectEntries } from './collect.ts';
import { writeIndex } from './pagefind.ts';

/**
 * Writes the search anew from what is public now: the table in one transaction, then the index for the browser.
 * Returns the number of pages that can be found.
 */
export async function rebuildSearch(db: Db, content: Content, indexRoot: string): Promise<number> {
  const entries = await db.transaction().execute(async (tx) => {
    const entries = await collectEntries(tx, content);
    await tx.deleteFrom('search_entry').execute();
    for (let at = 0; at < entries.length; at += 500)
      await tx
        .insertInto('search_entry')
        .values(entries.slice(at, at + 500))
        .execute();
    return entries;
  });
  await writeIndex(indexRoot, entries);
  return entries.length;
}
