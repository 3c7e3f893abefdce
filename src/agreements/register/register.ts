import { type RawBuilder, sql } from 'kysely';
import { writeCursor } from '../../platform/asking/cursor.ts';
import { askedFor, wordsOf } from '../../platform/asking/words.ts';
import type { Db } from '../../platform/db.ts';
import { addedUp, type Combination } from './counts.ts';
import { type Facet, type RegisterQuery, statuses } from './query.ts';

const languages = ['danish', 'english'] as const;

/** Ranking more than these would cost without helping anyone: they are taken as they come. */
const mostRanked = 3_000;
/** The texts of so many are read to rank them: unpacking a text takes longer than all else that is asked of it. */
const mostRead = 300;
const enough = 20;
/** Suppliers to choose from: those with the most of what was found. */
const mostSuppliers = 30;

type Condition = RawBuilder<unknown>;

/** Ranges of one date wherever one will do, so that an index in the order of the page can be read from the right place. */
function ofStatus(chosen: readonly string[], today: string): Condition {
  const [active, coming, ended] = statuses.map((each) => chosen.includes(each));
  const [hasBegun, isNotOver] = [sql`e.starts_on <= ${today}`, sql`e.ends_on >= ${today}`];
  if (active && coming && ended) return sql`true`;
  if (active && coming) return isNotOver;
  if (active && ended) return hasBegun;
  if (coming && ended) return sql`not (${hasBegun} and ${isNotOver})`;
  if (active) return sql`(${hasBegun} and ${isNotOver})`;
  return coming ? sql`e.starts_on > ${today}` : ended ? sql`e.ends_on < ${today}` : sql`true`;
}

/** A condition per facet, so that each facet's counts can leave out its own. */
function conditions(query: RegisterQuery, today: string): Record<Facet | 'supplier' | 'other', Condition> {
  const yes = sql`true`;
  const standing = {
    all: sql`(e.asked > 0 and e.documented = e.asked)`,
    some: sql`(e.documented > 0 and e.documented < e.asked)`,
    none: sql`(e.asked > 0 and e.documented = 0)`,
    'not-asked': sql`e.asked = 0`,
  };
  const any = (list: readonly Condition[]): Condition => (list.length === 0 ? yes : sql`(${sql.join(list, sql` or `)})`);
  return {
    category: query.category.length > 0 ? sql`e.category = any (${query.category}::text[])` : yes,
    kind: query.kind.length > 0 ? sql`e.kind = any (${query.kind}::text[])` : yes,
    status: ofStatus(query.status, today),
    standing: any(query.standing.map((each) => standing[each as keyof typeof standing])),
    focus: query.focus.length > 0 ? sql`e.focus_areas && ${query.focus}::text[]` : yes,
    requirement: query.requirement.length > 0 ? sql`e.requirement_ids && ${query.requirement}::text[]` : yes,
    supplier: query.supplier === null ? yes : sql`e.supplier_ids @> array(select id from supplier where cvr = ${query.supplier})`,
    other: query.ends === null ? yes : sql`e.ends_on between ${today}::date and ${today}::date + make_interval(months => ${query.ends})`,
  };
}

const allOf = (parts: Record<string, Condition>, except?: Facet | 'supplier'): Condition =>
  sql.join(
    Object.entries(parts)
      .filter(([name]) => name !== except)
      .map(([, part]) => part),
    sql` and `,
  );

interface SupplierCount {
  readonly cvr: string;
  readonly name: string;
  readonly n: number;
}

export interface RegisterPage {
  readonly ids: readonly string[];
  readonly total: number;
  readonly counts: Readonly<Record<Facet, Readonly<Record<string, number>>>>;
  /** The suppliers of what was found, most first; none when too much was found to count them. */
  readonly suppliers: readonly SupplierCount[];
  /** So many fit that only the first of them were looked at: the counts are at least. */
  readonly isCapped: boolean;
  readonly next: string | null;
  /** The question as it was searched, when a word was taken for one that was nearly spelt so. */
  readonly corrected: string | null;
}

