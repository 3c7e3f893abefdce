import { type Actor, mayReadCases } from '../../identity/actor.ts';
import { audit } from '../../platform/audit.ts';
import { asAccount, type Db } from '../../platform/db.ts';
import { type CommonRefusal, Refusal } from '../../platform/refusal.ts';
import { fileIn } from '../queries.ts';

/** A filed document for a member of staff, the reading written in the audit log; undefined when there is none. Drafts are the supplier's own. */
export function readFiledDocument(db: Db, actor: Actor, id: string) {
  if (!mayReadCases(actor)) throw new Refusal<CommonRefusal>('not-allowed');
  return asAccount(db, actor.accountId, async (tx) => {
    const file = await fileIn(tx, id);
    if (!file?.submission_id) return undefined;
    await audit(tx, 'document.read', file.id, { sha256: file.sha256 }, file.supplier_id);
    return file;
  });
}
