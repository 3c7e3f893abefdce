import fs from 'node:fs/promises';
import path from 'node:path';
import type { Actor } from '../identity/actor.ts';
import { audit } from '../platform/audit.ts';
import { asAccount, type Db } from '../platform/db.ts';
import type { Files } from '../platform/files/files.ts';

/**
 * Ends an upload that this person began for a task and did not finish: a page without script does what its program would ask for. Whoever
 * still sends it learns at the next batch that it is gone. An id that is none of those is passed over.
 */
export async function dropUpload(db: Db, files: Pick<Files, 'incoming'>, actor: Actor, obligationId: string, id: string): Promise<void> {
  if (!/^[0-9a-f]{32}$/.test(id)) return;
  const isDropped = await asAccount(db, actor.accountId, async (tx) => {
    const upload = await tx
      .deleteFrom('upload')
      .where('id', '=', id)
      .where('account_id', '=', actor.accountId)
      .where('obligation_id', '=', obligationId)
      .where('finished_at', 'is', null)
      .returning(['supplier_id', 'received_bytes'])
      .executeTakeFirst();
    if (upload) await audit(tx, 'upload.terminated', id, { bytes: upload.received_bytes }, upload.supplier_id);
    return upload !== undefined;
  });
  if (isDropped) await fs.rm(path.join(files.incoming, id), { force: true });
}
