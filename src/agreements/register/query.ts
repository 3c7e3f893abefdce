import { z } from 'zod';
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

/** The last row of the page before: its place in the order, and its id. */
export interface Cursor {
  readonly sort: Sort;
  readonly value: string;
  readonly id: string;
}

const cursorSchema = z.strictObject({ sort: z.enum(sorts), value: z.string().max(2_000), id: z.uuid() });

export const encodeCursor = (cursor: Cursor): string => Buffer.from(JSON.stringify(cursor)).toString('base64url');

/** Null when it is no cursor of ours. */
export function decodeCursor(text: string): Cursor | null {
  try {
    return cursorSchema.safeParse(JSON.parse(Buffer.from(text, 'base64url').toString())).data ?? null;
  } catch {
    return null;
  }
}

const id = z.string().regex(/^[a-z0-9-]{1,80}$/);
const facets = { category: id, kind: z.enum(kinds), status: z.enum(statuses), standing: z.enum(standings), focus: id, requirement: id } as const;
export type Facet = keyof typeof facets;
export const facetNames = Object.keys(facets) as Facet[];

/** Reads the address. What it does not know is named in `wrong`, and left out of the query. */
export function readQuery(
  params: URLSearchParams,
  { defaultStatus = ['active', 'coming'] }: { defaultStatus?: readonly string[] } = {},
): { query: RegisterQuery; wrong: string[] } {
  const wrong: string[] = [];
  const many = (name: Facet): string[] =>
    [...new Set(params.getAll(name))].filter((value) => {
      if (value === '') return false;
      const fits = facets[name].safeParse(value).success;
      if (!fits) wrong.push(name);
      return fits;
    });
  const one = <T>(name: string, schema: z.ZodType<T>): T | null => {
    const value = params.get(name);
    if (value === null || value === '') return null;
    const parsed = schema.safeParse(value);
    if (!parsed.success) wrong.push(name);
    return parsed.success ? parsed.data : null;
  };
  const q = (params.get('q') ?? '').trim().slice(0, 200);
  const sort = one('sort', z.enum(sorts)) ?? (q ? 'best' : 'title');
  const cursorText = params.get('cursor');
  const cursor = cursorText ? decodeCursor(cursorText) : null;
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
