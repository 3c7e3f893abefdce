import { sql } from 'kysely';
import type { Db } from '../../platform/db.ts';
import type { Files, HeldFile } from '../../platform/files/files.ts';
import type { Log } from '../../platform/log.ts';
import { isNeeded, noteFound } from './reread.ts';

/** How the rows of the database and the contents of the store go together. Contents are counted, however many rows refer to each. */
export interface Reconciliation {
  /** Contents that rows refer to, and those of them that the store has with the same size. */
  readonly referred: number;
  readonly matched: number;
  readonly held: number;
  readonly heldBytes: number;
  /** Held, and no row refers to them: removed when their time of grace is over. */
  readonly unreferenced: number;
  readonly unreferencedBytes: number;
  /** Held, and the database had never heard of them, or took them for removed. */
  readonly unknown: number;
  /** Referred to and not in the store, or there with another size; the first of many are named. */
  readonly missing: Wrong;
  readonly otherSize: Wrong;
}

interface Wrong {
  readonly count: number;
  readonly named: readonly string[];
}

/** When more than this are wrong it is not single files that are: the store itself is away, or another one. */
const mostNamed = 1000;
const batchSize = 1000;

/**
 * Compares what rows refer to with what the store lists, one to one. The listing goes through a temporary table, so that
 * memory stays flat. What looks wrong is looked at once more by itself, since files come and go meanwhile; what stays
 * wrong is noted with the file, and logged.
 */
export function reconcile(db: Db, files: Files, now: Date, log: Log): Promise<Reconciliation> {
  return db.connection().execute(async (one) => {
    await sql`create temporary table listing (sha256 text primary key, size_bytes bigint not null)`.execute(one);
    try {
      await takeListing(one, files);
      const unknown = await takeUnknown(one, files, now);
      const missing = await wrongOnes(one, 'missing', async (sha256) => (await files.stat(sha256)) === null, now, log);
      const otherSize = await wrongOnes(one, 'damaged', async (sha256) => !(await hasItsSize(one, files, sha256)), now, log);
      return { ...(await totals(one, missing.count + otherSize.count)), unknown, missing, otherSize };
    } finally {
      await sql`drop table listing`.execute(one);
    }
  });
}

async function takeListing(one: Db, files: Files): Promise<void> {
  let batch: HeldFile[] = [];
  const flush = async (): Promise<void> => {
    await sql`
      insert into listing select * from unnest(${batch.map(({ sha256 }) => sha256)}::text[], ${batch.map(({ sizeBytes }) => sizeBytes)}::bigint[])
      on conflict (sha256) do nothing`.execute(one);
    batch = [];
  };
  for await (const held of files.list()) {
    batch.push(held);
    if (batch.length === batchSize) await flush();
  }
  await flush();
  await sql`analyze listing`.execute(one);
}

/** What the store holds and the database does not know gets a row, and from now on a time of grace. */
async function takeUnknown(one: Db, files: Files, now: Date): Promise<number> {
  await sql`update held_file h set size_bytes = l.size_bytes from listing l where l.sha256 = h.sha256 and h.size_bytes is null`.execute(one);
  const { rows } = await sql<{ sha256: string; size_bytes: number }>`
    select l.sha256, l.size_bytes from listing l left join held_file h on h.sha256 = l.sha256 where h.sha256 is null or h.removed_at is not null`.execute(one);
  let taken = 0;
  for (const { sha256 } of rows) {
    const held = await files.stat(sha256);
    if (!held) continue;
    await sql`
      insert into held_file (sha256, size_bytes, kept_at) values (${sha256}, ${held.sizeBytes}, ${now})
      on conflict (sha256) do update set size_bytes = excluded.size_bytes, kept_at = excluded.kept_at, unreferenced_since = null, removed_at = null`.execute(one);
    taken += 1;
  }
  return taken;
}

async function wrongOnes(one: Db, fault: 'missing' | 'damaged', isWrong: (sha256: string) => Promise<boolean>, now: Date, log: Log): Promise<Wrong> {
  const looksWrong = fault === 'missing' ? sql`l.sha256 is null` : sql`l.size_bytes <> r.size_bytes`;
  const suspects = sql<{ sha256: string; count: number }>`
    select sha256, count(*) over () as count from (select distinct r.sha256 from file_reference r left join listing l on l.sha256 = r.sha256 where ${looksWrong}) s
    order by sha256 limit ${mostNamed}`;
  const { rows } = await suspects.execute(one);
  const named: string[] = [];
  for (const { sha256 } of rows) {
    if (!((await isNeeded(one, sha256)) && (await isWrong(sha256)))) continue;
    log('error', 'a file in the store is not what it should be', { sha256, fault });
    await noteFound(one, sha256, fault, now);
    named.push(sha256);
  }
  return { count: named.length + (rows[0]?.count ?? 0) - rows.length, named };
}

async function hasItsSize(one: Db, files: Files, sha256: string): Promise<boolean> {
  const held = await files.stat(sha256);
  const { rows } = await sql`select from file_reference where sha256 = ${sha256} and size_bytes <> ${held?.sizeBytes ?? -1} limit 1`.execute(one);
  return rows.length === 0;
}

async function totals(one: Db, wrong: number) {
  const { rows } = await sql<{ referred: number; held: number; held_bytes: number; unreferenced: number; unreferenced_bytes: number }>`
    with needed as (select distinct sha256 from file_reference)
    select (select count(*) from needed)::int as referred, count(*)::int as held, coalesce(sum(l.size_bytes), 0)::bigint as held_bytes,
      count(*) filter (where n.sha256 is null)::int as unreferenced, coalesce(sum(l.size_bytes) filter (where n.sha256 is null), 0)::bigint as unreferenced_bytes
    from listing l left join needed n on n.sha256 = l.sha256`.execute(one);
  const { referred = 0, held = 0, held_bytes: heldBytes = 0, unreferenced = 0, unreferenced_bytes: unreferencedBytes = 0 } = rows[0] ?? {};
  return { referred, matched: referred - wrong, held, heldBytes, unreferenced, unreferencedBytes };
}
