import { type Facet, facetNames, type RegisterQuery } from './query.ts';

/** A combination of what the filters look at, and how many agreements have it. */
export interface Combination {
  readonly category: string | null;
  readonly kind: string;
  /** Places in `statusNumbers` and `standingNumbers`. */
  readonly status: number;
  readonly standing: number;
  readonly focus_areas: readonly string[];
  /** 1 where it fits the requirements that were chosen. */
  readonly fits: number;
  readonly n: number;
}

const statusNumbers = ['active', 'coming', 'ended'] as const;
const standingNumbers = ['not-asked', 'all', 'none', 'some'] as const;

/** How many fit, and how many would fit each value of each filter. */
export interface Counted {
  readonly total: number;
  readonly counts: Readonly<Record<Facet, Readonly<Record<string, number>>>>;
}

/** What each filter leaves of what the others leave, added up from the combinations. */
export function addedUp(combinations: readonly Combination[], requirements: Readonly<Record<string, number>>, query: RegisterQuery): Counted {
  const counts = Object.fromEntries(facetNames.map((name) => [name, {} as Record<string, number>])) as Record<Facet, Record<string, number>>;
  let total = 0;
  const add = (facet: Facet, value: string | null, n: number): void => {
    if (value !== null) counts[facet][value] = (counts[facet][value] ?? 0) + n;
  };
  const chosen = (list: readonly string[], values: readonly (string | null)[]): boolean => list.length === 0 || values.some((value) => value !== null && list.includes(value));
  for (const row of combinations) {
    const status = statusNumbers[row.status] ?? '';
    const standing = standingNumbers[row.standing] ?? '';
    const left = [
      ['category', chosen(query.category, [row.category])],
      ['kind', chosen(query.kind, [row.kind])],
      ['status', chosen(query.status, [status])],
      ['standing', chosen(query.standing, [standing])],
      ['focus', chosen(query.focus, row.focus_areas)],
      ['requirement', row.fits === 1],
    ] as const;
    const out = left.filter(([, isIn]) => !isIn).map(([facet]) => facet);
    if (out.length === 0) total += row.n;
    const counted = (facet: Facet): boolean => out.length === 0 || (out.length === 1 && out[0] === facet);
    if (counted('category')) add('category', row.category, row.n);
    if (counted('kind')) add('kind', row.kind, row.n);
    if (counted('status')) add('status', status, row.n);
    if (counted('standing')) add('standing', standing, row.n);
    if (counted('focus')) for (const area of row.focus_areas) add('focus', area, row.n);
  }
  for (const [id, n] of Object.entries(requirements)) add('requirement', id, n);
  for (const name of facetNames) for (const value of query[name]) counts[name][value] ??= 0;
  return { total, counts };
}
