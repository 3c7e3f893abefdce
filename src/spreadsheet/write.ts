import { formula } from './guard.ts';
import { plainNumber } from './numbers.ts';
import { encoded, type Rows, streamOf, type Value } from './writing/byte-stream.ts';

export type { Rows, Value } from './writing/byte-stream.ts';
export type { MarkedCell, MarkedRow } from './writing/cells.ts';
export { annotatedXlsxStream, xlsxStream } from './writing/write-xlsx.ts';

/**
 * CSV as Danish Excel opens it: UTF-8 with a byte order mark, semicolons, \r\n, decimal commas, days as YYYY-MM-DD, 'true' and 'false'.
 * A text that would begin a formula gets an apostrophe in front. Rows are asked for only as fast as the stream is read.
 */
export function csvStream(head: readonly string[], rows: Rows): ReadableStream<Uint8Array> {
  async function* lines(): AsyncGenerator<string> {
    yield `\uFEFF${csvLine(head)}`;
    for await (const row of rows) yield csvLine(row);
  }
  return streamOf(encoded(lines()));
}

function csvLine(row: readonly Value[]): string {
  // A lone column shows no delimiter, so a reader has to guess one: none may stand outside quotes.
  const special = row.length === 1 ? /[;"\r\n,\t|]/ : /[;"\r\n]/;
  const cells = row.map((value) => {
    const text = csvText(value);
    return special.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  });
  return `${cells.join(';')}\r\n`;
}

function csvText(value: Value): string {
  if (typeof value === 'string') return formula.test(value) ? `'${value}` : value;
  if (typeof value === 'number') return Number.isFinite(value) ? plainNumber(value).replace('.', ',') : '';
  if (value instanceof Date) return value.toISOString().slice(0, 10);
  return value === null ? '' : String(value);
}
