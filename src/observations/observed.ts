import { z } from 'zod';
import type { Indicator } from './indicator.ts';

const fieldKey = z.string().regex(/^[a-zA-Z][a-zA-Z0-9]*$/);

const ofField = z.strictObject({
  indicator: z.string(),
  field: fieldKey,
  /** Another field that it is multiplied with: a share of a number becomes a number, which adds up as shares do not. */
  times: fieldKey.optional(),
  /** 0.01 makes a percentage a share, 100 kroner øre. */
  factor: z.number().positive().optional(),
  /** Counts only where a choice was answered like this. */
  when: z.strictObject({ field: fieldKey, is: z.string() }).optional(),
});

const ofLines = z.strictObject({ indicator: z.string(), lines: z.enum(['total', 'ecolabel', 'offContract', 'count']) });

/** An entry of `observations` in an obligation type: which of its answers are which figure. */
export const observedSchema = z.union([ofField, ofLines]);
export type Observed = z.infer<typeof observedSchema>;

interface AnyField {
  readonly key: string;
  readonly type: string;
  readonly options?: readonly { readonly value: string }[] | undefined;
  readonly checks?: { readonly totals?: unknown } | undefined;
}

const numbers = ['integer', 'number', 'percent', 'money'];

/** What the entries of a type say that its fields do not bear out. */
export function observedFaults(entries: readonly Observed[], fields: readonly AnyField[]): { path: (string | number)[]; message: string }[] {
  const faults: { path: (string | number)[]; message: string }[] = [];
  const typeOf = (key: string): string | undefined => fields.find((field) => field.key === key)?.type;
  for (const [place, entry] of entries.entries()) {
    const wrong = (part: string, message: string): void => void faults.push({ path: [place, part], message });
    if (entries.findIndex(({ indicator }) => indicator === entry.indicator) !== place) wrong('indicator', `"${entry.indicator}" is used twice; a type gives each figure once`);
    if ('lines' in entry) {
      const table = fields.find(({ type }) => type === 'table');
      if (!table) wrong('lines', 'the type has no lines; name a field instead');
      else if (entry.lines !== 'count' && !table.checks?.totals) wrong('lines', 'the lines are not added up; write checks.totals for them');
      continue;
    }
    for (const part of ['field', 'times'] as const) {
      const key = entry[part];
      if (key === undefined) continue;
      const type = typeOf(key);
      if (type === undefined) wrong(part, `there is no field ${key}`);
      else if (!numbers.includes(type)) wrong(part, `the field ${key} is no number but ${type}`);
    }
    if (entry.when) {
      const options = fields.find(({ key }) => key === entry.when?.field)?.options;
      if (!options) wrong('when', `there is no choice ${entry.when.field}`);
      else if (!options.some(({ value }) => value === entry.when?.is)) wrong('when', `the choice ${entry.when.field} has no option ${entry.when.is}`);
    }
  }
  return faults;
}

/** Whether a field can be what an indicator is measured in: amounts of money are kroner, and nothing else is by accident. Null, or what is wrong. */
export function unitFault(entry: Observed, indicator: Indicator, fields: readonly AnyField[]): string | null {
  if (indicator.kind === 'ratio') return `"${indicator.id}" is a ratio and follows from its two parts; name those`;
  const isMoney = 'lines' in entry ? entry.lines !== 'count' : fields.find(({ key }) => key === entry.field)?.type === 'money';
  const becomesMoney = 'factor' in entry && entry.factor === 100;
  if (indicator.unit === 'DKK' && !isMoney && !becomesMoney)
    return `"${indicator.id}" is an amount, but this is none; name a field of money, or write factor 100 where kroner are typed as a number`;
  return isMoney && indicator.unit !== 'DKK' ? `"${indicator.id}" is measured in ${indicator.unit}, but this is an amount` : null;
}
