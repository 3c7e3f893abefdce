import { z } from 'zod';
import { type FileKind, kinds } from '../documents/kind.ts';
import { both } from '../municipality/municipality.ts';

const field = z.strictObject({
  key: z.string().regex(/^[a-zA-Z][a-zA-Z0-9]*$/),
  type: z.enum(['text', 'longtext', 'date', 'boolean', 'integer', 'number', 'percent', 'money', 'enum']),
  label: both,
  hint: both.optional(),
  required: z.boolean(),
  unit: both.optional(),
  options: z.array(z.strictObject({ value: z.string(), label: both })).optional(),
});

/** A file of content/obligation-types; the file name is the id. */
export const obligationTypeSchema = z.strictObject({
  id: z.string().regex(/^[a-z0-9-]+$/),
  title: both,
  task: both,
  why: both,
  accepted: z.array(both).min(1),
  group: z.enum(['start', 'data', 'commercial', 'environment', 'climate', 'social', 'works', 'close']),
  cadence: z.enum(['once', 'annual', 'half-yearly', 'quarterly', 'monthly', 'per-event', 'certificate', 'on-request']),
  visibility: z.enum(['public-aggregate', 'aggregate', 'public-status', 'confidential', 'secret']),
  files: z.enum(['required', 'optional', 'none']),
  evidence: z.array(z.enum(Object.keys(kinds) as [FileKind, ...FileKind[]])),
  minutes: z.number().int().positive(),
  fields: z.array(field),
});

/** A kind of documentation that contracts ask for: what is typed, which files, what the case officer looks for. */
export type ObligationType = z.infer<typeof obligationTypeSchema>;
export type ObligationField = z.infer<typeof field>;

export type ObligationTypes = ReadonlyMap<string, ObligationType>;

/** The type of an obligation; a row whose type no file describes is a fault of the content. */
export function typeOf(types: ObligationTypes, id: string): ObligationType {
  const type = types.get(id);
  if (!type) throw new Error(`no file content/obligation-types/${id}.yaml, but an obligation refers to it`);
  return type;
}
