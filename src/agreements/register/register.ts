import { type RawBuilder, sql } from 'kysely';
import type { Db } from '../../platform/db.ts';
import { encodeCursor, type Facet, facetNames, type RegisterQuery, statuses } from './query.ts';

/** The words of a question, at most six, as lexemes of either language or the beginning of a word as typed. */
function asked(words: readonly string[], between: RawBuilder<unknown> = sql` && `): RawBuilder<unknown> {
  return sql.join(
    words.map((word) => sql`(plainto_tsquery('danish', ${word}) || plainto_tsquery('english', ${word}) || to_tsquery('simple', search_folded(${word}) || ':*'))`),
    between,
  );
}

export function wordsOf(question: string): string[] {
  return (question.normalize('NFC').match(/[\p{L}\p{N}]+/gu) ?? []).slice(0, 6).map((word) => word.slice(0, 40));
}

/** Ranking more than these would cost without helping anyone: they are taken as they come. */
const mostRanked = 3_000;
const enough = 20;

type Condition = RawBuilder<unknown>;

/** A condition per facet, so that each facet's counts can leave out its own. */
function conditions(query: RegisterQuery, today: string): Record<Facet | 'other', Condition> {
  const yes = sql`true`;
  const status = {
    active: sql`(e.starts_on <= ${today} and e.ends_on >= ${today})`,
    coming: sql`e.starts_on > ${today}`,
    ended: sql`e.ends_on < ${today}`,
  };
  const standing = {
    all: sql`(e.asked > 0 and e.documented = e.asked)`,
    some: sql`(e.documented > 0 and e.documented < e.asked)`,
    none: sql`(e.asked > 0 and e.documented = 0)`,
    'not-asked': sql`e.asked = 0`,
  };
  const any = (list: readonly Condition[]): Condition => (list.length === 0 ? yes : sql`(${sql.join(list, sql` or `)})`);
  const allStatuses = statuses.every((each) => query.status.includes(each));
  return {
    category: query.category.length > 0 ? sql`e.category = any (${query.category}::text[])` : yes,
    kind: query.kind.length > 0 ? sql`e.kind = any (${query.kind}::text[])` : yes,
    status: allStatuses ? yes : any(query.status.map((each) => status[each as keyof typeof status])),
    standing: any(query.standing.map((each) => standing[each as keyof typeof standing])),
    focus: query.focus.length > 0 ? sql`e.focus_areas && ${query.focus}::text[]` : yes,
    requirement: query.requirement.length > 0 ? sql`e.requirement_ids && ${query.requirement}::text[]` : yes,
    other: sql.join(
      [
        query.ends === null ? yes : sql`e.ends_on between ${today}::date and ${today}::date + make_interval(months => ${query.ends})`,
        query.supplier === null ? yes : sql`e.supplier_ids @> array(select id from supplier where cvr = ${query.supplier})`,
      ],
      sql` and `,
    ),
  };
}

const allOf = (parts: Record<string, Condition>, except?: Facet): Condition =>
  sql.join(
    Object.entries(parts)
      .filter(([name]) => name !== except)
      .map(([, part]) => part),
    sql` and `,
  );

export interface RegisterPage {
  readonly ids: readonly string[];
  readonly total: number;
  readonly counts: Readonly<Record<Facet, Readonly<Record<string, number>>>>;
  readonly next: string | null;
  /** The question as it was searched, when a word was taken for one that was nearly spelt so. */
  readonly corrected: string | null;
}

/** One page of the register with exact counts. Two or three queries; five when nothing was found as it was spelt. */
export async function registerPage(db: Db, query: RegisterQuery, today: string): Promise<RegisterPage> {
  const first = await find(db, query, today, wordsOf(query.q));
  if (first.total > 0 || !query.q || query.cursor) return { ...first, corrected: null };
  const corrected = await nearlySpelt(db, wordsOf(query.q));
  if (!corrected) return { ...first, corrected: null };
  return { ...(await find(db, query, today, corrected)), corrected: corrected.join(' ') };
}

async function find(db: Db, query: RegisterQuery, today: string, words: readonly string[]): Promise<Omit<RegisterPage, 'corrected'>> {
  const parts = conditions(query, today);
  const hits = await matching(db, words);
  if (hits?.length === 0) return { ids: [], total: 0, counts: noCounts(), next: null };
  // Those that were found with their place among them, or all there are.
  const from: Condition = hits
    ? sql`unnest(${hits.map(({ id }) => id)}::uuid[]) with ordinality as h (id, place) join register_entry e on e.agreement_id = h.id`
    : sql`register_entry e`;
  const page = await rowsOf(db, query, from, allOf(parts), hits !== null);
  const counts = await countsOf(db, parts, from, query, today);
  return { ...page, ...counts };
}