/** One page of the register with exact counts. One query; two more when nothing was found as it was spelt. */
export async function registerPage(db: Db, query: RegisterQuery, today: string): Promise<RegisterPage> {
  const first = await find(db, query, today, wordsOf(query.q));
  if (first.total > 0 || !query.q || query.cursor) return { ...first, corrected: null };
  const corrected = await nearlySpelt(db, wordsOf(query.q));
  if (!corrected) return { ...first, corrected: null };
  return { ...(await find(db, query, today, corrected)), corrected: corrected.join(' ') };
}

interface Found {
  readonly page: readonly { readonly id: string; readonly value: string }[] | null;
  readonly combinations: readonly Combination[] | null;
  readonly requirements: Readonly<Record<string, number>> | null;
  readonly suppliers: readonly SupplierCount[] | null;
  readonly isCapped: boolean;
}

/**
 * The page and the counts of all filters in one statement. Without words it reads indexes only: one in the order of the
 * page, and the narrow one of combinations; with words, the rows that were found.
 */
async function find(db: Db, query: RegisterQuery, today: string, words: readonly string[]): Promise<Omit<RegisterPage, 'corrected'>> {
  const parts = conditions(query, today);
  // One small number per combination, status, standing and whether it fits: counting by it is twice as fast as by their names.
  const number = sql`e.combination_id * 32 + case when e.starts_on > ${today} then 8 when e.ends_on < ${today} then 16 else 0 end
    + case when e.asked = 0 then 0 when e.documented = e.asked then 2 when e.documented = 0 then 4 else 6 end + ${fits(query)}::integer`;
  const from = words.length > 0 ? sql`hits e` : sql`register_entry e`;
  const statement = sql<Found>`
    with ${words.length > 0 ? matching(words) : sql``}
    page as (${pageOf(query, from, allOf(parts), words.length > 0)}),
    combinations as (select ${number} as number, count(*) as n from ${from} where ${parts.other} and ${parts.supplier} group by 1),
    sets as (select e.requirement_set_id, count(*) as n from ${from} where ${allOf({ ...parts, category: inCombination(query), kind: sql`true`, focus: sql`true` }, 'requirement')} group by 1),
    requirements as (select r.id, sum(s.n) as n from sets s join register_requirement_set x on x.id = s.requirement_set_id cross join lateral unnest(x.requirement_ids) as r (id) group by r.id),
    suppliers as (
      select s.cvr, s.name, c.n from (select u.id, count(*) as n from ${from} cross join lateral unnest(e.supplier_ids) as u (id)
        where (select sum(n) from combinations) <= ${mostRanked} and ${allOf(parts, 'supplier')} group by u.id order by n desc, u.id limit ${mostSuppliers}) c join supplier s using (id))
    select (select json_agg(p) from page p) as page,
      (select json_agg(json_build_object('category', c.category, 'kind', c.kind, 'focus_areas', c.focus_areas, 'status', n.number / 8 % 4, 'standing', n.number / 2 % 4, 'fits', n.number % 2, 'n', n.n))
        from combinations n join register_combination c on c.id = n.number / 32) as combinations,
      (select json_object_agg(r.id, r.n) from requirements r) as requirements,
      (select json_agg(s order by s.name) from suppliers s) as suppliers,
      ${words.length > 0 ? sql`(select count(*) >= ${mostRanked} from titled) or (select count(*) >= ${mostRanked} from elsewhere)` : sql`false`} as "isCapped"`;
  const found = (await statement.execute(db)).rows[0];
  const rows = found?.page ?? [];
  const last = rows[query.limit - 1];
  return {
    ids: rows.slice(0, query.limit).map(({ id }) => id),
    next: rows.length > query.limit && last ? writeCursor({ sort: query.sort, value: last.value, id: last.id }) : null,
    ...addedUp(found?.combinations ?? [], found?.requirements ?? {}, query),
    suppliers: found?.suppliers ?? [],
    isCapped: found?.isCapped ?? false,
  };
}

