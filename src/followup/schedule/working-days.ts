import { addDays } from '../../platform/clock.ts';

/**
 * Danish public holidays and working days. Dates are YYYY-MM-DD, without a time or a zone: a deadline is a day in Denmark.
 * Store bededag is no holiday from 2024 on (act no. 214 of 6 March 2023). Constitution Day, Christmas Eve and New Year's
 * Eve are no public holidays, but nobody is expected to work on them under public contracts, so that they count as none
 * of the working days either; that rounds in the supplier's favour.
 */
const fixed: Readonly<Record<string, string>> = {
  '01-01': 'new-year',
  '06-05': 'constitution',
  '12-24': 'christmas-eve',
  '12-25': 'christmas',
  '12-26': 'boxing',
  '12-31': 'new-years-eve',
};
/** Days from Easter Sunday. */
const movable: Readonly<Record<number, string>> = {
  [-3]: 'maundy-thursday',
  [-2]: 'good-friday',
  0: 'easter',
  1: 'easter-monday',
  39: 'ascension',
  49: 'whit-sunday',
  50: 'whit-monday',
};
const lastYearOfGreatPrayerDay = 2023;

/** Easter Sunday of a year of the Gregorian calendar (Meeus, Astronomical Algorithms, chapter 8). */
export function easterOf(year: number): string {
  const a = year % 19;
  const b = Math.floor(year / 100);
  const c = year % 100;
  const d = Math.floor(b / 4);
  const e = b % 4;
  const f = Math.floor((b + 8) / 25);
  const g = Math.floor((b - f + 1) / 3);
  const h = (19 * a + b - d - g + 15) % 30;
  const i = Math.floor(c / 4);
  const k = c % 4;
  const l = (32 + 2 * e + 2 * i - h - k) % 7;
  const m = Math.floor((a + 11 * h + 22 * l) / 451);
  const month = Math.floor((h + l - 7 * m + 114) / 31);
  const day = ((h + l - 7 * m + 114) % 31) + 1;
  return `${year}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`;
}

const known = new Map<number, ReadonlyMap<string, string>>();

/** The days of a year on which nobody is expected to work, weekends aside, by date. */
export function holidaysOf(year: number): ReadonlyMap<string, string> {
  const made = known.get(year);
  if (made) return made;
  const easter = easterOf(year);
  const days = new Map(Object.entries(fixed).map(([day, name]) => [`${year}-${day}`, name]));
  for (const [offset, name] of Object.entries(movable)) days.set(addDays(easter, Number(offset)), name);
  if (year <= lastYearOfGreatPrayerDay) days.set(addDays(easter, 26), 'great-prayer-day');
  known.set(year, days);
  return days;
}

export function isWorkingDay(date: string): boolean {
  const weekday = new Date(`${date}T12:00:00Z`).getUTCDay();
  return weekday !== 0 && weekday !== 6 && !holidaysOf(Number(date.slice(0, 4))).has(date);
}

/** The day that lies so many working days after a date (before it, where the count is negative). The date itself does not count. */
export function addWorkingDays(date: string, count: number): string {
  const step = Math.sign(count);
  let day = date;
  for (let left = Math.abs(count); left > 0; ) {
    day = addDays(day, step);
    if (isWorkingDay(day)) left -= 1;
  }
  return day;
}
