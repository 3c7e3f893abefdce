import { sql } from 'kysely';
import { writeCursor } from '../../platform/asking/cursor.ts';
import { tellingWords } from '../../platform/asking/words.ts';
import type { Db } from '../../platform/db.ts';
import { addedUp, asGroups, asSets, type Counted, type FacetSet, type Group, grouped, type Tally, tallyOf } from './counts.ts';
import { all, type Condition, conditions } from './filters.ts';
import { type Asked, askedFor, matching } from './matching.ts';
import type { RegisterQuery } from './query.ts';

/** Suppliers to choose from: those with the most of what was found. */
const mostSuppliers = 30;
/** Of more agreements than this their suppliers are not counted: nobody chooses among so many. */
const mostCounted = 3_000;

interface SupplierCount {
  readonly cvr: string;
  readonly name: string;
  readonly n: number;
}

export interface RegisterPage extends Counted {
  readonly ids: readonly string[];
  /** How much has been asked for and documented under each of them, of what everyone may know. */
  readonly standings: ReadonlyMap<string, { readonly asked: number; readonly documented: number }>;
  /** The suppliers of what was found, most first; none when too much was found to count them. */
  readonly suppliers: readonly SupplierCount[];
  /** So many fit that only the first of them were looked at: the counts are at least. */
  readonly isCapped: boolean;
  readonly next: string | null;
  /** The words that were searched for instead, folded, when nothing has all that were typed. */
  readonly corrected: readonly string[] | null;
  /** The words that were searched for, folded, in their forms: those that were typed and those instead. */
  readonly forms: ReadonlyMap<string, readonly string[]>;
}

/** One page of the register with exact counts. Two queries, three with words; more when nothing was found as it was spelt, or too much to look at all of it. */
export async function registerPage(db: Db, query: RegisterQuery, today: string): Promise<RegisterPage> {
  const words = tellingWords(query.q);
  const [tally, asked] = await Promise.all([tallyOf(db, today), words.length > 0 ? askedFor(db, words) : null]);
  const first = await find(db, query, today, tally, asked);
  if (first.total > 0 || !asked?.nearly) return { ...first, corrected: null, forms: asked?.forms ?? new Map() };
  const instead = await askedFor(db, asked.nearly);
  return { ...(await find(db, query, today, tally, instead)), corrected: asked.nearly, forms: new Map([...asked.forms, ...instead.forms]) };
}

async function find(db: Db, query: RegisterQuery, today: string, tally: Tally, asked: Asked | null): Promise<Omit<RegisterPage, 'corrected' | 'forms'>> {
  const parts = conditions(query, tally.sets, today);
  const fitting = all([parts.chosen, parts.supplier, parts.ends]);
  // What the tally has not counted: what words find, what one supplier has, what ends soon.
  const isNarrowed = asked !== null || query.supplier !== null || query.ends !== null;
  const whole = addedUp(tally.groups, tally.sets, query);
  const from = asked ? sql`hits e` : sql`register_entry e`;
  const statement = sql<Found>`
    with ${asked ? sql`${matching(asked)},` : sql``}
    page as (${pageOf(query, from, fitting)}),
    groups as (${grouped(from, all([parts.supplier, parts.ends, isNarrowed ? sql`true` : sql`false`]), today)}),
    suppliers as (${suppliersOf(from, all([parts.chosen, parts.ends, asked || whole.total <= mostCounted ? sql`true` : sql`false`]))})
    select (select json_agg(p) from page p) as page,
      (select ${asGroups} from groups g) as groups,
      (select ${asSets} from register_facet_set f where f.id in (select facet_set_id from groups) and f.id <> all (${tally.sets.ids}::integer[])) as sets,
      (select json_agg(s order by s.name) from suppliers s) as suppliers,
      ${asked ? sql`(select yes from capped)` : sql`false`} as "isCapped"`;
  const [found] = (await statement.execute(db)).rows;
  tally.sets.add(found?.sets ?? null);
  const counted = isNarrowed ? addedUp(found?.groups ?? [], tally.sets, query) : whole;
  const { page, total } = asked && found?.isCapped ? await firstFitting(db, query, asked, fitting) : { page: found?.page ?? [], total: counted.total };
  const last = page[query.limit - 1];
  return {
    ids: page.slice(0, query.limit).map(({ id }) => id),
    standings: new Map(page.map(({ id, asked, documented }) => [id, { asked, documented }])),
    next: page.length > query.limit && last ? writeCursor({ sort: query.sort, value: last.value, id: last.id }) : null,
    ...counted,
    total,
    suppliers: found?.suppliers ?? [],
    isCapped: found?.isCapped ?? false,
  };
}

interface PageRow {
  readonly id: string;
  readonly asked: number;
  readonly documented: number;
  readonly value: string;
}

interface Found {
  readonly page: readonly PageRow[] | null;
  readonly groups: readonly Group[] | null;
  /** Those that came after the tally. */
  readonly sets: readonly FacetSet[] | null;
  readonly suppliers: readonly SupplierCount[] | null;
  readonly isCapped: boolean;
}

/** The page of a question that finds more than is looked at: the filters choose first, so that nothing that fits them is left out for what does not. */
async function firstFitting(db: Db, query: RegisterQuery, asked: Asked, fitting: Condition): Promise<{ page: readonly PageRow[]; total: number }> {
  const { rows } = await sql<{ page: PageRow[] | null; total: number }>`
    with ${matching(asked, fitting)}, page as (${pageOf(query, sql`hits e`, sql`true`)})
    select (select json_agg(p) from page p) as page, (select count(*) from hits)::integer as total`.execute(db);
  return { page: rows[0]?.page ?? [], total: rows[0]?.total ?? 0 };
}

/** The rows of one page, and one more where there is more. Only what words have found has a place. */
export function pageOf({ sort, cursor, limit }: RegisterQuery, from: Condition, where: Condition): Condition {
  const key = { title: sql`e.title_da`, ends: sql`e.ends_on`, number: sql`e.number`, best: sql`e.place` }[sort];
  const type = { title: sql`text`, ends: sql`date`, number: sql`text`, best: sql`bigint` }[sort];
  const after = cursor ? sql`and (${key}, e.agreement_id) > (${cursor.value}::${type}, ${cursor.id}::uuid)` : sql``;
  return sql`select e.agreement_id as id, e.asked, e.documented, (${key})::text as value from ${from} where ${where} ${after} order by ${key}, e.agreement_id limit ${limit + 1}`;
}

const suppliersOf = (from: Condition, where: Condition): Condition => sql`
  select s.cvr, s.name, c.n from (select u.id, count(*) as n from ${from} cross join lateral unnest(e.supplier_ids) as u (id)
    where ${where} group by u.id order by n desc, u.id limit ${mostSuppliers}) c join supplier s using (id)`;
