import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { issueReceipt } from '../documents/receipts/issue.ts';
import type { Language } from '../i18n/language.ts';
import type { Actor } from '../identity/actor.ts';
import type { Municipality } from '../municipality/municipality.ts';
import type { Indicators } from '../observations/indicator.ts';
import type { Signer } from '../platform/audit/signing.ts';
import { dateOf } from '../platform/clock.ts';
import { asAccount, type Db, type Tx } from '../platform/db.ts';
import { queueMail } from '../platform/mail/queue.ts';
import { type Fault, InvalidInput, Refusal } from '../platform/refusal.ts';
import { type AnswerFault, type Answers, checkAnswers, type RawAnswers } from './answers.ts';
import { endCorrection } from './correction/correct.ts';
import { type DraftRefusal, lockForFiling, refuseUnlessOpen } from './draft.ts';
import { type CertificateFault, certificateFaults, isCertificate } from './library/certificate.ts';
import { rememberEvidence } from './library/keep.ts';
import { checkLines, type FiledLines, type LinesFault, linesKeys } from './lines.ts';
import { receiptMail } from './mails.ts';
import { type ObligationTypes, tableOf, typeOf } from './obligation-type.ts';
import { statementOf } from './receipts/statement.ts';

export interface Filing {
  readonly answers: RawAnswers;
  /** Made with the form: the same form sent twice is one filing. */
  readonly formKey: string;
  /** Submissions that there were when the form was opened. */
  readonly round: number;
  readonly lang: Language;
  /** Of a type whose lines come as a file. */
  readonly lines?: Omit<FiledLines, 'word'>;
}

export type SubmitFault = AnswerFault | CertificateFault | LinesFault | 'file-required' | 'file-refused';

export interface FollowupContext {
  readonly types: ObligationTypes;
  /** What figures mean that are kept of what is accepted. */
  readonly indicators: Indicators;
  readonly municipality: Municipality;
  readonly siteUrl: URL;
  /** Signs receipts. */
  readonly signer: Signer;
}

/**
 * Files what has been typed together with the files of the draft, and returns the id of the submission, which is also
 * its receipt's. In one commit: submission, files bound to it, state, receipt mail, audit entry, signed receipt.
 * Throws InvalidInput with a fault per field; the draft is left as it was.
 */
export function submit(db: Db, context: FollowupContext, actor: Actor, obligationId: string, filing: Filing, now: Date): Promise<string> {
  return asAccount(db, actor.accountId, (tx) => submitIn(tx, context, actor, obligationId, filing, now));
}

