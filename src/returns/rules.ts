import type { TableField } from '../followup/obligation-type.ts';
import { addDays } from '../platform/clock.ts';
import { unguarded } from '../spreadsheet/guard.ts';
import type { Cell, Row } from '../spreadsheet/sheet.ts';
import { type Finding, type FindingCode, isError } from './findings.ts';
import { type CellReader, type CellValue, type Reading, readerFor } from './reading/cells.ts';
import type { Layout } from './reading/columns.ts';
import { daysOf } from './reading/days.ts';
import { seenLines } from './reading/duplicates.ts';
import type { Asked, RegisterFacts } from './register.ts';

export interface CheckedRow {
  readonly line: number;
  /** By the place of the column in the return; null where there is nothing, or nothing that can be read. */
  readonly values: readonly CellValue[];
  readonly findings: readonly Finding[];
  /** It is a line of the return: not a sum below them. */
  readonly counts: boolean;
}

export interface Rules {
  readonly table: TableField;
  readonly layout: Layout;
  readonly asked: Asked;
  readonly facts: RegisterFacts;
  /** The day in Denmark. */
  readonly today: string;
}

/** A line's amount may differ from quantity times price by what rounding to øre can make of it. */
const amountTolerance = 0.05;
/** Days that no line of a return has: our own start of time, and how far ahead a delivery may lie. */
const firstDay = '2000-01-01';
const daysAhead = 400;

/**
 * Checks one line after the other, and each against those before it. A cell has at most one finding: the first of format, check digit,
 * register and arithmetic, where an error takes the place of a warning.
 */
