import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type pg from 'pg';
import { from } from 'pg-copy-streams';

type Plain = string | number | boolean | null;
/** A row for `copyInto`: plain values and arrays of them. */
export type CopyRow = readonly (Plain | readonly Plain[])[];

/** So much text is gathered before it is sent. */
const pieceLength = 2 ** 16;

/**
 * Writes rows into a table by COPY, the fastest way in, in one transaction of its own that ends with `last`: all rows are there with
 * what it says, or none. What the rows throw ends it, and is thrown.
 */
export async function copyInto(
  pool: pg.Pool,
  target: string,
  rows: AsyncIterable<readonly CopyRow[]>,
  last: () => { readonly text: string; readonly values: readonly unknown[] },
): Promise<void> {
  const client = await pool.connect();
  try {
    // It lasts as long as its rows do, which may be longer than any other statement may take.
    await client.query('begin; set local statement_timeout = 0');
    const stream = client.query(from(`copy ${target} from stdin`));
    await pipeline(Readable.from(pieces(rows), { objectMode: true, highWaterMark: 2 }), stream);
    const { text, values } = last();
    await client.query(text, [...values]);
    await client.query('commit');
    client.release();
  } catch (error) {
    // Whatever the connection was in the middle of, PostgreSQL rolls it back when it ends.
    client.release(true);
    throw error;
  }
}

async function* pieces(rows: AsyncIterable<readonly CopyRow[]>): AsyncGenerator<string> {
  let piece = '';
  for await (const batch of rows) {
    for (const row of batch) piece += asLine(row);
    if (piece.length < pieceLength) continue;
    yield piece;
    piece = '';
  }
  if (piece !== '') yield piece;
}

function asLine(row: CopyRow): string {
  let line = '';
  for (let place = 0; place < row.length; place += 1) line += `${place > 0 ? '\t' : ''}${asField(row[place] as CopyRow[number])}`;
  return `${line}\n`;
}

function asField(value: CopyRow[number]): string {
  if (value === null) return '\\N';
  if (typeof value === 'string') return escaped(value);
  return typeof value === 'object' ? arrayOf(value) : String(value);
}

/** An array as PostgreSQL writes it, within a field of COPY: what is special to both is escaped for both. */
function arrayOf(values: readonly Plain[]): string {
  let text = '{';
  for (let place = 0; place < values.length; place += 1) {
    const value = values[place] as Plain;
    if (place > 0) text += ',';
    if (value === null) text += 'NULL';
    else if (typeof value !== 'string') text += value;
    else text += special.test(value) ? `"${escaped(value.replace(/[\\"]/g, '\\$&'))}"` : `"${value}"`;
  }
  return `${text}}`;
}

const special = /[\\"\t\n\r]/;
const escapes: Readonly<Record<string, string>> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' };

function escaped(text: string): string {
  return special.test(text) ? text.replace(/[\\\t\n\r]/g, (sign) => escapes[sign] ?? sign) : text;
}
