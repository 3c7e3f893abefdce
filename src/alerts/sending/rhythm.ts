import { addDays, dateOf, zone } from '../../platform/clock.ts';

/** Collected mails go out at this hour, Danish time. */
const hour = 7;

const localHour = new Intl.DateTimeFormat('en-GB', { timeZone: zone, hour: '2-digit', hourCycle: 'h23' });

/** The instant at which it is seven in the morning in Denmark on a date: two of the day's hours by UTC come into question. */
export function morningOf(date: string): Date {
  for (let utc = hour - 3; utc <= hour; utc += 1) {
    const at = new Date(`${date}T${String(utc).padStart(2, '0')}:00:00Z`);
    if (Number(localHour.format(at)) === hour && dateOf(at) === date) return at;
  }
  throw new Error(`there is no ${hour} o’clock on ${date}`);
}

/** The latest morning, or Monday morning, at which collected mails were due. */
export function lastDue(rhythm: 'daily' | 'weekly', now: Date): Date {
  let date = dateOf(now);
  if (morningOf(date) > now) date = addDays(date, -1);
  while (rhythm === 'weekly' && new Date(`${date}T12:00:00Z`).getUTCDay() !== 1) date = addDays(date, -1);
  return morningOf(date);
}
