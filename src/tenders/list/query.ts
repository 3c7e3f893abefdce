import { z } from 'zod';
import { kindsOfContract, valueBands } from '../../agreements/content.ts';
import { addressReader } from '../../platform/asking/address.ts';
import { readCursor, textInCursor } from '../../platform/asking/cursor.ts';
import { marks } from '../content.ts';
import { phases } from '../tender.ts';

const facets = {
  phase: z.enum(phases),
  category: z.string().regex(/^[a-z0-9-]{1,80}$/),
  kind: z.enum(kindsOfContract),
  value: z.enum(valueBands),
  mark: z.enum([...marks, 'reserved']),
  place: z.string().regex(/^[A-Z]{2}[0-9A-Z]{0,3}$/),
} as const;
export type TenderFacet = keyof typeof facets;
export const tenderFacets = Object.keys(facets) as TenderFacet[];

/** What the list is asked for; everything stands in the address. */
export interface TenderQuery extends Readonly<Record<TenderFacet, readonly string[]>> {
  readonly q: string;
  readonly cursor: TenderCursor | null;
  readonly limit: number;
}

/** The last row of the page before: the place of its phase, its place within it, and its id. */
const cursorSchema = z.tuple([z.number().int().min(0).max(4), z.number(), textInCursor(120)]);
export type TenderCursor = z.infer<typeof cursorSchema>;

/** Reads the address. What it does not know is named in `wrong`, and left out of the query. */
export function readTenderQuery(params: URLSearchParams): { query: TenderQuery; wrong: string[] } {
  const { many, one, wrong } = addressReader(params);
  const cursorText = params.get('cursor');
  const cursor = cursorText ? readCursor(cursorSchema, cursorText) : null;
  if (cursorText && !cursor) wrong.push('cursor');
  const limit = one('limit', z.coerce.number().int().min(1).max(1_000)) ?? 50;
  const chosen = Object.fromEntries(tenderFacets.map((name) => [name, many(name, facets[name])])) as Record<TenderFacet, string[]>;
  return { query: { ...chosen, q: (params.get('q') ?? '').trim().slice(0, 200), cursor, limit }, wrong };
}