export function rowChecker({ table, layout, asked, facts, today }: Rules): (row: Row) => CheckedRow {
  const { columns, checks } = table;
  const indexOf = (key: string | undefined): number => columns.findIndex((column) => column.key === key);
  const readers: readonly CellReader[] = columns.map((column) => readerFor(column, facts.cpvCodes));
  const remembered: { cell: Cell | undefined; text: string; reading: Reading }[] = columns.map(() => ({ cell: undefined, text: '', reading: { value: null } }));
  const ofType = (type: string): number => columns.findIndex((column) => column.type === type);
  const [periodAt, cvrAt, agreementAt] = [ofType('period'), ofType('cvr'), ofType('agreement')];
  const days = columns.flatMap((column, at) => (column.type === 'date' ? [{ at, inside: column.inside === 'period' }] : []));
  const product = checks.product && { amount: indexOf(checks.product.amount), quantity: indexOf(checks.product.quantity), price: indexOf(checks.product.price) };
  const lastDay = addDays(today, daysAhead);
  const seen = seenLines();
  const width = layout.header.length;

  let line = 0;
  let values: CellValue[] = [];
  const texts: string[] = [];
  /** The line in another spelling has the same words. */
  const words: (string | number | boolean)[] = [];
  let found: (Finding | undefined)[] = [];
  let any = false;

  function note(at: number, code: FindingCode, detail = ''): void {
    const before = found[at];
    if (before && (isError(before) || !isError({ code }))) return;
    found[at] = { line, place: layout.places[at] ?? null, column: columns[at]?.header.da ?? null, code, found: (texts[at] ?? '').slice(0, 200), detail };
    any = true;
  }

  function readCells(cells: Row['cells']): void {
    for (let at = 0; at < columns.length; at += 1) {
      const place = layout.places[at] ?? -1;
      const cell = place < 0 ? undefined : cells[place];
      let last = remembered[at];
      // A cell that says the same as the one above is the same.
      if (!last || last.cell !== cell || !cell) {
        const text = cell ? unguarded(cell.text.trim()) : '';
        last = { cell, text, reading: !cell || text === '' ? nothing : readingOf(at, text, cell) };
        remembered[at] = last;
      }
      const { text, reading } = last;
      texts[at] = text;
      values[at] = reading.value;
      if (text === '' && place >= 0 && columns[at]?.required) note(at, 'required');
      if (reading.code) note(at, reading.code, reading.detail);
    }
  }

  function readingOf(at: number, text: string, cell: Cell): Reading {
    return cell.formula && text.startsWith('#') ? { value: null, code: 'formula-error' } : (readers[at] as CellReader)(text, cell);
  }

  function againstRegister(): void {
    const [period, cvr, agreement] = [values[periodAt], values[cvrAt], values[agreementAt]];
    if (asked.supplier !== undefined && typeof cvr === 'string' && cvr !== asked.supplier) note(cvrAt, 'wrong-organisation', asked.supplier);
    if (asked.agreement !== undefined && typeof agreement === 'string' && agreement.toLowerCase() !== asked.agreement.toLowerCase())
      note(agreementAt, 'wrong-agreement', asked.agreement);
    if (typeof period !== 'string') return;
    const { from, to } = daysOf(period);
    if (asked.period !== undefined && period !== asked.period) note(periodAt, 'wrong-period', asked.period);
    else if (from > today) note(periodAt, 'period-in-future');
    else if (facts.agreement && (to < facts.agreement.from || from > facts.agreement.to))
      note(periodAt, 'period-outside-agreement', `${facts.agreement.from}/${facts.agreement.to}`);
  }

  function againstEachOther(): void {
    const period = values[periodAt];
    const quarter = typeof period === 'string' ? period : asked.period;
    const bounds = quarter === undefined ? undefined : daysOf(quarter);
    for (const { at, inside } of days) {
      const day = values[at];
      if (typeof day !== 'string') continue;
      if (inside && bounds) {
        if (day < bounds.from || day > bounds.to) note(at, 'date-outside-period', quarter);
      } else if (day < firstDay || day > lastDay) note(at, 'date-implausible');
    }
    if (!product) return;
    const [amount, quantity, price] = [values[product.amount], values[product.quantity], values[product.price]];
    if (typeof amount !== 'number' || typeof quantity !== 'number' || typeof price !== 'number') return;
    const expected = quantity * price;
    // What a sum of binary fractions is off by must not count.
    if (Math.abs(expected - amount) > amountTolerance + Math.abs(expected) * 1e-12 + 1e-9) note(product.amount, 'amount-mismatch', String(Math.round(expected * 100) / 100));
  }

  return (row) => {
    line = row.line;
    values = [];
    // Used again for each line: every place of it is written anew.
    if (any) found = [];
    any = false;
    if (isTotal(row)) {
      const finding: Finding = { line, place: null, column: null, code: 'total-line', found: textOf(row), detail: '' };
      return { line, values, findings: [finding], counts: false };
    }
    readCells(row.cells);
    againstRegister();
    againstEachOther();
    const findings = any ? found.filter((each) => each !== undefined) : [];
    const whole = { line, place: null, column: null };
    for (let at = 0; at < columns.length; at += 1) words[at] = values[at] ?? texts[at] ?? '';
    const first = seen.firstLineOf(words, line);
    if (first !== undefined) findings.push({ ...whole, code: 'duplicate-line', found: '', detail: String(first) });
    if (row.cells.length > width) findings.push({ ...whole, code: 'cells-beyond', found: textOf({ ...row, cells: row.cells.slice(width) }), detail: '' });
    return { line, values, findings, counts: true };
  };
}

const nothing: Reading = { value: null };

const textOf = ({ cells }: Row): string =>
  cells
    .map(({ text }) => text.trim())
    .filter(Boolean)
    .join(' ')
    .slice(0, 200);

/** A sum that somebody has put below the lines: little more than a word for it and an amount. */
function isTotal({ cells }: Row): boolean {
  let filled = 0;
  let word = false;
  for (const { text } of cells) {
    if (text === '') continue;
    filled += 1;
    if (filled > 4) return false;
    word ||= /^(i alt|ialt|total|sum|subtotal|grand total)\b/i.test(text.trim());
  }
  return word;
}
