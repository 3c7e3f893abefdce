/** The time of day. Two clocks: the machine's (possibly shifted), and one that stands still. */
export interface Clock {
  /** The present instant. */
  now(): Date;
}

export const zone = 'Europe/Copenhagen';

export function systemClock(shiftMs = 0): Clock {
  return { now: () => new Date(Date.now() + shiftMs) };
}

export function standingClock(at: Date): Clock {
  return { now: () => new Date(at) };
}

/**
 * Reads the setting NOW: an instant such as 2026-11-23T09:00:00+01:00 stands still,
 * a signed ISO 8601 duration such as +P3D or -PT2H shifts the machine's clock. Throws RangeError on anything else.
 */
export function clockFrom(setting: string | undefined): Clock {
  if (setting === undefined) return systemClock();
  const shift = /^([+-])P(?:(\d{1,5})D)?(?:T(?:(\d{1,6})H)?(?:(\d{1,6})M)?)?$/.exec(setting);
  if (shift) {
    const minutes = Number(shift[2] ?? 0) * 24 * 60 + Number(shift[3] ?? 0) * 60 + Number(shift[4] ?? 0);
    return systemClock((shift[1] === '-' ? -1 : 1) * minutes * 60_000);
  }
  const at = new Date(setting);
  if (Number.isNaN(at.getTime())) throw new RangeError(`NOW=${setting} is neither an instant (2026-11-23T09:00:00+01:00) nor a shift (+P3D, -PT2H)`);
  return standingClock(at);
}

const localDate = new Intl.DateTimeFormat('sv-SE', { timeZone: zone, year: 'numeric', month: '2-digit', day: '2-digit' });

/** The local date in Denmark as YYYY-MM-DD; the day on which a deadline counts. */
export function dateOf(instant: Date): string {
  return localDate.format(instant);
}

export function today(clock: Clock): string {
  return dateOf(clock.now());
}

const localTime = new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'medium' });

/** What clocks in Denmark show at an instant, YYYY-MM-DDTHH:MM:SS. */
export function danishTime(instant: Date | number): string {
  return localTime.format(instant).replace(' ', 'T');
}

/** The same with the offset from UTC, which tells the hour apart that comes twice: YYYY-MM-DDTHH:MM:SS+01:00. */
export function danishInstant(instant: Date): string {
  const shown = danishTime(instant);
  const ahead = Math.round((Date.parse(`${shown}Z`) - instant.getTime()) / hours(1));
  return `${shown}+0${ahead}:00`;
}

/** The instant (ISO 8601, UTC) at which clocks in Denmark show YYYY-MM-DDTHH:MM:SS; the earlier one where they show it twice. */
export function atDanishTime(written: string): string {
  const utc = Date.parse(`${written}Z`);
  const at = [2, 1].map((count) => utc - hours(count)).find((each) => danishTime(each) === written);
  return new Date(at ?? utc - hours(1)).toISOString();
}

/** Calendar arithmetic on YYYY-MM-DD, free of zones. */
export function addDays(date: string, count: number): string {
  const at = new Date(`${date}T12:00:00Z`);
  at.setUTCDate(at.getUTCDate() + count);
  return at.toISOString().slice(0, 10);
}

/** Whole days from one date to another; negative when the second is earlier. */
export function daysBetween(from: string, to: string): number {
  return Math.round((Date.parse(`${to}T12:00:00Z`) - Date.parse(`${from}T12:00:00Z`)) / days(1));
}

/** Durations in milliseconds. */
export const minutes = (count: number): number => count * 60_000;
export const hours = (count: number): number => minutes(60) * count;
export const days = (count: number): number => hours(24) * count;
