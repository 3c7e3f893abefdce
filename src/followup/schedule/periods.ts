import { addDays } from '../../platform/clock.ts';

/** Periods that follow-up is asked for: which there are, and their first and last day, both included (YYYY-MM-DD). */
export interface Period {
  /** 2026, 2026-H1, 2026-Q3, 2026-07, or 2026-05-01/2027-04-30 for a year of the contract. */
  readonly name: string;
  readonly from: string;
  readonly to: string;
}

export type Rhythm = 'annual' | 'half-yearly' | 'quarterly' | 'monthly' | 'contract-year';

const months = { annual: 12, 'half-yearly': 6, quarterly: 3, monthly: 1 } as const;
const two = (value: number): string => String(value).padStart(2, '0');

/** The period of the calendar that a day lies in. */
export function periodAt(rhythm: Exclude<Rhythm, 'contract-year'>, date: string): Period {
  const length = months[rhythm];
  const year = Number(date.slice(0, 4));
  const first = Math.floor((Number(date.slice(5, 7)) - 1) / length) * length + 1;
  const index = (first - 1) / length + 1;
  const name = { annual: `${year}`, 'half-yearly': `${year}-H${index}`, quarterly: `${year}-Q${index}`, monthly: `${year}-${two(first)}` }[rhythm];
  const next = first + length > 12 ? `${year + 1}-01-01` : `${year}-${two(first + length)}-01`;
  return { name, from: `${year}-${two(first)}-01`, to: addDays(next, -1) };
}

/** Every period that the days from `start` to `end` touch, whole even where the contract begins or ends in the middle of it. */
export function periodsBetween(rhythm: Rhythm, start: string, end: string): Period[] {
  const periods: Period[] = [];
  if (rhythm === 'contract-year') {
    for (let year = 0; sameDay(start, year) <= end; year += 1) {
      const from = sameDay(start, year);
      const whole = addDays(sameDay(start, year + 1), -1);
      const to = whole < end ? whole : end;
      periods.push({ name: `${from}/${to}`, from, to });
    }
    return periods;
  }
  for (let day = start; day <= end; ) {
    const period = periodAt(rhythm, day);
    periods.push(period);
    day = addDays(period.to, 1);
  }
  return periods;
}

/** The anniversary of a day; of 29 February it is 28 February where there is none. */
export function sameDay(date: string, years: number): string {
  const year = Number(date.slice(0, 4)) + years;
  const leap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  const day = date.slice(5) === '02-29' && !leap ? '02-28' : date.slice(5);
  return `${String(year).padStart(4, '0')}-${day}`;
}
