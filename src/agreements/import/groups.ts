import type { Row } from '../../spreadsheet/read.ts';
import { type ColumnField, columnFields, headerScore, type Mapping } from './columns.ts';

/** Lines of one number below each other: one agreement with several suppliers. */
export interface Group {
  readonly rows: readonly [Row, ...Row[]];
  /** Lines of the same number that say something else than the first, and the one with which there are too many: they are no part of it. */
  readonly others: readonly number[];
}

/** Lines of one number; more are a list without numbers, and would all have to be kept until the last. */
const mostLines = 200;

/** What lines of one number may differ in. */
const supplierFields: readonly ColumnField[] = ['supplierName', 'supplierCvr', 'supplierTown'];

/** Gathers the lines of a list, each agreement once; `skip` is told of lines that are no agreement: totals, a second header. */
export async function* groupsOf(rows: AsyncIterable<Row>, mapping: Mapping, skip: (line: number) => void): AsyncGenerator<Group> {
  const same = columnFields.filter((field) => !supplierFields.includes(field)).flatMap((field) => mapping[field] ?? []);
  const numberOf = (row: Row): string => textAt(row, mapping.number);
  let group: { rows: [Row, ...Row[]]; others: number[] } | undefined;
  for await (const row of rows) {
    if (isNoAgreement(row, mapping)) {
      skip(row.line);
      continue;
    }
    const first = group?.rows[0];
    if (!group || !first || numberOf(row) === '' || numberOf(row) !== numberOf(first)) {
      if (group) yield group;
      group = { rows: [row], others: [] };
      continue;
    }
    const before = group.rows.length + group.others.length;
    if (before > mostLines) continue;
    const fits = before < mostLines && same.every((place) => ['', textAt(first, place)].includes(textAt(row, place)));
    if (fits) group.rows.push(row);
    else group.others.push(row.line);
  }
  if (group) yield group;
}

const textAt = (row: Row, place: number | undefined): string => (row.cells[place ?? -1]?.text ?? '').trim();

/** A line of totals, or a header that is repeated. */
function isNoAgreement(row: Row, mapping: Mapping): boolean {
  const text = (field: ColumnField): string => textAt(row, mapping[field]);
  const first = row.cells.find((cell) => cell.text.trim() !== '')?.text.trim() ?? '';
  if (/^(i alt|total|sum|antal)\b/i.test(first) && text('startsOn') === '') return true;
  if (text('number') === '' && text('titleDa') === '' && text('supplierName') === '' && text('supplierCvr') === '') return true;
  return !/\d/.test(text('number') + text('startsOn')) && headerScore(row.cells.map((cell) => cell.text)) >= 3;
}
