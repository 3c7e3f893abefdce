import type { z } from 'zod';

/** A place in a list as it stands in an address: opaque to whoever follows it. */
export const writeCursor = (place: unknown): string => Buffer.from(JSON.stringify(place)).toString('base64url');

/** Null when it is no cursor of ours. */
export function readCursor<Place>(schema: z.ZodType<Place>, text: string): Place | null {
  try {
    return schema.safeParse(JSON.parse(Buffer.from(text, 'base64url').toString())).data ?? null;
  } catch {
    return null;
  }
}
