import type { Tx } from '../platform/db.ts';
import type { Fault } from '../platform/refusal.ts';
import type { Answers } from './answers.ts';
import type { LinesDifference } from './correction/correct.ts';
import type { TableField } from './obligation-type.ts';

/** Why lines cannot be filed as they stand. */
export type LinesFault =
  | 'lines-required'
  | 'lines-in-one-file'
  | 'lines-being-read'
  | 'lines-unreadable'
  | 'lines-to-mend'
  | 'lines-changed'
  | 'lines-and-nothing'
  | 'lines-word-required'
  | 'too-long';

/** What somebody files of a return: the lines whose totals they saw, or that there are none. */
export interface FiledLines {
  /** The return_file of the page from which it is filed; empty when it showed none. */
  readonly seen: string;
  readonly nothing: boolean;
  /** Why they add up to something quite different from last time. */
  readonly word: string;
}

/** Where the answers of a filing say that there were no lines, and else how many and what they add up to. */
export const linesKeys = {
  nothing: 'noLines',
  count: 'lineCount',
  total: 'totalOere',
  ecolabel: 'ecolabelOere',
  offContract: 'offContractOere',
  buyers: 'buyers',
  word: 'whyOtherThanLastTime',
} as const;

const longestWord = 500;

/** What has been read of the files in a draft. */
export function draftLines(tx: Tx, obligationId: string) {
  return tx
    .selectFrom('return_file as f')
    .innerJoin('document as d', 'd.id', 'f.document_id')
    .select(['f.id', 'd.id as document_id', 'd.name', 'd.kind', 'd.sha256', 'f.state', 'f.line_count', 'f.report', 'f.refusal', 'f.difference'])
    .where('f.obligation_id', '=', obligationId)
    .where('d.submission_id', 'is', null)
    .orderBy('f.made_at')
    .execute();
}

/** What was filed for the latest period before this one, under the same agreement. */
export interface LastTime {
  readonly period: string;
  readonly totalOere: number;
}

export async function lastTime(tx: Tx, obligationId: string): Promise<LastTime | null> {
  const found = await tx
    .selectFrom('obligation as now')
    .innerJoin('obligation as o', (join) =>
      join
        .onRef('o.agreement_id', '=', 'now.agreement_id')
        .onRef('o.supplier_id', '=', 'now.supplier_id')
        .onRef('o.type', '=', 'now.type')
        .onRef('o.requirement_id', '=', 'now.requirement_id')
        .on('o.lot', 'is not distinct from', (eb) => eb.ref('now.lot'))
        .onRef('o.period', '<', 'now.period'),
    )
    .innerJoin('submission as s', 's.obligation_id', 'o.id')
    .select(['o.period', 's.answers'])
    .where('now.id', '=', obligationId)
    .where('o.state', 'in', ['submitted', 'under_review', 'accepted'])
    .where('s.erased_at', 'is', null)
    .orderBy('o.period', 'desc')
    .orderBy('s.number', 'desc')
    .limit(1)
    .executeTakeFirst();
  const totalOere = (found?.answers as Answers | undefined)?.[linesKeys.total];
  return found?.period && typeof totalOere === 'number' ? { period: found.period, totalOere } : null;
}

/** Half as much again, or half, of an amount that matters: worth a word from the one who knows. Amounts in øre. */
const unusualChange = 0.5;
const smallestChange = 100_000;

export function isUnusual(before: LastTime | null, totalOere: number): boolean {
  if (before === null || before.totalOere === 0) return false;
  const change = Math.abs(totalOere - before.totalOere);
  return change >= smallestChange && change > Math.abs(before.totalOere) * unusualChange;
}

export interface CheckedLines {
  readonly answers: Answers;
  readonly faults: Fault<LinesFault>[];
  /** They are those that were filed before, in whatever order. */
  readonly isUnchanged: boolean;
}

/** Checks that the lines of a draft can be filed, and gives what they add up to as answers. */
export async function checkLines(tx: Tx, obligationId: string, table: TableField, { seen, nothing, word }: FiledLines): Promise<CheckedLines> {
  const [file, ...others] = await draftLines(tx, obligationId);
  const fault = (code: LinesFault) => ({ answers: {}, faults: [{ field: 'files', code }], isUnchanged: false });
  if (!file) {
    if (nothing && table.nothing) return { answers: { [linesKeys.nothing]: true }, faults: [], isUnchanged: false };
    return table.required ? fault('lines-required') : { answers: {}, faults: [], isUnchanged: false };
  }
  if (nothing) return fault('lines-and-nothing');
  if (others.length > 0) return fault('lines-in-one-file');
  if (file.state === 'waiting') return fault('lines-being-read');
  if (file.state === 'unreadable') return fault('lines-unreadable');
  const { rows, errors, totals } = file.report as { rows: number; errors: number; totals: { totalOere: number; ecolabelOere: number; offContractOere: number; uniqueGln: number } };
  if (errors > 0) return fault('lines-to-mend');
  // What is filed is what its sender saw added up.
  if (seen !== file.id) return fault('lines-changed');
  const isOther = table.checks.totals !== undefined && isUnusual(await lastTime(tx, obligationId), totals.totalOere);
  if (isOther && word === '') return { ...fault('lines-word-required'), faults: [{ field: 'word', code: 'lines-word-required' }] };
  if (word.length > longestWord) return { ...fault('too-long'), faults: [{ field: 'word', code: 'too-long' }] };
  const { count, total, ecolabel, offContract, buyers } = linesKeys;
  const sums = table.checks.totals ? { [total]: totals.totalOere, [ecolabel]: totals.ecolabelOere, [offContract]: totals.offContractOere, [buyers]: totals.uniqueGln } : {};
  const difference = file.difference as Pick<LinesDifference, 'added' | 'removed' | 'changed'> | null;
  const isUnchanged = difference !== null && difference.added + difference.removed + difference.changed === 0;
  return { answers: { [count]: rows, ...sums, ...(isOther && { [linesKeys.word]: word }) }, faults: [], isUnchanged };
}
