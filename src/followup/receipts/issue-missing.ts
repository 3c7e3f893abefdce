import { sql } from 'kysely';
import { jsonArrayFrom } from 'kysely/helpers/postgres';
import { issueReceipt } from '../../documents/receipts/issue.ts';
import type { Db, Tx } from '../../platform/db.ts';
import type { FollowupContext } from '../submit.ts';
import { statementOf } from './statement.ts';

/** Number of the advisory lock under which receipts are made up for. */
const lock = 7302;
const batch = 200;

/**
 * Gives a receipt to everything that was filed before there were receipts: signed today, about the day it was filed. Its
 * entry in the log is of today too, and says so. One transaction each; running twice, or twice at once, makes no second
 * one. Returns how many.
 */
export async function issueMissing(db: Db, context: Omit<FollowupContext, 'siteUrl'>): Promise<number> {
  let count = 0;
  for (;;) {
    const waiting = await withoutReceipt(db).select('m.id').orderBy('m.submitted_at').limit(batch).execute();
    if (waiting.length === 0) return count;
    for (const { id } of waiting) if (await issueOne(db, context, id)) count += 1;
  }
}

function withoutReceipt(db: Db | Tx) {
  return db.selectFrom('submission as m').where((eb) => eb.not(eb.exists(eb.selectFrom('receipt as r').select('r.submission_id').whereRef('r.submission_id', '=', 'm.id'))));
}

function issueOne(db: Db, context: Omit<FollowupContext, 'siteUrl'>, id: string): Promise<boolean> {
  return db.transaction().execute(async (tx) => {
    await sql`select pg_advisory_xact_lock(${lock})`.execute(tx);
    const row = await filedRows(tx, id);
    if (!row) return false;
    const statement = statementOf(
      {
        ...row,
        receiptNumber: row.receipt_number,
        round: row.number,
        submittedBy: row.submitted_by_name,
        submittedAt: row.submitted_at,
        agreement: { number: row.agreement_number, title_da: row.title_da, title_en: row.title_en },
        supplier: row,
      },
      context.municipality,
      context.types,
    );
    const filed = { submissionId: row.id, supplierId: row.supplier_id, statement, answers: row.answers as Record<string, unknown> };
    await issueReceipt(tx, context.signer, filed, 'receipt.issued', { receipt: row.receipt_number });
    return true;
  });
}

/** Undefined when somebody else has issued it meanwhile. */
function filedRows(tx: Tx, id: string) {
  return withoutReceipt(tx)
    .innerJoin('obligation as o', 'o.id', 'm.obligation_id')
    .innerJoin('agreement as a', 'a.id', 'o.agreement_id')
    .innerJoin('supplier as s', 's.id', 'm.supplier_id')
    .select(['m.id', 'm.supplier_id', 'm.number', 'm.answers', 'm.submitted_by_name', 'm.submitted_at', 'm.receipt_number'])
    .select(['o.type', 'o.requirement_id', 'o.period', 'o.lot', 'o.due_on', 'a.number as agreement_number', 'a.title_da', 'a.title_en', 's.name', 's.cvr'])
    .select((eb) =>
      jsonArrayFrom(
        eb.selectFrom('document as f').select(['f.name', 'f.size_bytes', 'f.sha256']).whereRef('f.submission_id', '=', 'm.id').orderBy('f.stored_at').orderBy('f.name'),
      ).as('files'),
    )
    .where('m.id', '=', id)
    .executeTakeFirst();
}
