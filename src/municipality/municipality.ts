import fs from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';

export const both = z.strictObject({ da: z.string().min(1), en: z.string().min(1) });

const municipalitySchema = z.strictObject({
  name: both,
  shortName: z.string().min(2),
  cvr: z.string().regex(/^\d{8}$/),
  team: both,
  department: both,
  address: z.strictObject({ street: z.string(), postcode: z.string().regex(/^\d{4}$/), city: z.string() }),
  phone: z.string(),
  email: z.email(),
  nuts: z.string().regex(/^DK\d{3}$/),
  tagline: both,
  /** The official accessibility statement in WAS-Tool; absent until it is made. */
  wasUrl: z.url({ protocol: /^https$/ }).optional(),
  receiptPrefix: z.string().regex(/^[A-Z]{2,6}$/),
});

/** The instance: everything that makes this site one municipality's, from content/municipality. */
export type Municipality = z.infer<typeof municipalitySchema>;

/** Reads a YAML file and checks it; the error names the file, the field and what is wrong. */
export function readYaml<T>(file: string, schema: z.ZodType<T>): T {
  const parsed = schema.safeParse(parse(fs.readFileSync(file, 'utf8')));
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map((issue) => `${file}: ${issue.path.join('.') || 'the file'}: ${issue.message}`);
  throw new Error(faults.join('\n'));
}

export function readMunicipality(contentDir = 'content'): Municipality {
  return readYaml(path.join(contentDir, 'municipality/municipality.yaml'), municipalitySchema);
}
