import { z } from 'zod';

/** A place in a list as it stands in an address: opaque to whoever follows it. */
export const writeCursor = (place: unknown): string => Buffer.from(JSON.stringify(place)).toString('base64url');

/** What PostgreSQL takes as a text: a title may hold any other sign, and a cursor is written from one. */
export const textInCursor = (longest: number) =>
  z
    .string()
    .max(longest)
    .regex(/^[^\0\p{Cs}]*$/u);

/** What PostgreSQL takes as a date: it has no year 0. */
export const dayInCursor = z.iso.date().refine((day) => day >= '0001');

/** Null when it is no cursor of ours. */
export function readCursor<Place>(schema: z.ZodType<Place>, text: string): Place | null {
  try {
    return schema.safeParse(JSON.parse(Buffer.from(text, 'base64url').toString())).data ?? null;
  } catch {
    return null;
  }
}
