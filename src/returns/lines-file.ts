import type { TableColumn, TableField } from '../followup/obligation-type.ts';
import { csvStream, type Value } from '../spreadsheet/write.ts';
import type { CellValue } from './reading/cells.ts';
import { readNumber } from './reading/numbers.ts';

/** A line as a door brings it: for each column of the return what its cell holds, a text as it was written or a value; null for an empty cell. */
export type WrittenLine = readonly CellValue[];

/**
 * Lines that came in without a file, as the file that is kept of them: the return's own columns, in a spelling that reads back as what was
 * given. So every door leaves a file, and all lines go one way from there: read, checked, added up, shown on the receipt.
 */
export function linesFile({ columns }: TableField, lines: AsyncIterable<WrittenLine> | Iterable<WrittenLine>): ReadableStream<Uint8Array> {
  async function* rows(): AsyncGenerator<Value[]> {
    for await (const line of lines) yield columns.map((column, at) => spelled(column, line[at] ?? null));
  }
  return csvStream(
    columns.map(({ header }) => header.da),
    rows(),
  );
}

/** How a value is spelled in that file. A text stays as it is but for line ends, so that a line is a line. */
export function spelled({ type }: Pick<TableColumn, 'type'>, value: CellValue): Value {
  if (typeof value === 'boolean') return value ? 'ja' : 'nej';
  if (typeof value === 'number') {
    const text = String(value).replace('.', ',');
    // 1,234 might be a thousand: 1,2340 cannot.
    return readNumber(text) === 'ambiguous-number' ? `${text}0` : value;
  }
  if (typeof value !== 'string') return null;
  const line = value.replace(/[\r\n\t]+/g, ' ').trim();
  return /^-\d/.test(line) && (type === 'number' || type === 'money') ? asNumber(line) : line;
}

/** A negative number would get an apostrophe in front, as a text that begins a formula. */
function asNumber(text: string): Value {
  const number = readNumber(text);
  return typeof number === 'number' ? spelled({ type: 'number' }, number) : text;
}
