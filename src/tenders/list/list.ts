import { type RawBuilder, sql } from 'kysely';
import { writeCursor } from '../../platform/asking/cursor.ts';
import { askedFor, wordsOf } from '../../platform/asking/words.ts';
import type { Db } from '../../platform/db.ts';
import type { Phase } from '../tender.ts';
import { type TenderFacet, type TenderQuery, tenderFacets } from './query.ts';

/** A tender as the list shows it. */
export interface ListedTender {
  readonly id: string;
  readonly phase: Phase;
  readonly title_da: string;
  readonly title_en: string;
  readonly summary_da: string;
  readonly summary_en: string;
  readonly closes_at: Date | null;
  readonly expected_quarter: string | null;
  readonly value_ore: number | null;
  readonly marks: readonly string[];
  readonly outcome: { readonly on: string; readonly winners: readonly string[]; readonly tenders: number | null } | null;
}

export interface TenderList {
  readonly rows: readonly ListedTender[];
  readonly total: number;
  readonly counts: Readonly<Record<TenderFacet, Readonly<Record<string, number>>>>;
  readonly next: string | null;
}

type Condition = RawBuilder<unknown>;

/** EU thresholds are not known here: the bands go by what the editors' legal figures say on the day. */
export interface Bands {
  /** Øre; the threshold for goods and services, and for works. */
  readonly threshold: number;
  readonly worksThreshold: number;
}

const tenMillion = 10_000_000_00;

/**
 * A page of tenders in the order in which they matter to somebody who wants to tender: open ones by deadline, planned ones
 * by quarter, then closed, awarded and cancelled ones, newest first. One query.
 */
