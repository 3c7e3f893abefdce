import { atDanishTime } from '../../platform/clock.ts';
import { fieldNames, type NoticeFault } from './messages.ts';
import type { Amount, Deadline, Duration, Text } from './notice.ts';
import { all, type Element, pathOf } from './xml.ts';

/** What the readers of one file share. */
export interface Reading {
  /** The notice's own language, for text that does not say its language. */
  readonly language: string;
  readonly faults: NoticeFault[];
  /** Where in the notice an element was read to: fields that are kept back are found by it. */
  readonly places: Map<Element, readonly (string | number)[]>;
}

type Loose<T> = { [K in keyof T]-?: object extends Pick<T, K> ? T[K] | undefined : T[K] };

/** The object without what the file does not say. Every field has to be named, so that none is forgotten. */
export function filled<T extends object>(fields: Loose<T>): T {
  const kept: Partial<Record<keyof T, unknown>> = {};
  for (const key in fields) if (fields[key] !== undefined) kept[key] = fields[key];
  return kept as T;
}

export function faultAt(reading: Reading, code: NoticeFault['code'], field: string, element: Element): void {
  const name = fieldNames[field];
  reading.faults.push({ code, field, ...(name ? { name } : {}), path: pathOf(element), line: element.line, found: element.text.slice(0, 80) });
}

/** The text of the first element that has one. */
export function valueAt(from: Element | undefined, path: string): string | undefined {
  for (const element of all(from, path)) if (element.text) return element.text;
  return undefined;
}

export function valuesAt(from: Element | undefined, path: string): string[] {
  return all(from, path).flatMap(({ text }) => (text ? [text] : []));
}

/** Codes of one list: `path` leads to the element with listName. */
export function codesAt(from: Element | undefined, path: string, list: string): string[] {
  return all(from, path).flatMap(({ text, attributes }) => (text && attributes.listName === list ? [text] : []));
}

export function codeAt(from: Element | undefined, path: string, list: string): string | undefined {
  return codesAt(from, path, list)[0];
}

export function flagAt(from: Element | undefined, path: string): boolean | undefined {
  const value = valueAt(from, path);
  return value === 'true' || value === '1' ? true : value === 'false' || value === '0' ? false : undefined;
}

/** The text in each language it is given in; what is repeated in one language is joined. */
export function textAt(from: Element | undefined, path: string, reading: Reading): Text | undefined {
  const texts = new Map<string, string>();
  for (const { text, attributes } of all(from, path)) {
    if (!text) continue;
    const language = /^[A-Z]{3}$/i.test(attributes.languageID ?? '') ? (attributes.languageID ?? '').toUpperCase() : reading.language;
    texts.set(language, texts.has(language) ? `${texts.get(language)}\n${text}` : text);
  }
  return texts.size > 0 ? Object.fromEntries(texts) : undefined;
}

const amountPattern = /^\+?(-?)(\d+)(?:\.(\d*))?$/;

/** `field` is the number that a fault names. */
export function amountAt(from: Element | undefined, path: string, field: string, reading: Reading): Amount | undefined {
  const element = all(from, path).find(({ text }) => text);
  if (!element) return undefined;
  const parts = amountPattern.exec(element.text);
  const currency = element.attributes.currencyID ?? '';
  if (!parts || !/^[A-Z]{3}$/.test(currency)) {
    faultAt(reading, 'amount-wrong', field, element);
    return undefined;
  }
  const [, sign = '', whole = '', fraction = ''] = parts;
  const ore = Number(`${sign}${whole}${fraction.slice(0, 2).padEnd(2, '0')}`);
  const exact = currency === 'DKK' && /^0*$/.test(fraction.slice(2)) && Number.isSafeInteger(ore);
  return { amount: element.text, currency, ...(exact ? { ore } : {}) };
}

export function durationAt(from: Element | undefined, path: string): Duration | undefined {
  const element = all(from, path).find(({ text }) => text);
  return element && { value: element.text, unit: element.attributes.unitCode ?? '' };
}

const datePattern = /^(\d{4})-(\d\d)-(\d\d)(Z|[+-]\d\d:\d\d)?$/;
const timePattern = /^(\d\d):(\d\d):(\d\d)(?:\.\d+)?(Z|[+-]\d\d:\d\d)?$/;

/** The calendar date as written, whatever the offset. */
export function dateAt(from: Element | undefined, path: string, field: string, reading: Reading): string | undefined {
  const element = all(from, path).find(({ text }) => text);
  return element && dateOf(element, field, reading)?.date;
}

function dateOf(element: Element, field: string, reading: Reading): { date: string; offset: string | undefined } | undefined {
  const parts = datePattern.exec(element.text);
  const date = element.text.slice(0, 10);
  const at = new Date(`${date}T00:00:00Z`);
  if (parts && possibleOffset(parts[4]) && !Number.isNaN(at.getTime()) && at.toISOString().startsWith(date)) return { date, offset: parts[4] };
  faultAt(reading, 'date-wrong', field, element);
  return undefined;
}

const possibleOffset = (offset: string | undefined): boolean => !offset || offset === 'Z' || (Number(offset.slice(1, 3)) <= 14 && Number(offset.slice(4)) < 60);

/**
 * A point in time from a date and a time that stand beside each other. The time's offset counts, else the date's, else Danish time.
 * Without a time it is `missing`: the end of the day, or its start.
 */
export function deadlineAt(from: Element | undefined, names: readonly [date: string, time: string], field: string, reading: Reading, missing = '23:59:59'): Deadline | undefined {
  const dateElement = all(from, names[0]).find(({ text }) => text);
  const timeElement = all(from, names[1]).find(({ text }) => text);
  const day = dateElement && dateOf(dateElement, field, reading);
  if (!day) return undefined;
  const parts = timeElement && timePattern.exec(timeElement.text);
  if (timeElement && !(parts && Number(parts[1]) < 24 && Number(parts[2]) < 60 && Number(parts[3]) < 60 && possibleOffset(parts[4]))) {
    faultAt(reading, 'time-wrong', field, timeElement);
    return undefined;
  }
  const time = timeElement?.text.slice(0, 8);
  const offset = parts?.[4] ?? day.offset;
  const written = `${day.date}T${time ?? missing}`;
  const assumed = [...(time ? [] : (['time'] as const)), ...(offset ? [] : (['zone'] as const))];
  return filled<Deadline>({ at: offset ? new Date(`${written}${offset}`).toISOString() : atDanishTime(written), date: day.date, time: timeElement?.text, assumed });
}

/** The identifiers that parties are referred to by, below `path`. */
export function partiesAt(from: Element | undefined, path: string): string[] {
  return valuesAt(from, `${path}/cac:PartyIdentification/cbc:ID`);
}
