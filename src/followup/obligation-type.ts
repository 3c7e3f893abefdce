import { z } from 'zod';
import { type FileKind, kinds } from '../documents/kind.ts';
import { both } from '../municipality/municipality.ts';
import { observedFaults, observedSchema } from '../observations/observed.ts';
import { deadlineSchema } from './schedule/deadline.ts';
import { keyShape, tableFaults, tableShape } from './table.ts';

const typedField = z.strictObject({
  key: keyShape,
  type: z.enum(['text', 'longtext', 'date', 'boolean', 'integer', 'number', 'percent', 'money', 'enum']),
  label: both,
  hint: both.optional(),
  required: z.boolean(),
  unit: both.optional(),
  options: z.array(z.strictObject({ value: z.string(), label: both })).optional(),
});

/** Lines that are sent as a file, not typed. */
const tableField = z.strictObject({ key: keyShape, type: z.literal('table'), label: both, hint: both, required: z.boolean(), ...tableShape });

const field = z.discriminatedUnion('type', [typedField, tableField]);

/** The fields of a certificate, by their keys. A type that has them is kept in the supplier's library and used for many tasks. */
const certificate = z.strictObject({ name: z.string().optional(), number: z.string(), issuer: z.string().optional(), validFrom: z.string().optional(), validTo: z.string() });

/** A file of content/obligation-types; the file name is the id. */
const plainType = z.strictObject({
  id: z.string().regex(/^[a-z0-9-]+$/),
  title: both,
  task: both,
  why: both,
  accepted: z.array(both).min(1),
  group: z.enum(['start', 'data', 'commercial', 'environment', 'climate', 'social', 'works', 'close']),
  cadence: z.enum(['once', 'annual', 'half-yearly', 'quarterly', 'monthly', 'per-event', 'certificate', 'on-request']),
  /** When it is due; the words of followup/schedule/deadline.ts. */
  deadline: deadlineSchema,
  /** Its years are those of the contract, not of the calendar. */
  contractYears: z.boolean().optional(),
  visibility: z.enum(['public-aggregate', 'aggregate', 'public-status', 'confidential', 'secret']),
  files: z.enum(['required', 'optional', 'none']),
  evidence: z.array(z.enum(Object.keys(kinds) as [FileKind, ...FileKind[]])),
  minutes: z.number().int().positive(),
  certificate: certificate.optional(),
  /** Which answers are which figure of content/indicators.yaml. */
  observations: z.array(observedSchema).optional(),
  fields: z.array(field),
});

export const obligationTypeSchema = plainType.superRefine(({ certificate: keys, observations, fields, files }, context) => {
  for (const [place, each] of fields.entries())
    if (each.type === 'table') for (const { path, message } of tableFaults(each)) context.addIssue({ code: 'custom', path: ['fields', place, ...path], message });
  for (const { path, message } of observedFaults(observations ?? [], fields)) context.addIssue({ code: 'custom', path: ['observations', ...path], message });
  if (!keys) return;
  if (files === 'none') context.addIssue({ code: 'custom', path: ['certificate'], message: 'a certificate is a file, but files is none' });
  for (const [part, key] of Object.entries(keys)) {
    const type = fields.find((each) => each.key === key)?.type;
    if (!type) context.addIssue({ code: 'custom', path: ['certificate', part], message: `there is no field ${key}` });
    else if (part.startsWith('valid') && type !== 'date') context.addIssue({ code: 'custom', path: ['certificate', part], message: `the field ${key} is no date` });
  }
});

/** A kind of documentation that contracts ask for: what is typed, which files, what the case officer looks for. */
export type ObligationType = z.infer<typeof obligationTypeSchema>;
/** A question that is answered by typing. */
export type ObligationField = z.infer<typeof typedField>;
export type { TableColumn } from './table.ts';
export type TableField = z.infer<typeof tableField>;

/** The questions that are typed, in their order. */
export function typedFields(type: ObligationType): ObligationField[] {
  return type.fields.filter((each) => each.type !== 'table');
}

/** The lines that are sent as a file; undefined for most types. */
export function tableOf(type: ObligationType): TableField | undefined {
  return type.fields.find((each) => each.type === 'table');
}

export type ObligationTypes = ReadonlyMap<string, ObligationType>;

/** The type of an obligation; a row whose type no file describes is a fault of the content. */
export function typeOf(types: ObligationTypes, id: string): ObligationType {
  const type = types.get(id);
  if (!type) throw new Error(`no file content/obligation-types/${id}.yaml, but an obligation refers to it`);
  return type;
}
