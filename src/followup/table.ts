import { z } from 'zod';
import { both } from '../municipality/municipality.ts';

export const keyShape = z.string().regex(/^[a-zA-Z][a-zA-Z0-9]*$/);

const synonyms = z.array(z.string().min(1)).optional();

const column = z.strictObject({
  key: keyShape,
  /** As it stands in templates; the Danish one is its name to machines. */
  header: both,
  /** What people call it, where lines are typed. */
  label: both,
  /** Other headers that mean the same; case, spaces and punctuation do not count, and æ is ae. */
  synonyms,
  type: z.enum(['text', 'date', 'number', 'money', 'percent', 'yes-no', 'enum', 'period', 'agreement', 'cvr', 'gln', 'gtin', 'cpv', 'unspsc']),
  required: z.boolean(),
  /** What stands in the template. */
  example: z.string(),
  hint: both,
  options: z.array(z.strictObject({ value: z.string().min(1), label: both, synonyms })).optional(),
  /** Several options may stand in a cell, separated by |. */
  several: z.boolean().optional(),
  /** Where the list of options cannot be complete: the warning for others, which are an error elsewhere. */
  unknown: z.enum(['unknown-ecolabel']).optional(),
  /** A day that must lie in the period of its line. */
  inside: z.literal('period').optional(),
});

/** Lines of a return: their columns, and what must hold between them. Columns are named by their keys. */
export const tableShape = {
  columns: z.array(column).min(1),
  /** What is confirmed instead of sending lines, where there were none. */
  nothing: both.optional(),
  checks: z.strictObject({
    /** The amount is quantity times price, within 0.05 kroner. */
    product: z.strictObject({ amount: keyShape, quantity: keyShape, price: keyShape }).optional(),
    /** What tells a line: two deliveries that differ in other columns only have the same line changed. */
    identity: z.array(keyShape).min(1).optional(),
    totals: z.strictObject({ amount: keyShape, ecolabel: keyShape, onContract: keyShape, buyer: keyShape }).optional(),
  }),
};

export type TableColumn = z.infer<typeof column>;
export type TableChecks = z.infer<typeof tableShape.checks>;

/** What cannot be, though each part of it could: keys twice, checks of columns that are not there, a choice without options. */
export function tableFaults({ columns, checks }: { readonly columns: readonly TableColumn[]; readonly checks: TableChecks }): { path: (string | number)[]; message: string }[] {
  const faults: { path: (string | number)[]; message: string }[] = [];
  const keys = columns.map(({ key }) => key);
  for (const [place, { key, type, options }] of columns.entries()) {
    if (keys.indexOf(key) !== place) faults.push({ path: ['columns', place, 'key'], message: `there are two columns ${key}` });
    if ((type === 'enum') !== (options !== undefined)) faults.push({ path: ['columns', place, 'options'], message: 'options belong to columns of type enum, and only to them' });
  }
  for (const [name, parts] of Object.entries(checks))
    for (const [part, key] of Object.entries(parts ?? {})) if (!keys.includes(key)) faults.push({ path: ['checks', name, part], message: `there is no column ${key}` });
  return faults;
}
