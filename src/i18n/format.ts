import type { Language } from './language.ts';

const locale: Record<Language, string> = { da: 'da-DK', en: 'en-GB' };
const zone = 'Europe/Copenhagen';

/** Making a formatter costs a hundred times as much as using it, in time and in memory: each is made once per language. */
function once<T>(make: (locale: string) => T): (lang: Language) => T {
  const made = new Map<Language, T>();
  return (lang) => {
    const known = made.get(lang) ?? make(locale[lang]);
    made.set(lang, known);
    return known;
  };
}

const longDate = once((tag) => new Intl.DateTimeFormat(tag, { dateStyle: 'long', timeZone: 'UTC' }));
const fullInstant = once((tag) => new Intl.DateTimeFormat(tag, { dateStyle: 'full', timeStyle: 'short', timeZone: zone }));
const longInstant = once((tag) => new Intl.DateTimeFormat(tag, { dateStyle: 'long', timeStyle: 'short', timeZone: zone }));
const exactInstant = once((tag) => new Intl.DateTimeFormat(tag, { dateStyle: 'long', timeStyle: 'medium', timeZone: zone }));
const monthAndYear = once((tag) => new Intl.DateTimeFormat(tag, { month: 'long', year: 'numeric', timeZone: 'UTC' }));
const whole = once((tag) => new Intl.NumberFormat(tag, { maximumFractionDigits: 0 }));
const tenths = once((tag) => new Intl.NumberFormat(tag, { maximumFractionDigits: 1 }));
const hundredths = once((tag) => new Intl.NumberFormat(tag, { maximumFractionDigits: 2 }));
const exactly = once((tag) => new Intl.NumberFormat(tag, { minimumFractionDigits: 2, maximumFractionDigits: 2 }));
const conjunction = once((tag) => new Intl.ListFormat(tag, { type: 'conjunction' }));
const disjunction = once((tag) => new Intl.ListFormat(tag, { type: 'disjunction' }));
const collator = once((tag) => new Intl.Collator(tag));
const relative = once((tag) => new Intl.RelativeTimeFormat(tag, { numeric: 'auto' }));

/** 23. november 2026 / 23 November 2026, from YYYY-MM-DD. */
export function formatDate(date: string, lang: Language): string {
  return longDate(lang).format(new Date(`${date}T12:00:00Z`));
}

/** mandag den 23. november 2026 kl. 12.00 / Monday 23 November 2026 at 12:00, Danish time. */
export function formatDeadline(at: Date, lang: Language): string {
  return fullInstant(lang).format(at);
}

/** 23. november 2026 kl. 12.00 / 23 November 2026 at 12:00, Danish time. */
export function formatInstant(at: Date, lang: Language): string {
  return longInstant(lang).format(at);
}

/** 23. november 2026 kl. 12.00.05 / 23 November 2026 at 12:00:05, Danish time. */
export function formatExactInstant(at: Date, lang: Language): string {
  return exactInstant(lang).format(at);
}

/** Kroner and øre from an amount in øre: 1.250,50 kr. / DKK 1,250.50. */
export function formatOere(oere: number, lang: Language): string {
  return inKroner(exactly(lang).format(oere / 100), lang);
}

/** An amount of kroner below a heading that names the currency: 1.250,50 / 1,250.50. */
export function formatAmount(kroner: number, lang: Language): string {
  return exactly(lang).format(kroner);
}

/** Kroner without øre from an amount in øre: 4.500.000 kr. / DKK 4,500,000. */
export function formatKroner(ore: number, lang: Language): string {
  return inKroner(whole(lang).format(Math.round(ore / 100)), lang);
}

const inKroner = (amount: string, lang: Language): string => (lang === 'da' ? `${amount} kr.` : `DKK ${amount}`);

export function formatNumber(value: number, lang: Language): string {
  return hundredths(lang).format(value);
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
  const number = (unit === 0 ? whole : tenths)(lang).format(value);
  return `${number} ${unit === 0 && lang === 'en' && bytes !== 1 ? 'bytes' : units[unit]}`;
}

/** A, B og C / A, B and C. */
export function formatList(items: readonly string[], lang: Language): string {
  return conjunction(lang).format(items);
}

/** A, B eller C / A, B or C. */
export function formatChoice(items: readonly string[], lang: Language): string {
  return disjunction(lang).format(items);
}

/** i dag, i morgen, om 12 dage, for 3 dage siden / today, tomorrow, in 12 days, 3 days ago. */
export function formatDays(count: number, lang: Language): string {
  return relative(lang).format(count, 'day');
}

/** 2026-Q3 becomes 3. kvartal 2026 / Q3 2026; other periods are shown as they are. */
export function formatPeriod(period: string, lang: Language): string {
  const quarter = /^(\d{4})-Q([1-4])$/.exec(period);
  if (quarter) return lang === 'da' ? `${quarter[2]}. kvartal ${quarter[1]}` : `Q${quarter[2]} ${quarter[1]}`;
  const half = /^(\d{4})-H([12])$/.exec(period);
  if (half) return lang === 'da' ? `${half[2]}. halvår ${half[1]}` : `H${half[2]} ${half[1]}`;
  const month = /^(\d{4})-(\d{2})$/.exec(period);
  if (month) return monthAndYear(lang).format(new Date(`${period}-15T12:00:00Z`));
  const days = /^(\d{4}-\d{2}-\d{2})\/(\d{4}-\d{2}-\d{2})$/.exec(period);
  if (days && days[1] === days[2]) return formatDate(days[1] ?? '', lang);
  if (days)
    return lang === 'da' ? `${formatDate(days[1] ?? '', lang)} til ${formatDate(days[2] ?? '', lang)}` : `${formatDate(days[1] ?? '', lang)} to ${formatDate(days[2] ?? '', lang)}`;
  // What a renewal is of: the last day of what it renews.
  if (/^\d{4}-\d{2}-\d{2}$/.test(period)) return lang === 'da' ? `fornyes efter ${formatDate(period, lang)}` : `renewal after ${formatDate(period, lang)}`;
  return period;
}

/** What is asked for, with its part behind a comma: Salgsstatistik, 3. kvartal 2026, delaftale 2. The title alone where it is asked for once, of the whole agreement. */
export function formatTitle(title: string, { period, lot }: { readonly period: string | null; readonly lot?: string | null }, lang: Language): string {
  const parts = [title, period && formatPeriod(period, lang), lot && (lang === 'da' ? `delaftale ${lot}` : `lot ${lot}`)];
  return parts.filter(Boolean).join(', ');
}

/** Alphabetical order in the reader's language: æ, ø and å last in Danish, aa as å. */
export function inOrder(a: string, b: string, lang: Language): number {
  return collator(lang).compare(a, b);
}