/** The agreements in which every word stands, with their place: those that have it in the title first. The beginning of a `with` that ends in `hits`. */
export function matching(words: readonly string[]): Condition {
  const any = askedFor(words, languages, sql` || `);
  const columns = sql.raw(
    [
      'agreement_id',
      'number',
      'title_da',
      'category',
      'kind',
      'starts_on',
      'ends_on',
      'asked',
      'documented',
      'focus_areas',
      'requirement_ids',
      'supplier_ids',
      'combination_id',
      'requirement_set_id',
    ]
      .map((name) => `e.${name}`)
      .join(', '),
  );
  return sql`
    asked as materialized (select ${askedFor(words, languages)} as q),
    titled as materialized (select ${columns}, ts_rank(e.title_lexemes, asked.q) as rank, 0 as part
      from (select * from register_entry e where e.title_lexemes @@ (select q from asked) limit ${mostRanked}) e, asked),
    -- Somewhere, not all in the title: the more of them in the title the better, and among a few the more in the text.
    elsewhere as materialized (select ${columns}, e.title_lexemes from register_entry e
      where (select count(*) from titled) < ${enough} and e.body_lexemes @@ (select q from asked) and not exists (select from titled t where t.agreement_id = e.agreement_id) limit ${mostRanked}),
    ranked as (select ${columns}, ts_rank(e.title_lexemes, ${any})
      + case when (select count(*) from elsewhere) <= ${mostRead} then 0.01 * (select ts_rank(b.body_lexemes, (select q from asked), 1) from register_entry b where b.agreement_id = e.agreement_id) else 0 end as rank, 1 as part from elsewhere e),
    hits as materialized (select e.*, row_number() over (order by e.part, e.rank desc, e.agreement_id) as place from (select * from titled union all select * from ranked) e),`;
}

function pageOf({ sort, cursor, limit }: RegisterQuery, from: Condition, where: Condition, ranked: boolean): Condition {
  const key = { title: sql`e.title_da`, ends: sql`e.ends_on`, number: sql`e.number`, best: ranked ? sql`e.place` : sql`e.title_da` }[sort];
  const type = { title: sql`text`, ends: sql`date`, number: sql`text`, best: ranked ? sql`bigint` : sql`text` }[sort];
  const after = cursor ? sql`and (${key}, e.agreement_id) > (${cursor.value}::${type}, ${cursor.id}::uuid)` : sql``;
  return sql`select e.agreement_id as id, (${key})::text as value from ${from} where ${where} ${after} order by ${key}, e.agreement_id limit ${limit + 1}`;
}

/** The filters of category, kind and focus area, asked of the few combinations instead of every agreement. */
function inCombination({ category, kind, focus }: RegisterQuery): Condition {
  if (category.length + kind.length + focus.length === 0) return sql`true`;
  const chosen = [
    ...(category.length > 0 ? [sql`c.category = any (${category}::text[])`] : []),
    ...(kind.length > 0 ? [sql`c.kind = any (${kind}::text[])`] : []),
    ...(focus.length > 0 ? [sql`c.focus_areas && ${focus}::text[]`] : []),
  ];
  return sql`e.combination_id in (select c.id from register_combination c where ${sql.join(chosen, sql` and `)})`;
}

const fits = ({ requirement }: RegisterQuery): Condition =>
  requirement.length === 0 ? sql`true` : sql`(e.requirement_set_id in (select x.id from register_requirement_set x where x.requirement_ids && ${requirement}::text[]))`;

/** The words with each that is not in the register replaced by the one nearest to it; null when none is near. */
async function nearlySpelt(db: Db, words: readonly string[]): Promise<string[] | null> {
  const { rows } = await sql<{ word: string; near: string | null }>`
    select a.word, coalesce(
      (select w.word from register_word w where w.word = search_folded(a.word)),
      (select w.word from register_word w where w.word % search_folded(a.word) order by similarity(w.word, search_folded(a.word)) desc, w.word limit 1)) as near
    from unnest(${words}::text[]) with ordinality as a (word, place) order by a.place`.execute(db);
  const near = rows.map((row) => row.near ?? row.word);
  return near.length > 0 && near.some((word, index) => word !== words[index]) ? near : null;
}
