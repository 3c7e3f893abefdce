import type { Language } from '../../i18n/language.ts';
import { observationMessages } from '../messages.ts';
import type { Observed } from '../observed.ts';

type Words = Readonly<Record<Language, string>>;

/** What a formula names of an obligation type. */
export interface Fields {
  readonly fields: readonly { readonly key: string; readonly label: Words; readonly options?: readonly { readonly value: string; readonly label: Words }[] | undefined }[];
}

/** How a figure was computed, in sentences. A field that the type does not have any more is named by its key. */
export function formulaWords(source: Observed, { fields }: Fields, lang: Language): string[] {
  const t = observationMessages[lang];
  if ('lines' in source) return [t.fromLines[source.lines]];
  const fieldOf = (key: string) => fields.find((field) => field.key === key);
  const label = (key: string): string => fieldOf(key)?.label[lang] ?? key;
  const { field, times, factor, when } = source;
  const base = times === undefined ? t.fromField(label(field)) : factor === 0.01 ? t.percentOf(label(field), label(times)) : t.fromProduct(label(field), label(times));
  const option = when && (fieldOf(when.field)?.options?.find(({ value }) => value === when.is)?.label[lang] ?? when.is);
  return [base, ...(factor === 100 ? [t.inKroner] : []), ...(when && option ? [t.onlyWhen(label(when.field), option)] : [])];
}

/** The answers that a figure was made of, by the keys of their fields. */
export function keysOf(source: Observed): string[] {
  return 'lines' in source ? [] : [source.field, source.times, source.when?.field].filter((key) => key !== undefined);
}