/** The agreements in which every word stands: those that have it in the title first. Null when nothing was asked. One query. */
async function matching(db: Db, words: readonly string[]): Promise<{ id: string }[] | null> {
  if (words.length === 0) return null;
  const any = asked(words, sql` || `);
  const { rows } = await sql<{ id: string }>`
    with asked as materialized (select ${asked(words)} as q),
    titled as materialized (select e.agreement_id, ts_rank(e.title_lexemes, asked.q) as rank
      from (select e.agreement_id, e.title_lexemes from register_entry e where e.title_lexemes @@ (select q from asked) limit ${mostRanked}) e, asked),
    -- Somewhere, not all in the title: the more of them in the title the better.
    elsewhere as (select e.agreement_id, ts_rank(e.title_lexemes, ${any}) + 0.01 * ts_rank(e.body_lexemes, (select q from asked), 1) as rank from register_entry e
      where (select count(*) from titled) < ${enough} and e.body_lexemes @@ (select q from asked) and not exists (select from titled t where t.agreement_id = e.agreement_id) limit ${mostRanked})
    select agreement_id as id from (select agreement_id, rank, 0 as place from titled union all select agreement_id, rank, 1 from elsewhere) found order by place, rank desc, agreement_id`.execute(
    db,
  );
  return rows;
}

async function rowsOf(db: Db, { sort, cursor, limit }: RegisterQuery, from: Condition, where: Condition, ranked: boolean): Promise<Pick<RegisterPage, 'ids' | 'next'>> {
  const key = { title: sql`e.title_da`, ends: sql`e.ends_on`, number: sql`e.number`, best: ranked ? sql`h.place` : sql`e.title_da` }[sort];
  const type = { title: sql`text`, ends: sql`date`, number: sql`text`, best: ranked ? sql`bigint` : sql`text` }[sort];
  const after = cursor ? sql`and (${key}, e.agreement_id) > (${cursor.value}::${type}, ${cursor.id}::uuid)` : sql``;
  const { rows } = await sql<{ id: string; value: string }>`
    select e.agreement_id as id, (${key})::text as value from ${from} where ${where} ${after} order by ${key}, e.agreement_id limit ${limit + 1}`.execute(db);
  const last = rows[limit - 1];
  return { ids: rows.slice(0, limit).map((row) => row.id), next: rows.length > limit && last ? encodeCursor({ sort, value: last.value, id: last.id }) : null };
}

const noCounts = (): Record<Facet, Record<string, number>> =>
  Object.fromEntries(facetNames.map((name) => [name, {} as Record<string, number>])) as Record<Facet, Record<string, number>>;

/** A combination of what the filters look at, and how many agreements have it. */
interface Combination {
  readonly category: string | null;
  readonly kind: string;
  readonly status: string;
  readonly standing: string;
  readonly focus_areas: readonly string[];
  /** Fits the requirements that were chosen. */
  readonly fits: boolean;
  readonly n: number;
}

/**
 * Exact counts: for each filter, of what the other filters leave. One pass over the table counts combinations, of which
 * there are few; what each filter leaves is added up from them. Requirements, of which an agreement has many, are counted
 * among the agreements that fit everything else.
 */
async function countsOf(db: Db, parts: ReturnType<typeof conditions>, from: Condition, query: RegisterQuery, today: string): Promise<Pick<RegisterPage, 'total' | 'counts'>> {
  const status = sql`case when e.starts_on > ${today} then 'coming' when e.ends_on < ${today} then 'ended' else 'active' end`;
  const standing = sql`case when e.asked = 0 then 'not-asked' when e.documented = e.asked then 'all' when e.documented = 0 then 'none' else 'some' end`;
  const { rows } = await sql<Combination & { requirement: string | null }>`
    select null as requirement, e.category, e.kind, ${status} as status, ${standing} as standing, e.focus_areas, ${parts.requirement} as fits, count(*)::int as n
      from ${from} where ${parts.other} group by e.category, e.kind, 4, 5, e.focus_areas, 7
    union all
    select r.id, null, '', '', '', '{}', true, count(*)::int
      from ${from} cross join lateral unnest(e.requirement_ids) as r (id) where ${allOf(parts, 'requirement')} group by r.id`.execute(db);

  const counts = noCounts();
  let total = 0;
  const add = (facet: Facet, value: string | null, n: number): void => {
    if (value !== null) counts[facet][value] = (counts[facet][value] ?? 0) + n;
  };
  const chosen = (list: readonly string[], values: readonly (string | null)[]): boolean => list.length === 0 || values.some((value) => value !== null && list.includes(value));
  for (const row of rows) {
    if (row.requirement !== null) {
      add('requirement', row.requirement, row.n);
      continue;
    }
    const left = [
      ['category', chosen(query.category, [row.category])],
      ['kind', chosen(query.kind, [row.kind])],
      ['status', chosen(query.status, [row.status])],
      ['standing', chosen(query.standing, [row.standing])],
      ['focus', chosen(query.focus, row.focus_areas)],
      ['requirement', row.fits],
    ] as const;
    const out = left.filter(([, fits]) => !fits).map(([facet]) => facet);
    if (out.length === 0) total += row.n;
    const counted = (facet: Facet): boolean => out.length === 0 || (out.length === 1 && out[0] === facet);
    if (counted('category')) add('category', row.category, row.n);
    if (counted('kind')) add('kind', row.kind, row.n);
    if (counted('status')) add('status', row.status, row.n);
    if (counted('standing')) add('standing', row.standing, row.n);
    if (counted('focus')) for (const area of row.focus_areas) add('focus', area, row.n);
  }
  for (const name of facetNames) for (const value of query[name]) counts[name][value] ??= 0;
  return { total, counts };
}

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
