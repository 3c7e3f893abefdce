import { sql } from 'kysely';
import type { Db } from '../../platform/db.ts';
import { type Condition, standingNumbers } from './filters.ts';
import { type Facet, facetNames, type RegisterQuery } from './query.ts';

/** What four of the filters look at; agreements that are alike in it have the same one. Never changed once it is written. */
export interface FacetSet {
  readonly id: number;
  readonly category: string | null;
  readonly kind: string;
  readonly focus_areas: readonly string[];
  readonly requirement_ids: readonly string[];
}

/** How many agreements have a set and a standing: all of them, those that have not begun, and those that have ended. */
export type Group = readonly [set: number, standing: number, all: number, coming: number, ended: number];

type Chosen = Pick<RegisterQuery, Facet>;
const fits = (list: readonly string[], values: readonly (string | null)[]): boolean => list.length === 0 || values.some((value) => value !== null && list.includes(value));

export class FacetSets {
  readonly #sets = new Map<number, FacetSet>();

  add(sets: readonly FacetSet[] | null): void {
    for (const set of sets ?? []) this.#sets.set(set.id, set);
  }

  get ids(): number[] {
    return [...this.#sets.keys()];
  }

  /** Those that have what was chosen of category, kind, focus area and requirement. */
  fitting(query: Chosen): number[] {
    return [...this.#sets.values()].flatMap((set) => (outOf(set, query).length === 0 ? [set.id] : []));
  }

  of(id: number): FacetSet {
    const set = this.#sets.get(id);
    if (!set) throw new Error(`register_facet_set ${id} was not read`);
    return set;
  }
}

/** The filters whose choice a set does not have. */
function outOf({ category, kind, focus_areas, requirement_ids }: FacetSet, query: Chosen): Facet[] {
  return [
    ...(fits(query.category, [category]) ? [] : ['category' as const]),
    ...(fits(query.kind, [kind]) ? [] : ['kind' as const]),
    ...(fits(query.focus, focus_areas) ? [] : ['focus' as const]),
    ...(fits(query.requirement, requirement_ids) ? [] : ['requirement' as const]),
  ];
}

export interface Tally {
  readonly day: string;
  /** The state of the register that was counted. */
  readonly state: string;
  readonly sets: FacetSets;
  readonly groups: readonly Group[];
}

/** The groups of a selection: the rest of a statement, whose rows of the register are called `e`. */
export const grouped = (from: Condition, where: Condition, today: string): Condition => sql`
  select e.facet_set_id, e.standing, count(*) as n, count(*) filter (where e.starts_on > ${today}) as coming, count(*) filter (where e.ends_on < ${today}) as ended
  from ${from} where ${where} group by 1, 2`;
export const asGroups = sql`json_agg(json_build_array(g.facet_set_id, g.standing, g.n, g.coming, g.ended))`;
export const asSets = sql`json_agg(json_build_object('id', f.id, 'category', f.category, 'kind', f.kind, 'focus_areas', f.focus_areas, 'requirement_ids', f.requirement_ids))`;

/** More groups than this are not worth their memory. */
const mostKept = 20_000;
const kept = new WeakMap<Db, Tally>();

/** The whole register counted by what the filters look at. It is counted again when a transaction has changed it, or a day has begun; otherwise the database only says that nothing has. One query. */
export async function tallyOf(db: Db, today: string): Promise<Tally> {
  const before = kept.get(db);
  const known = before?.day === today ? before.state : null;
  const { rows } = await sql<{ state: string; groups: Group[] | null; sets: FacetSet[] | null }>`
    select s.state,
      case when s.state is distinct from ${known}::text then (select ${asGroups} from (${grouped(sql`register_entry e`, sql`true`, today)}) g) end as groups,
      case when s.state is distinct from ${known}::text then (select ${asSets} from register_facet_set f) end as sets
    from (select coalesce(string_agg(xid::text, ' ' order by xid), '') as state from register_change) s`.execute(db);
  const { state, groups, sets } = rows[0] as (typeof rows)[number];
  if (before && known === state) return before;
  const tally = { day: today, state, sets: new FacetSets(), groups: groups ?? [] };
  tally.sets.add(sets);
  if (tally.groups.length <= mostKept) kept.set(db, tally);
  else kept.delete(db);
  return tally;
}

/** How many fit, and how many would fit each value of each filter. */
export interface Counted {
  readonly total: number;
  readonly counts: Readonly<Record<Facet, Readonly<Record<string, number>>>>;
}

/** What each filter leaves of what the others leave, added up from the groups. */
export function addedUp(groups: readonly Group[], sets: FacetSets, query: Chosen): Counted {
  const counts = Object.fromEntries(facetNames.map((name) => [name, {} as Record<string, number>])) as Record<Facet, Record<string, number>>;
  let total = 0;
  for (const [id, standingNumber, all, coming, ended] of groups) {
    const set = sets.of(id);
    const standing = standingNumbers[standingNumber] ?? '';
    const outOfSet = [...outOf(set, query), ...(fits(query.standing, [standing]) ? [] : ['standing' as const])];
    for (const [status, n] of [
      ['active', all - coming - ended],
      ['coming', coming],
      ['ended', ended],
    ] as const) {
      if (n === 0) continue;
      const out = fits(query.status, [status]) ? outOfSet : [...outOfSet, 'status' as const];
      if (out.length > 1) continue;
      const add = (facet: Facet, values: readonly (string | null)[]): void => {
        if (out.length === 0 || out[0] === facet) for (const value of values) if (value !== null) counts[facet][value] = (counts[facet][value] ?? 0) + n;
      };
      if (out.length === 0) total += n;
      add('category', [set.category]);
      add('kind', [set.kind]);
      add('status', [status]);
      add('standing', [standing]);
      add('focus', set.focus_areas);
      add('requirement', set.requirement_ids);
    }
  }
  for (const name of facetNames) for (const value of query[name]) counts[name][value] ??= 0;
  return { total, counts };
}
