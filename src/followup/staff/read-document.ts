import { sql } from 'kysely';
import { type Actor, mayReadCases } from '../../identity/actor.ts';
import { audit } from '../../platform/audit.ts';
import { asAccount, type Db, type Tx } from '../../platform/db.ts';
import { type CommonRefusal, Refusal } from '../../platform/refusal.ts';
import { fileIn } from '../queries.ts';

export interface Reading {
  /** The file itself, or the picture of its first page. */
  readonly what: 'download' | 'preview';
  /** A request for a further part is noted unless the account has begun to read the document lately: whoever leaves out the first byte reads it as well. */
  readonly isNoted: 'always' | 'unless-lately' | 'never';
  /** Whether a file of this verdict may be opened at all. */
  readonly mayBeOpened: (verdict: string) => boolean;
}

/**
 * A filed document for a member of staff, the reading noted for the supplier and in the audit log; undefined when there
 * is none that may be opened. Drafts are the supplier's own.
 */
export function readFiledDocument(db: Db, actor: Actor, id: string, { what, isNoted, mayBeOpened }: Reading) {
  if (!mayReadCases(actor)) throw new Refusal<CommonRefusal>('not-allowed');
  return asAccount(db, actor.accountId, async (tx) => {
    const file = await fileIn(tx, id);
    if (!file?.submission_id || !mayBeOpened(file.verdict)) return undefined;
    if (isNoted === 'always' || (isNoted === 'unless-lately' && !(await hasReadLately(tx, actor, file.id, what)))) {
      await tx.insertInto('document_read').values({ document_id: file.id, supplier_id: file.supplier_id, account_id: actor.accountId, account_name: actor.name, what }).execute();
      await audit(tx, 'document.read', file.id, { sha256: file.sha256, what }, file.supplier_id);
    }
    return file;
  });
}

/** By the database's clock, which has dated the readings. */
async function hasReadLately(tx: Tx, actor: Actor, documentId: string, what: Reading['what']): Promise<boolean> {
  const found = await tx
    .selectFrom('document_read')
    .select('id')
    .where('document_id', '=', documentId)
    .where('account_id', '=', actor.accountId)
    .where('what', '=', what)
    .where('at', '>', sql<Date>`now() - interval '10 minutes'`)
    .limit(1)
    .executeTakeFirst();
  return found !== undefined;
}