/** The same in a transaction that runs on behalf of the actor. */
export async function submitIn(tx: Tx, context: FollowupContext, actor: Actor, obligationId: string, filing: Filing, now: Date): Promise<string> {
  const obligation = await lockForFiling(tx, actor, obligationId);
  const before = await tx.selectFrom('submission').select(['id', 'form_key', 'answers']).where('obligation_id', '=', obligation.id).orderBy('number').execute();
  const repeated = before.find((submission) => submission.form_key === filing.formKey);
  if (repeated && !obligation.isOpen) return repeated.id;
  refuseUnlessOpen(obligation);
  // A form from before the municipality returned the task: its writer has not seen what must be corrected.
  if (before.length !== filing.round) throw new Refusal<DraftRefusal>('returned-meanwhile');

  const type = typeOf(context.types, obligation.type);
  const checked = checkAnswers(type, filing.answers, filing.lang);
  const faults: Fault<SubmitFault>[] = [...checked.faults, ...(isCertificate(type) ? certificateFaults(type, checked.answers, dateOf(now)) : [])];
  const files = await tx
    .selectFrom('document as d')
    .innerJoin('stored_file as b', (join) => join.onRef('b.sha256', '=', 'd.sha256').onRef('b.kind', '=', 'd.kind'))
    .select(['d.id', 'd.name', 'd.kind', 'd.sha256', 'd.size_bytes', 'd.evidence_version_id', 'b.verdict'])
    .where('d.obligation_id', '=', obligation.id)
    .where('d.submission_id', 'is', null)
    .orderBy('d.stored_at')
    .orderBy('d.name')
    .execute();
  if (type.files === 'required' && files.length === 0) faults.push({ field: 'files', code: 'file-required' });
  // Files that are still being checked may be filed: nobody misses a deadline because of our queue.
  if (files.some(({ verdict }) => verdict === 'refused')) faults.push({ field: 'files', code: 'file-refused' });
  const table = tableOf(type);
  const lines = table && (await checkLines(tx, obligation.id, table, { seen: '', nothing: false, ...filing.lines, word: (filing.answers[linesKeys.word] ?? '').trim() }));
  faults.push(...(lines?.faults ?? []));
  if (faults.length > 0) throw new InvalidInput(faults);
  const answers = { ...checked.answers, ...lines?.answers };
  const last = before.at(-1);
  if (last && (await isTheSame(tx, last, { answers, files, lines: lines?.isUnchanged ?? false }))) throw new Refusal<DraftRefusal>('nothing-changed');

  const id = randomUUID();
  const receiptNumber = await nextReceiptNumber(tx, context.municipality.receiptPrefix, now);
  await tx
    .insertInto('submission')
    .values({
      id,
      obligation_id: obligation.id,
      supplier_id: obligation.supplier_id,
      number: before.length + 1,
      answers: JSON.stringify(answers),
      submitted_by: actor.accountId,
      submitted_by_name: actor.name,
      submitted_at: now,
      receipt_number: receiptNumber,
      form_key: filing.formKey,
    })
    .execute();
  const sent = files.find((file) => file.evidence_version_id === null);
  if (sent && isCertificate(type)) {
    const version = await rememberEvidence(tx, actor, type, obligation, checked.answers, { ...sent, sizeBytes: sent.size_bytes }, now);
    await tx.updateTable('document').set({ evidence_version_id: version }).where('id', '=', sent.id).execute();
  }
  if (files.length > 0)
    await tx
      .updateTable('document')
      .set({ submission_id: id })
      .where(
        'id',
        'in',
        files.map((file) => file.id),
      )
      .execute();
  await tx.updateTable('obligation').set({ state: 'submitted' }).where('id', '=', obligation.id).execute();
  await tx.deleteFrom('draft').where('obligation_id', '=', obligation.id).execute();
  await endCorrection(tx, obligation.id);

  await queueMail(tx, receiptMail(context, { type, period: obligation.period, lot: obligation.lot, receiptNumber, id, submittedAt: now, actor, files, lang: filing.lang }));
  const rows = { ...obligation, receiptNumber, round: before.length + 1, submittedBy: actor.name, submittedAt: now, files, ...(await partiesTo(tx, obligation)) };
  const filed = { submissionId: id, supplierId: obligation.supplier_id, statement: statementOf(rows, context.municipality, context.types), answers };
  const sizes = files.map((file) => ({ sha256: file.sha256, bytes: file.size_bytes }));
  const detail = { obligation: obligation.id, receipt: receiptNumber, files: sizes, ...(actor.key && { key: actor.key.id }) };
  await issueReceipt(tx, context.signer, filed, 'submission.filed', detail);
  return id;
}

/** Whether a filing says what the last one said: the same answers, and the same files or the same lines in them. */
async function isTheSame(
  tx: Tx,
  last: { readonly id: string; readonly answers: unknown },
  now: { readonly answers: Answers; readonly files: readonly { readonly sha256: string }[]; readonly lines: boolean },
): Promise<boolean> {
  const before = Object.entries(last.answers as Answers);
  if (before.length !== Object.keys(now.answers).length || before.some(([key, value]) => now.answers[key] !== value)) return false;
  if (now.lines) return true;
  const files = await tx.selectFrom('document').select('sha256').where('submission_id', '=', last.id).execute();
  const sent = new Set(now.files.map(({ sha256 }) => sha256));
  return files.length === now.files.length && files.every(({ sha256 }) => sent.has(sha256));
}

async function partiesTo(tx: Tx, { agreement_id, supplier_id }: { readonly agreement_id: string; readonly supplier_id: string }) {
  const { name, cvr, ...agreement } = await tx
    .selectFrom('agreement as a')
    .innerJoin('supplier as s', (join) => join.on('s.id', '=', supplier_id))
    .select(['a.number', 'a.title_da', 'a.title_en', 's.name', 's.cvr'])
    .where('a.id', '=', agreement_id)
    .executeTakeFirstOrThrow();
  return { agreement, supplier: { name, cvr } };
}

/** <the municipality's letters>-2026-000123. Numbers of filings that were rolled back are left out. */
async function nextReceiptNumber(tx: Tx, prefix: string, now: Date): Promise<string> {
  const { rows } = await sql<{ next: number }>`select nextval('receipt_number_seq') as next`.execute(tx);
  return `${prefix}-${now.getUTCFullYear()}-${String(rows[0]?.next).padStart(6, '0')}`;
}
