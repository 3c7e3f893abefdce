import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type pg from 'pg';
import { from } from 'pg-copy-streams';

/**
 * PostgreSQL looks at the references of all rows when a COPY ends, and takes nothing in meanwhile: several shorter ones, and pieces that
 * are made while it looks, keep both sides at work.
 */
const partLength = 1_000_000;
const piecesAhead = 12;

interface Statement {
  readonly text: string;
  readonly values: readonly unknown[];
}

export interface Copying {
  readonly pool: pg.Pool;
  /** The table, and its columns in brackets. */
  readonly target: string;
  /** Whole lines, as copyWriter writes them, in UTF-8. */
  readonly pieces: AsyncIterable<Buffer>;
  /** Said before the first row, in the same transaction: what its defaults need. */
  readonly first?: Statement;
  /** Said after the last. */
  readonly last: () => Statement;
}

/**
 * Writes rows into a table by COPY, the fastest way in, in one transaction of its own that ends with `last`: all rows are there with
 * what it says, or none. What the pieces throw ends it, and is thrown.
 */
export async function copyInto({ pool, target, pieces, first, last }: Copying): Promise<void> {
  const client = await pool.connect();
  try {
    // It lasts as long as its rows do, which may be longer than any other statement may take.
    await client.query('begin; set local statement_timeout = 0');
    if (first) await client.query(first.text, [...first.values]);
    const source: AsyncIterator<Buffer> = Readable.from(pieces, { objectMode: true, highWaterMark: piecesAhead })[Symbol.asyncIterator]();
    for (let next = await source.next(); !next.done; next = await source.next()) {
      const stream = client.query(from(`copy ${target} from stdin`));
      await pipeline(Readable.from(partOf(source, next.value), { objectMode: true, highWaterMark: 2 }), stream);
    }
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

/** The pieces of one COPY: the first, and those behind it until it is long enough. */
async function* partOf(source: AsyncIterator<Buffer>, first: Buffer): AsyncGenerator<Buffer> {
  yield first;
  for (let length = first.length; length < partLength; ) {
    const { done, value } = await source.next();
    if (done) return;
    length += value.length;
    yield value;
  }
}
