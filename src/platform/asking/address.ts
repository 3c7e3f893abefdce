import type { z } from 'zod';

/** Reads parameters of an address. What cannot be used is named in `wrong` and left out. */
export function addressReader(params: URLSearchParams) {
  const wrong: string[] = [];
  return {
    wrong,
    /** Each value once; empty ones, as forms send them, are none. */
    many(name: string, schema: z.ZodType): string[] {
      return [...new Set(params.getAll(name))].filter((value) => {
        if (value === '') return false;
        const fits = schema.safeParse(value).success;
        if (!fits) wrong.push(name);
        return fits;
      });
    },
    /** Null when it is not there, empty, or not usable. */
    one<T>(name: string, schema: z.ZodType<T>): T | null {
      const value = params.get(name);
      if (value === null || value === '') return null;
      const parsed = schema.safeParse(value);
      if (!parsed.success) wrong.push(name);
      return parsed.success ? parsed.data : null;
    },
  };
}