export async function tenderList(db: Db, query: TenderQuery, bands: Bands, now: Date): Promise<TenderList> {
  const phase = sql`case when t.is_cancelled then 4 when t.awarded_on is not null then 3 when t.closes_at is null then 1 when t.closes_at > ${now} then 0 else 2 end`;
  const place = sql`case when t.is_cancelled then -extract(epoch from t.updated_at) when t.awarded_on is not null then -extract(epoch from t.awarded_on::timestamp)
    when t.closes_at is null then coalesce(replace(t.expected_quarter, '-Q', '.')::numeric, 9999) when t.closes_at > ${now} then extract(epoch from t.closes_at) else -extract(epoch from t.closes_at) end`;
  const over = sql`case when t.kind_of_contract = 'works' then ${bands.worksThreshold}::bigint else ${bands.threshold}::bigint end`;
  const band = sql`case when t.value_ore is null then null when t.value_ore > ${tenMillion}::bigint then 'over-10-million' when t.value_ore >= ${over} then 'over-threshold' else 'under-threshold' end`;
  const mark = sql`t.marks || case when t.is_reserved then array['reserved'] else array[]::text[] end`;
  const words = wordsOf(query.q);
  const found = words.length > 0 ? sql`where t.lexemes @@ (${askedFor(words, ['danish', 'english'])})` : sql``;
  const fits: Record<TenderFacet, Condition> = {
    phase: query.phase.length === 0 ? sql`true` : sql`x.phase = any (${query.phase.map((name) => shownOrder.indexOf(name as Phase))}::integer[])`,
    category: among(sql`x.category`, query.category),
    kind: among(sql`x.kind`, query.kind),
    value: among(sql`x.band`, query.value),
    mark: query.mark.length === 0 ? sql`true` : sql`x.marks && ${query.mark}::text[]`,
    place:
      query.place.length === 0
        ? sql`true`
        : sql`exists (select from unnest(x.nuts) n where ${sql.join(
            query.place.map((code) => sql`starts_with(n, ${code})`),
            sql` or `,
          )})`,
  };
  const all = (except?: TenderFacet): Condition =>
    sql.join(
      tenderFacets.filter((name) => name !== except).map((name) => fits[name]),
      sql` and `,
    );
  const after = query.cursor ? sql`and (x.phase, x.place, x.id) > (${query.cursor[0]}::integer, ${query.cursor[1]}::numeric, ${query.cursor[2]}::text)` : sql``;
  const count = (name: TenderFacet, value: Condition, from = sql``): Condition =>
    sql`select ${name} as facet, (${value})::text as value, count(*)::integer as n from x ${from} where ${all(name)} and (${value}) is not null group by 2`;
  const { rows } = await sql<{ page: PageRow[] | null; total: number; counts: { facet: TenderFacet; value: string; n: number }[] | null }>`
    with x as materialized (
      select t.id, ${phase} as phase, ${place} as place, t.category, t.kind_of_contract as kind, ${band} as band, ${mark} as marks, t.nuts from tender t ${found}),
    page as (select x.id, x.phase, x.place from x where ${all()} ${after} order by x.phase, x.place, x.id limit ${query.limit + 1}),
    counts as (${sql.join(
      [
        count('phase', sql`x.phase`),
        count('category', sql`x.category`),
        count('kind', sql`x.kind`),
        count('value', sql`x.band`),
        count('mark', sql`m.mark`, sql`cross join lateral unnest(x.marks) m (mark)`),
        count('place', sql`n.code`, sql`cross join lateral (select distinct left(code, 5) from unnest(x.nuts) u (code)) n (code)`),
      ],
      sql` union all `,
    )})
    select (select json_agg(json_build_object('id', t.id, 'phase', p.phase, 'place', p.place, 'title_da', t.title_da, 'title_en', t.title_en, 'summary_da', t.summary_da, 'summary_en', t.summary_en,
        'closes_at', t.closes_at, 'expected_quarter', t.expected_quarter, 'value_ore', t.value_ore, 'marks', ${mark}, 'outcome', t.content->'outcome') order by p.phase, p.place, p.id)
        from page p join tender t using (id)) as page,
      (select count(*)::integer from x where ${all()}) as total, (select json_agg(c) from counts c) as counts`.execute(db);
  const result = rows[0];
  const listed = result?.page ?? [];
  const last = listed[query.limit - 1];
  const counts = Object.fromEntries(tenderFacets.map((name) => [name, {} as Record<string, number>])) as Record<TenderFacet, Record<string, number>>;
  for (const { facet, value, n } of result?.counts ?? []) counts[facet][facet === 'phase' ? (shownOrder[Number(value)] ?? '') : value] = n;
  for (const name of tenderFacets) for (const value of query[name]) counts[name][value] ??= 0;
  return {
    rows: listed.slice(0, query.limit).map(({ phase: number, closes_at, outcome, ...row }) => ({
      ...row,
      phase: shownOrder[number] ?? 'planned',
      closes_at: closes_at ? new Date(closes_at) : null,
      outcome: outcome && {
        on: outcome.on,
        winners: [...new Set(outcome.lots.flatMap(({ winners }) => winners.map(({ name }) => name)))],
        tenders: summed(outcome.lots.map(({ tenders }) => tenders)),
      },
    })),
    total: result?.total ?? 0,
    counts,
    next: listed.length > query.limit && last ? writeCursor([last.phase, Number(last.place), last.id]) : null,
  };
}

/** The phases in the order of the list. */
const shownOrder: readonly Phase[] = ['open', 'planned', 'closed', 'awarded', 'cancelled'];

interface PageRow extends Omit<ListedTender, 'phase' | 'closes_at' | 'outcome'> {
  readonly phase: number;
  readonly place: number | string;
  readonly closes_at: string | null;
  readonly outcome: { readonly on: string; readonly lots: readonly { readonly winners: readonly { readonly name: string }[]; readonly tenders: number | null }[] } | null;
}

function among(column: Condition, chosen: readonly string[]): Condition {
  return chosen.length === 0 ? sql`true` : sql`${column} = any (${chosen}::text[])`;
}

const summed = (counts: readonly (number | null)[]): number | null => (counts.some((each) => each !== null) ? counts.reduce<number>((sum, each) => sum + (each ?? 0), 0) : null);
