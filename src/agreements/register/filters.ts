import { type RawBuilder, sql } from 'kysely';
import type { FacetSets } from './counts.ts';
import { type RegisterQuery, type standings, statuses } from './query.ts';

export type Condition = RawBuilder<unknown>;

/** How the database numbers standings: `register_entry.standing`. */
export const standingNumbers = ['not-asked', 'all', 'none', 'some'] as const satisfies readonly (typeof standings)[number][];

/** What was chosen, as conditions on a row `e` of the register. Those of category, kind, focus area and requirement are one: the sets that have what was chosen. */
export function conditions(query: RegisterQuery, sets: FacetSets, today: string): { readonly chosen: Condition; readonly supplier: Condition; readonly ends: Condition } {
  const yes = sql`true`;
  const standing = query.standing.map((each) => standingNumbers.indexOf(each as (typeof standingNumbers)[number]));
  return {
    chosen: all([
      ofStatus(query.status, today),
      standing.length > 0 ? sql`e.standing = any (${standing}::smallint[])` : yes,
      query.category.length + query.kind.length + query.focus.length + query.requirement.length > 0 ? sql`e.facet_set_id = any (${sets.fitting(query)}::integer[])` : yes,
    ]),
    supplier: query.supplier === null ? yes : sql`e.supplier_ids @> array(select id from supplier where cvr = ${query.supplier})`,
    ends: query.ends === null ? yes : sql`e.ends_on between ${today}::date and ${today}::date + make_interval(months => ${query.ends})`,
  };
}

export const all = (parts: readonly Condition[]): Condition => sql.join(parts, sql` and `);

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
