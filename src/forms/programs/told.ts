import type { APIContext } from 'astro';
import type { App } from '../../app.ts';
import type { Answers } from '../../followup/answers.ts';
import { linesKeys } from '../../followup/lines.ts';
import { type ObligationType, typeOf } from '../../followup/obligation-type.ts';
import { taskOf, type WholeObligation } from '../../followup/queries.ts';
import { pathTo } from '../../i18n/routes.ts';
import type { KeyActor } from '../../identity/keys/use.ts';
import type { ProblemError } from '../../opendata/lists/schemas.ts';
import type { DraftReturn } from '../../returns/kept/queries.ts';
import { reportForMachines } from '../../returns/programs/report.ts';
import { programFields } from '../../returns/programs/schema.ts';
import { refusalWords } from '../../returns/refusal.ts';
import type { Asked } from '../../returns/register.ts';
import { privateJson, privateProblem } from '../../web/machine.ts';
import { linesOf } from '../supplier/task-lines.ts';
import { toldObligation } from './obligations.ts';

/** What the lines of a task are held against. */
export const askedOf = (task: WholeObligation): Asked => ({ supplier: task.supplier_cvr, agreement: task.agreement_number, period: task.period ?? undefined });

/** The lines that lie in a draft, as far as they have been read. */
export function toldLines(task: WholeObligation, { id, name, state, lineCount, report, refusal }: DraftReturn, fromLines = false) {
  const read = report && reportForMachines(task.type, askedOf(task), report, fromLines);
  return {
    id,
    file: name,
    state,
    rows: lineCount,
    canBeFiled: read?.canBeFiled ?? false,
    totals: read?.totals ?? null,
    errorCount: read?.errorCount ?? (refusal ? 1 : 0),
    warningCount: read?.warningCount ?? 0,
    kinds: read?.kinds ?? [],
    errors: refusal ? [refusalOf(refusal)] : (read?.errors ?? []),
  };
}

/** Why lines cannot be read. */
function refusalOf(refusal: NonNullable<DraftReturn['refusal']>): ProblemError {
  const { code, line } = refusal;
  return { code, severity: 'error', ...(line !== null && { row: line }), message_da: refusalWords(refusal, 'da'), message_en: refusalWords(refusal, 'en') };
}

type Submission = WholeObligation['submissions'][number];

/** What was filed: answers as they are kept, money in whole øre, and what the lines add up to. */
export function toldSubmission(type: ObligationType, submission: Submission, { config }: Pick<App, 'config'>) {
  const answers = submission.answers as Answers;
  const { nothing, count, total, ecolabel, offContract, buyers } = linesKeys;
  const totals = { rows: answers[count], totalOere: answers[total], ecolabelOere: answers[ecolabel], offContractOere: answers[offContract], uniqueGln: answers[buyers] };
  return {
    id: submission.id,
    number: submission.number,
    receiptNumber: submission.receipt_number,
    receipt: new URL(pathTo('receipt', 'da', { id: submission.id }), config.siteUrl).href,
    filedAt: new Date(submission.submitted_at).toISOString(),
    filedBy: submission.submitted_by_name,
    decision: submission.decision,
    decidedAt: submission.decided_at && new Date(submission.decided_at).toISOString(),
    reason: submission.reason,
    newDueOn: submission.new_due_on,
    nothing: answers[nothing] === true,
    totals: answers[count] === undefined ? null : { ...totals, currency: 'DKK' },
    answers: Object.fromEntries(programFields(type).flatMap(({ key }) => (answers[key] === undefined ? [] : [[key, answers[key]]]))),
    currency: 'DKK',
  };
}

/** What lies in the draft of an obligation, and what has been filed, newest first. */
export async function tellReturns(context: APIContext, actor: KeyActor): Promise<Response> {
  const { app } = context.locals;
  const task = await taskOf(app.db, actor, context.params['id'] ?? '');
  if (!task) return privateProblem(context, 'not-found');
  const type = typeOf(app.types, task.type);
  const lines = await linesOf(context.locals, task, 0);
  return privateJson({
    obligation: toldObligation(task, app),
    draft: { savedAt: task.draft_saved_at?.toISOString() ?? null, lines: (lines?.returns ?? []).map((each) => toldLines(task, each)) },
    submissions: task.submissions.map((submission) => toldSubmission(type, submission, app)),
  });
}
