import { z } from 'zod';
import type { Content } from '../../content/content.ts';
import { readCursor, writeCursor } from '../../platform/asking/cursor.ts';
import type { Db } from '../../platform/db.ts';
import { openDataMessages } from '../messages.ts';
import { listOf, type ProblemError } from './schemas.ts';

/** A cell of a table, as the spreadsheet writers take it. */
export type Cell = string | number | Date | boolean | null;

export interface ListContext {
  readonly db: Db;
  readonly content: Content;
  readonly siteUrl: URL;
  readonly now: Date;
  /** The day in Denmark. */
  readonly today: string;
}

/** An open list: how it is read, what an item is, and how it looks as a table. */
export interface ListDefinition<Schema extends z.ZodType> {
  readonly name: string;
  readonly schema: Schema;
  /** At most `limit` items in the order of their keys, those after a key only. */
  read(context: ListContext, after: string | null, limit: number): Promise<z.input<Schema>[]>;
  keyOf(item: z.output<Schema>): string;
  /** The Danish name of the sheet and of its columns. */
  readonly sheet: string;
  readonly columns: readonly (readonly [name: string, value: (item: z.output<Schema>, context: ListContext) => Cell])[];
}

export interface OpenList {
  readonly name: string;
  readonly sheet: string;
  readonly head: readonly string[];
  /** One item, and the whole answer, as they are described to machines. */
  readonly item: z.ZodType;
  readonly answer: z.ZodType;
  page(context: ListContext, query: ListQuery): Promise<{ items: unknown[]; next: string | null }>;
  /** Every item as a row, read a thousand at a time: memory does not grow with the list. */
  rows(context: ListContext): AsyncGenerator<Cell[]>;
}

const pageOfRows = 1_000;

export function openList<Schema extends z.ZodType>({ name, schema, read, keyOf, sheet, columns }: ListDefinition<Schema>): OpenList {
  const pageOf = async (context: ListContext, after: string | null, limit: number): Promise<z.output<Schema>[]> =>
    (await read(context, after, limit)).map((item) => schema.parse(item));
  return {
    name,
    sheet,
    head: columns.map(([column]) => column),
    item: schema,
    answer: listOf(schema),
    async page(context, { after, limit }) {
      const found = await pageOf(context, after, limit + 1);
      const items = found.slice(0, limit);
      const last = items.at(-1);
      return { items, next: found.length > limit && last !== undefined ? writeCursor([name, keyOf(last)]) : null };
    },
    async *rows(context) {
      for (let after: string | null = null; ; ) {
        const items: z.output<Schema>[] = await pageOf(context, after, pageOfRows);
        for (const item of items) yield columns.map(([, value]) => value(item, context));
        const last = items.at(-1);
        if (last === undefined || items.length < pageOfRows) return;
        after = keyOf(last);
      }
    },
  };
}

export interface ListQuery {
  readonly limit: number;
  /** The key of the last item that the reader has. */
  readonly after: string | null;
}

export const defaultLimit = 100;
export const highestLimit = 1_000;

// PostgreSQL takes no NUL in a text, and no key of ours holds a control character.
const cursorSchema = z.tuple([
  z.string(),
  z
    .string()
    .min(1)
    .max(200)
    .regex(/^\P{Cc}+$/u),
]);

/** The key in a cursor of this list; null when it is none of ours or another list's. */
function keyIn(list: string, text: string): string | null {
  const [of, key] = readCursor(cursorSchema, text) ?? [];
  return of === list ? (key ?? null) : null;
}

/** Reads limit and cursor; other parameters are not looked at. What cannot be read is a fault: nobody gets an empty list for a slip. */
export function readListQuery(list: string, params: URLSearchParams): { query: ListQuery; faults: ProblemError[] } {
  const faults: ProblemError[] = [];
  const fault = (parameter: 'limit' | 'cursor', found: string): void => {
    faults.push({
      code: `bad-${parameter}`,
      parameter,
      found: found.slice(0, 200),
      message_da: openDataMessages.da.faults[parameter],
      message_en: openDataMessages.en.faults[parameter],
    });
  };
  const limitText = params.get('limit');
  const limit = limitText === null ? defaultLimit : /^\d{1,4}$/.test(limitText) ? Number(limitText) : 0;
  if (limit < 1 || limit > highestLimit) fault('limit', limitText ?? '');
  const cursor = params.get('cursor');
  const after = cursor === null ? null : keyIn(list, cursor);
  if (cursor !== null && after === null) fault('cursor', cursor);
  return { query: { limit, after }, faults };
}
