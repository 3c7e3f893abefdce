import { sql } from 'kysely';
import { z } from 'zod';
import { readCursor, writeCursor } from '../../platform/asking/cursor.ts';
import { zone } from '../../platform/clock.ts';
import type { Db } from '../../platform/db.ts';
import type { OcdsVersion, StandingOfSupplier } from './release.ts';

/** A place in the feed: the transaction and the row that a reader has seen last. */
export interface FeedPlace {
  readonly xid: string;
  readonly id: number;
}
export const feedStart: FeedPlace = { xid: '0', id: 0 };

export interface FeedRow extends OcdsVersion, FeedPlace {}

// Both stay within what the columns can hold: 64 bits without sign, and whole numbers that JavaScript has exactly.
const placeSchema = z.tuple([z.string().regex(/^\d{1,19}$/), z.number().int().min(0).max(Number.MAX_SAFE_INTEGER)]);

export const encodePlace = ({ xid, id }: FeedPlace): string => writeCursor([xid, id]);

/** Null when it is no cursor of ours. */
export function decodePlace(text: string): FeedPlace | null {
  const [xid, id] = readCursor(placeSchema, text) ?? [];
  return xid !== undefined && id !== undefined ? { xid, id } : null;
}

const columns = sql`v.id, v.xid::text as xid, v.number, v.event, v.content, v.note, v.published_at as "publishedAt"`;
const afterPlace = ({ xid, id }: FeedPlace) => sql`(v.xid, v.id) > (${xid}::xid8, ${id}::bigint)`;

/**
 * The publications after a place, in the order in which a reader may see them. A row is shown when every transaction
 * that began before its own has ended: what commits late then still lies ahead of all cursors, and nobody misses it.
 * `guarded: false` exists to show in a test that this is needed.
 */
export async function publicationsAfter(db: Db, place: FeedPlace, limit: number, { guarded = true } = {}): Promise<FeedRow[]> {
  const guard = guarded ? sql`and v.xid < pg_snapshot_xmin(pg_current_snapshot())` : sql``;
  const { rows } = await sql<FeedRow>`select ${columns} from agreement_version v where ${afterPlace(place)} ${guard} order by v.xid, v.id limit ${limit}`.execute(db);
  return rows;
}

const yearOf = sql`extract(year from v.published_at at time zone ${sql.lit(zone)})`;

/** When something was last published in a year of Danish time; null when nothing was. */
export async function lastOfYear(db: Db, year: number): Promise<Date | null> {
  const { rows } = await sql<{ last: Date | null }>`select max(v.published_at) as last from agreement_version v where ${yearOf} = ${year}`.execute(db);
  return rows[0]?.last ?? null;
}

/** The years in which something was published, latest first. */
export async function yearsOfPublication(db: Db): Promise<number[]> {
  const { rows } = await sql<{ year: number }>`select distinct ${yearOf}::int as year from agreement_version v order by year desc`.execute(db);
  return rows.map(({ year }) => year);
}

const pageOfVersions = 500;

/** The publications of a year, read some hundred at a time. */
export async function* publicationsOf(db: Db, year: number): AsyncGenerator<OcdsVersion> {
  for (let place = feedStart; ; ) {
    const { rows } = await sql<FeedRow>`
      select ${columns} from agreement_version v where ${yearOf} = ${year} and ${afterPlace(place)} order by v.xid, v.id limit ${pageOfVersions}`.execute(db);
    yield* rows;
    const last = rows.at(-1);
    if (!last || rows.length < pageOfVersions) return;
    place = last;
  }
}

/** All publications of one agreement, the oldest first, and what is public of its follow-up. Two queries. */
export async function historyOf(db: Db, agreementNumber: string): Promise<{ versions: OcdsVersion[]; standings: StandingOfSupplier[] }> {
  const { rows } = await sql<FeedRow & { agreement_id: string }>`
    select ${columns}, v.agreement_id from agreement_version v join agreement a on a.id = v.agreement_id where a.number = ${agreementNumber} order by v.number`.execute(db);
  const agreementId = rows[0]?.agreement_id;
  if (!agreementId) return { versions: [], standings: [] };
  const standings = await sql<StandingOfSupplier>`
    select p.cvr, s.requirement_id, s.type, s.period, s.lot, s.state, to_char(s.due_on, 'YYYY-MM-DD') as due_on, s.decided_at
    from public_standing(${agreementId}::uuid) s join supplier p on p.id = s.supplier_id`.execute(db);
  return { versions: rows, standings: standings.rows };
}
