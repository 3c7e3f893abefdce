import { z } from 'zod';
import { addressReader } from '../../platform/asking/address.ts';
import { dayInCursor, readCursor, textInCursor } from '../../platform/asking/cursor.ts';
import { wordsOf } from '../../platform/asking/words.ts';
import { kinds } from '../content.ts';

export const sorts = ['title', 'ends', 'number', 'best'] as const;
export const statuses = ['active', 'coming', 'ended'] as const;
export const standings = ['all', 'some', 'none', 'not-asked'] as const;
export type Sort = (typeof sorts)[number];

/** What the list is asked for; everything stands in the address. */
export interface RegisterQuery {
  readonly q: string;
  readonly category: readonly string[];
  readonly kind: readonly string[];
  readonly status: readonly string[];
  readonly standing: readonly string[];
  readonly focus: readonly string[];
  readonly requirement: readonly string[];
  /** Ends within so many months; null: whenever. */
  readonly ends: number | null;
  readonly supplier: string | null;
  readonly sort: Sort;
  readonly cursor: Cursor | null;
  readonly limit: number;
}

/** The last row of the page before: its place in the order, which is of the type that the order is by, and its id. */
const after = <By extends Sort>(sort: By, value: z.ZodType<string>) => z.strictObject({ sort: z.literal(sort), value, id: z.uuid() });
export const cursorSchema = z.discriminatedUnion('sort', [
  after('title', textInCursor(2_000)),
  after('ends', dayInCursor),
  after('number', textInCursor(60)),
  after('best', z.string().regex(/^\d{1,9}$/)),
]);
export type Cursor = z.infer<typeof cursorSchema>;

const id = z.string().regex(/^[a-z0-9-]{1,80}$/);
const facets = { category: id, kind: z.enum(kinds), status: z.enum(statuses), standing: z.enum(standings), focus: id, requirement: id } as const;
export type Facet = keyof typeof facets;
export const facetNames = Object.keys(facets) as Facet[];

/** Reads the address. What it does not know is named in `wrong`, and left out of the query. */
export function readQuery(
  params: URLSearchParams,
  { defaultStatus = ['active', 'coming'] }: { defaultStatus?: readonly string[] } = {},
): { query: RegisterQuery; wrong: string[] } {
  const { many: values, one, wrong } = addressReader(params);
  const many = (name: Facet): string[] => values(name, facets[name]);
  const q = (params.get('q') ?? '').trim().slice(0, 200);
  const chosen = one('sort', z.enum(sorts)) ?? (q ? 'best' : 'title');
  // Without a word nothing is better than anything else.
  const sort = chosen === 'best' && wordsOf(q).length === 0 ? 'title' : chosen;
  const cursorText = params.get('cursor');
  const cursor = cursorText ? readCursor(cursorSchema, cursorText) : null;
  if (cursorText && cursor?.sort !== sort) wrong.push('cursor');
  const status = many('status');
  return {
    query: {
      q,
      category: many('category'),
      kind: many('kind'),
      status: status.length > 0 || params.has('status') ? status : defaultStatus,
      standing: many('standing'),
      focus: many('focus'),
      requirement: many('requirement'),
      ends: one('ends', z.coerce.number().int().min(1).max(60)),
      supplier: one('supplier', z.string().regex(/^\d{8}$/)),
      sort,
      cursor: cursor?.sort === sort ? cursor : null,
      limit: one('limit', z.coerce.number().int().min(1).max(1_000)) ?? 50,
    },
    wrong,
  };
}

/** The same without values that no filter has, which are named in `wrong`. */
export function ofKnown({ query, wrong }: { query: RegisterQuery; wrong: readonly string[] }, names: Readonly<Record<Facet, ReadonlyMap<string, string>>>) {
  const known = { ...query };
  for (const name of facetNames) Object.assign(known, { [name]: query[name].filter((value) => names[name].has(value)) });
  return { query: known, wrong: [...wrong, ...facetNames.filter((name) => known[name].length < query[name].length)] };
}
