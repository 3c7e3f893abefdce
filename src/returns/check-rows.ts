import type { TableField } from '../followup/obligation-type.ts';
import type { Row } from '../spreadsheet/sheet.ts';
import { type Finding, type FindingCode, isError } from './findings.ts';
import { headerScore, type Layout, layoutOf } from './reading/columns.ts';
import type { Asked, RegisterFacts } from './register.ts';
import { type CheckedRow, rowChecker } from './rules.ts';
import { type Totals, totalsOf } from './totals.ts';

/** What a return is held against. Plain data but for the set of codes, so that a process of its own can check. */
export interface Against {
  readonly table: TableField;
  readonly asked: Asked;
  readonly facts: RegisterFacts;
  /** The day in Denmark. */
  readonly today: string;
}

/** A file that can be read but in which no row names the columns of the return; `found` is its first row. */
export class NoHeader extends Error {
  readonly found: string;

  constructor(found: string) {
    super('no row of the file names the columns of the return');
    this.found = found;
  }
}

/** Rows above the header that may hold a title, and how many columns a header names at least. */
const mostAbove = 20;
const fewestNames = 3;

export interface OpenReturn {
  readonly layout: Layout;
  /** The rows above the header, then the header's, as they stand in the file. */
  readonly above: readonly Row[];
  /** The rows below it, some hundred at a time. Ends the reading when the iteration ends. */
  readonly batches: AsyncGenerator<readonly Row[]>;
}

/** Finds the header among the first rows. Throws NoHeader, and what reading them throws. */
export async function openRows(source: AsyncGenerator<readonly Row[]>, table: TableField): Promise<OpenReturn> {
  const first: Row[] = [];
  try {
    while (first.length < mostAbove) {
      const { value, done } = await source.next();
      if (done) break;
      first.push(...value);
    }
    const scores = first.slice(0, mostAbove).map((row) => headerScore(table, textsOf(row)));
    const best = scores.indexOf(Math.max(...scores, fewestNames));
    const header = first[best];
    if (!header)
      throw new NoHeader(
        textsOf(first[0] ?? { line: 1, cells: [] })
          .join('; ')
          .slice(0, 200),
      );
    return { layout: layoutOf(table, textsOf(header), header.line), above: first.slice(0, best + 1), batches: rest(first.slice(best + 1), source) };
  } catch (error) {
    await source.return(undefined);
    throw error;
  }
}

async function* rest(first: readonly Row[], source: AsyncGenerator<readonly Row[]>): AsyncGenerator<readonly Row[]> {
  try {
    yield first;
    for await (const rows of source) yield rows;
  } finally {
    await source.return(undefined);
  }
}

const textsOf = (row: Row): string[] => row.cells.map(({ text }) => text);

export interface RowAndCheck {
  readonly row: Row;
  readonly checked: CheckedRow;
}

/** A return whose rows have been checked, or will be as they are asked for. */
export interface CheckedReturn {
  readonly layout: Layout;
  readonly above: readonly Row[];
  readonly headerFindings: readonly Finding[];
  readonly batches: AsyncGenerator<RowAndCheck[]>;
}

/** Every row of a return with what was found in it, in batches, and what was found in its header. Throws as the reading does. */
export function checkOpened({ layout, above, batches }: OpenReturn, { table, asked, facts, today }: Against): CheckedReturn {
  const check = rowChecker({ table, layout, asked, facts, today });
  async function* checkedBatches(): AsyncGenerator<RowAndCheck[]> {
    for await (const rows of batches) yield rows.map((row) => ({ row, checked: check(row) }));
  }
  return { layout, above, headerFindings: [...layout.findings, ...ofTheWhole({ asked, facts }, layout.headerLine)], batches: checkedBatches() };
}

/** What is wrong whatever the lines say. */
function ofTheWhole({ asked, facts }: Pick<Against, 'asked' | 'facts'>, line: number): Finding[] {
  const isStranger = facts.agreement && asked.supplier !== undefined && !facts.agreement.suppliers.includes(asked.supplier);
  return isStranger ? [{ line, place: null, column: null, code: 'supplier-not-on-agreement', found: asked.supplier ?? '', detail: asked.agreement ?? '' }] : [];
}

export interface Report {
  readonly header: readonly string[];
  /** Cells of the longest row. */
  readonly width: number;
  /** Lines of the return. */
  readonly rows: number;
  readonly totals: Totals;
  /** How often each kind was found, in each column: the most frequent first, errors before warnings. */
  readonly kinds: readonly { readonly code: FindingCode; readonly column: string | null; readonly count: number; readonly firstLine: number }[];
  readonly errors: number;
  readonly warnings: number;
  /** The first findings, in the order of the file. */
  readonly findings: readonly Finding[];
  /** An agreement was asked about that the register does not have: no rule about it was applied. */
  readonly unknownAgreement: boolean;
}

/** Checked lines, and how many errors there are up to them. */
export interface CheckedBatch {
  readonly rows: readonly CheckedRow[];
  readonly errors: number;
}

/** Reads a return to its end and tells what it holds, handing its lines over as they are checked; those that are sums below the others are among them. */
export async function* reportOn(
  { layout, headerFindings, batches }: CheckedReturn,
  context: Pick<Against, 'table' | 'asked' | 'facts'>,
  mostFindings: number,
): AsyncGenerator<CheckedBatch, Report, undefined> {
  const totals = totalsOf(context.table);
  const kinds = new Map<string, { code: FindingCode; column: string | null; count: number; firstLine: number }>();
  const findings: Finding[] = [];
  let count = 0;
  let width = layout.header.length;
  let errors = 0;
  let warnings = 0;
  const add = (finding: Finding): void => {
    const key = `${finding.code} ${finding.column}`;
    const kind = kinds.get(key);
    if (kind) kind.count += 1;
    else kinds.set(key, { code: finding.code, column: finding.column, count: 1, firstLine: finding.line });
    if (isError(finding)) errors += 1;
    else warnings += 1;
    if (findings.length < mostFindings) findings.push(finding);
  };
  headerFindings.forEach(add);
  for await (const batch of batches) {
    for (const { row, checked } of batch) {
      width = Math.max(width, row.cells.length);
      checked.findings.forEach(add);
      if (!checked.counts) continue;
      count += 1;
      totals.add(checked.values);
    }
    yield { rows: batch.map(({ checked }) => checked), errors };
  }
  if (count === 0) add({ line: layout.headerLine, place: null, column: null, code: 'no-lines', found: '', detail: '' });
  const sorted = [...kinds.values()].sort((a, b) => Number(isError(b)) - Number(isError(a)) || b.count - a.count || a.firstLine - b.firstLine);
  const unknownAgreement = context.asked.agreement !== undefined && context.facts.agreement === null;
  return { header: layout.header, width, rows: count, totals: totals.sum(), kinds: sorted, errors, warnings, findings, unknownAgreement };
}
