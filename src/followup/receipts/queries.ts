import { type Actor, actsFor, mayReadCases } from '../../identity/actor.ts';
import { asAccount, type Db } from '../../platform/db.ts';
import { isUuid } from '../../platform/uuid.ts';

/** The signed receipt of a submission, for its supplier or for staff who read cases; undefined when there is none for this person. */
export async function issuedReceipt(db: Db, actor: Actor, submissionId: string) {
  if (!isUuid(submissionId)) return undefined;
  const found = await asAccount(db, actor.accountId, (tx) =>
    tx
      .selectFrom('receipt as r')
      .innerJoin('submission as m', 'm.id', 'r.submission_id')
      .select(['r.body', 'r.signature', 'r.answers_salt', 'm.answers', 'm.supplier_id', 'm.receipt_number'])
      .where('r.submission_id', '=', submissionId)
      .executeTakeFirst(),
  );
  return found && (actsFor(actor, found.supplier_id) || mayReadCases(actor)) ? found : undefined;
}
