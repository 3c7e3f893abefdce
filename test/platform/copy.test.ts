import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { sql } from 'kysely';
import pg from 'pg';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { copyInto } from '../../src/platform/postgres/copy.ts';
import { type CopyRow, copyWriter } from '../../src/platform/postgres/copy-text.ts';
import { atEnd } from '../support/clean-up.ts';
import { freshDatabase, type TestDatabase } from '../support/database.ts';

let database: TestDatabase;
let pool: pg.Pool;
beforeAll(async () => {
  database = await freshDatabase('migrated');
  await sql`create table copied (id integer, word text, cells text[]); create table told (word text)`.execute(database.owner.db);
  pool = new pg.Pool({ connectionString: database.ownerUrl, max: 1, statement_timeout: 300 });
  atEnd(() => pool.end());
});
beforeEach(async () => {
  await sql`truncate copied, told`.execute(database.owner.db);
});

async function* from(...batches: CopyRow[][]): AsyncGenerator<CopyRow[]> {
  yield* batches;
}
const last = () => ({ text: 'insert into told values ($1)', values: ['alt'] });
async function* asText(batches: AsyncIterable<CopyRow[]>): AsyncGenerator<Buffer> {
  const write = copyWriter();
  for await (const rows of batches) yield Buffer.from(rows.map(write).join(''));
}
const into = (rows: AsyncIterable<CopyRow[]>) => copyInto({ pool, target: 'copied (id, word, cells)', pieces: asText(rows), last });
async function kept(): Promise<{ rows: unknown[]; told: number }> {
  const { db } = database.owner;
  const { rows } = await sql<{ id: number; word: string | null; cells: (string | null)[] }>`select * from copied order by id`.execute(db);
  const told = await sql<{ count: number }>`select count(*) from told`.execute(db);
  return { rows: rows.map(({ id, word, cells }) => [id, word, cells]), told: told.rows[0]?.count ?? 0 };
}

describe('rows that are copied in', () => {
  test('are the same afterwards, whatever signs stand in them', async () => {
    // PostgreSQL keeps no NUL, and half a pair of UTF-16 is no text.
    const signs = fc.oneof(fc.constantFrom('\\', '"', '\t', '\n', '\r', '{', '}', ',', 'NULL', '\\N', '\\.', ' ', 'æ', '😀'), fc.string({ unit: 'grapheme' }));
    const word = fc.array(signs, { maxLength: 6 }).map((parts) => parts.join('').replaceAll('\0', '').toWellFormed());
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(fc.option(word), fc.array(fc.option(word), { maxLength: 4 })), { maxLength: 20 }), async (given) => {
        await sql`truncate copied`.execute(database.owner.db);
        const rows = given.map(([text, cells], id): CopyRow => [id, text, cells]);
        await into(from(rows.slice(0, 3), rows.slice(3)));
        expect((await kept()).rows).toEqual(rows);
      }),
      { numRuns: 150 },
    );
  });

  test('are none of them there when a later one cannot be had, and the connection is of use to the next', async () => {
    async function* breaking(): AsyncGenerator<CopyRow[]> {
      for (let id = 0; id < 5_000; id += 1) yield [[id, 'x'.repeat(100), []]];
      throw new Error('ikke flere');
    }
    await expect(into(breaking())).rejects.toThrow('ikke flere');
    await expect(into(from([['ikke et tal' as unknown as number, '', []]]))).rejects.toThrow(/integer/);
    expect(await kept()).toEqual({ rows: [], told: 0 });
    await into(from([[1, null, []]]));
    expect(await kept()).toEqual({ rows: [[1, null, []]], told: 1 });
  });

  test('may take longer than any other statement', async () => {
    async function* slow(): AsyncGenerator<CopyRow[]> {
      yield [[1, 'først', []]];
      await sleep(600);
      yield [[2, 'sidst', []]];
    }
    await expect(pool.query('select pg_sleep(1)')).rejects.toThrow(/statement timeout/);
    await into(slow());
    expect((await kept()).told).toBe(1);
  });
});
