import { z } from 'zod';
import { addDays } from '../../platform/clock.ts';
import { addWorkingDays } from './working-days.ts';

const span = { days: z.number().int().min(0).max(400).optional(), workingDays: z.number().int().min(0).max(60).optional(), months: z.number().int().min(1).max(24).optional() };
const oneOf = (value: { days?: number | undefined; workingDays?: number | undefined; months?: number | undefined }): boolean =>
  [value.days, value.workingDays, value.months].filter((part) => part !== undefined).length === 1;
const oneSpan = { message: 'say exactly one of days, workingDays and months' };

/**
 * When something is due, as an obligation type states it: so long after or before a day, or on the first of some dates of the year
 * that lies after the period. `period` is its last day, `start` and `end` are the contract's first and last day, `anniversary` the
 * day on which a new year of it begins, `event` the day on which it was asked for.
 */
export const deadlineSchema = z.union([
  z.strictObject({ after: z.enum(['period', 'start', 'end', 'event']), ...span }).refine(oneOf, oneSpan),
  z.strictObject({ before: z.enum(['start', 'end', 'anniversary']), ...span }).refine(oneOf, oneSpan),
  z.strictObject({ on: z.array(z.string().regex(/^(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/, 'a day of the year as MM-DD')).min(1) }),
]);
export type Deadline = z.infer<typeof deadlineSchema>;

/** The days that a deadline is counted from. */
export interface Marks {
  readonly start: string;
  readonly end: string;
  /** The last day of the period, where there is one. */
  readonly period?: string;
  readonly anniversary?: string;
  readonly event?: string;
}

/** The last day on which it is in time. Null where the rule counts from a day that there is none of. */
export function dueOn(deadline: Deadline, marks: Marks): string | null {
  if ('on' in deadline) {
    const from = marks.period ?? marks.event ?? marks.start;
    const year = Number(from.slice(0, 4));
    const days = [year, year + 1].flatMap((each) => deadline.on.map((day) => realDay(each, day))).sort();
    return days.find((day) => day > from) ?? null;
  }
  const from = 'after' in deadline ? marks[deadline.after] : marks[deadline.before];
  if (from === undefined) return null;
  const sign = 'after' in deadline ? 1 : -1;
  if (deadline.workingDays !== undefined) return addWorkingDays(from, sign * deadline.workingDays);
  if (deadline.months !== undefined) return addMonths(from, sign * deadline.months);
  return addDays(from, sign * (deadline.days ?? 0));
}

/** The same day so many months later or earlier; the last day of a month that is too short for it. */
export function addMonths(date: string, count: number): string {
  const index = Number(date.slice(0, 4)) * 12 + Number(date.slice(5, 7)) - 1 + count;
  return realDay(Math.floor(index / 12), `${String((index % 12) + 1).padStart(2, '0')}-${date.slice(8)}`);
}

function realDay(year: number, day: string): string {
  const last = new Date(Date.UTC(year, Number(day.slice(0, 2)), 0)).getUTCDate();
  return `${year}-${day.slice(0, 3)}${String(Math.min(Number(day.slice(3)), last)).padStart(2, '0')}`;
}
