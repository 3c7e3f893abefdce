import type { Language } from './language.ts';

const locale: Record<Language, string> = { da: 'da-DK', en: 'en-GB' };
const zone = 'Europe/Copenhagen';

/** 23. november 2026 / 23 November 2026, from YYYY-MM-DD. */
export function formatDate(date: string, lang: Language): string {
  return new Intl.DateTimeFormat(locale[lang], { dateStyle: 'long', timeZone: 'UTC' }).format(new Date(`${date}T12:00:00Z`));
}

/** mandag den 23. november 2026 kl. 12.00 / Monday 23 November 2026 at 12:00, Danish time. */
export function formatDeadline(at: Date, lang: Language): string {
  return new Intl.DateTimeFormat(locale[lang], { dateStyle: 'full', timeStyle: 'short', timeZone: zone }).format(at);
}

/** 23. november 2026 kl. 12.00 / 23 November 2026 at 12:00, Danish time. */
export function formatInstant(at: Date, lang: Language): string {
  return new Intl.DateTimeFormat(locale[lang], { dateStyle: 'long', timeStyle: 'short', timeZone: zone }).format(at);
}

/** Kroner without øre from an amount in øre: 4.500.000 kr. / DKK 4,500,000. */
export function formatKroner(ore: number, lang: Language): string {
  const amount = new Intl.NumberFormat(locale[lang], { maximumFractionDigits: 0 }).format(Math.round(ore / 100));
  return lang === 'da' ? `${amount} kr.` : `DKK ${amount}`;
}

export function formatNumber(value: number, lang: Language): string {
  return new Intl.NumberFormat(locale[lang], { maximumFractionDigits: 2 }).format(value);
}

/** 2,3 MB / 2.3 MB, in powers of 1,000; small files in bytes, as a receipt must be exact enough to compare. */
export function formatBytes(bytes: number, lang: Language): string {
  const units = ['byte', 'kB', 'MB', 'GB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  const number = new Intl.NumberFormat(locale[lang], { maximumFractionDigits: unit === 0 ? 0 : 1 }).format(value);
  return `${number} ${unit === 0 && lang === 'en' && bytes !== 1 ? 'bytes' : units[unit]}`;
}

/** A, B og C / A, B and C. */
export function formatList(items: readonly string[], lang: Language): string {
  return new Intl.ListFormat(locale[lang], { type: 'conjunction' }).format(items);
}

/** i dag, i morgen, om 12 dage, for 3 dage siden / today, tomorrow, in 12 days, 3 days ago. */
export function formatDays(count: number, lang: Language): string {
  return new Intl.RelativeTimeFormat(locale[lang], { numeric: 'auto' }).format(count, 'day');
}

/** 2026-Q3 becomes 3. kvartal 2026 / Q3 2026; other periods are shown as they are. */
export function formatPeriod(period: string, lang: Language): string {
  const quarter = /^(\d{4})-Q([1-4])$/.exec(period);
  if (quarter) return lang === 'da' ? `${quarter[2]}. kvartal ${quarter[1]}` : `Q${quarter[2]} ${quarter[1]}`;
  const half = /^(\d{4})-H([12])$/.exec(period);
  if (half) return lang === 'da' ? `${half[2]}. halvår ${half[1]}` : `H${half[2]} ${half[1]}`;
  const month = /^(\d{4})-(\d{2})$/.exec(period);
  if (month) return new Intl.DateTimeFormat(locale[lang], { month: 'long', year: 'numeric', timeZone: 'UTC' }).format(new Date(`${period}-15T12:00:00Z`));
  return period;
}
