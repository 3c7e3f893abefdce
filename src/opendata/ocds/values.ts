import { zone } from '../../platform/clock.ts';

export type Json = string | number | boolean | readonly Json[] | { readonly [key: string]: Json | undefined };
export type JsonObject = { readonly [key: string]: Json | undefined };

/** Without what is absent or empty: in OCDS a null would delete what was known before, and an empty text says nothing. */
export function present<T extends Json>(value: T): T {
  if (Array.isArray(value)) return value.map((each: Json) => present(each)) as unknown as T;
  if (typeof value !== 'object') return value;
  const entries = Object.entries(value as JsonObject)
    .filter((entry): entry is [string, Json] => entry[1] !== undefined)
    .map(([key, each]) => [key, present(each)] as const)
    .filter(([, each]) => each !== '' && !(typeof each === 'object' && Object.keys(each).length === 0));
  return Object.fromEntries(entries) as T;
}

const offset = new Intl.DateTimeFormat('en', { timeZone: zone, timeZoneName: 'longOffset' });

/** A day in Denmark as an instant with its offset (RFC 3339): OCDS knows no dates without a time. */
export function danishInstant(day: string, time: '00:00:00' | '23:59:59'): string {
  const name = offset.formatToParts(new Date(`${day}T${time}Z`)).find(({ type }) => type === 'timeZoneName')?.value ?? 'GMT';
  return `${day}T${time}${name === 'GMT' ? 'Z' : name.slice(3)}`;
}

/** A text with its translation beside it, as OCDS names them: title and title_en. */
export function inBoth(name: string, text: { readonly da: string; readonly en: string }): JsonObject {
  return { [name]: text.da, [`${name}_en`]: text.en };
}
