import type { Actor } from '../identity/actor.ts';
import { asAccount, type Db } from '../platform/db.ts';
import type { Stored } from './stored.ts';

/** A whole file that this person sent ahead of a form, for the library; null when there is none under that id. */
export async function finishedUpload(db: Db, actor: Actor, id: string): Promise<(Stored & { readonly id: string; readonly name: string }) | null> {
  if (!/^[0-9a-f]{32}$/.test(id)) return null;
  const row = await asAccount(db, actor.accountId, (tx) =>
    tx
      .selectFrom('upload')
      .select(['id', 'name', 'kind', 'sha256', 'size_bytes'])
      .where('id', '=', id)
      .where('account_id', '=', actor.accountId)
      .where('obligation_id', 'is', null)
      .executeTakeFirst(),
  );
  return row?.sha256 ? { id: row.id, name: row.name, kind: row.kind, sha256: row.sha256, sizeBytes: row.size_bytes } : null;
}
