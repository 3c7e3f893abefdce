import type { Language } from '../i18n/language.ts';
import type { Fault } from '../platform/refusal.ts';
import { type ObligationField, type ObligationType, typedFields } from './obligation-type.ts';

/** What was typed, as typed. */
export type RawAnswers = Readonly<Record<string, string>>;
/** What is filed: numbers as numbers, money in whole øre, dates as YYYY-MM-DD. */
export type Answers = Readonly<Record<string, string | number | boolean>>;

export type AnswerFault = 'required' | 'must-confirm' | 'too-long' | 'not-a-date' | 'not-a-number' | 'not-whole' | 'not-negative' | 'not-percent' | 'not-an-option';

const longest = { text: 300, longtext: 4_000 } as const;

/** Checks what was typed against the type's fields. Faults come in the order of the fields; an empty optional field is left out. */
export function checkAnswers(type: ObligationType, raw: RawAnswers, lang: Language): { answers: Answers; faults: Fault<AnswerFault>[] } {
  const answers: Record<string, string | number | boolean> = {};
  const faults: Fault<AnswerFault>[] = [];
  for (const field of typedFields(type)) {
    const typed = (raw[field.key] ?? '').trim();
    if (typed === '') {
      if (field.required) faults.push({ field: field.key, code: field.type === 'boolean' ? 'must-confirm' : 'required' });
      continue;
    }
    const read = readAnswer(field, typed, lang);
    if ('fault' in read) faults.push({ field: field.key, code: read.fault });
    else answers[field.key] = read.value;
  }
  return { answers, faults };
}

/** Answers as they would be typed in a language, to fill a form with what was sent before. A confirmation is given anew each time. */
export function typedAgain(type: ObligationType, answers: Answers, lang: Language): Record<string, string> {
  const typed = (field: ObligationField, value: string | number | boolean): string => {
    const number = field.type === 'money' ? Number(value) / 100 : value;
    return typeof number === 'number' ? String(number).replace('.', lang === 'da' ? ',' : '.') : String(number);
  };
  return Object.fromEntries(
    typedFields(type).flatMap((field) => {
      const value = answers[field.key];
      return value === undefined || field.type === 'boolean' ? [] : [[field.key, typed(field, value)]];
    }),
  );
}

function readAnswer(field: ObligationField, typed: string, lang: Language): { value: string | number | boolean } | { fault: AnswerFault } {
  switch (field.type) {
    case 'text':
    case 'longtext':
      return [...typed].length > longest[field.type] ? { fault: 'too-long' } : { value: typed };
    case 'date': {
      const date = readDate(typed);
      return date ? { value: date } : { fault: 'not-a-date' };
    }
    case 'boolean':
      return { value: true };
    case 'enum':
      return field.options?.some((option) => option.value === typed) ? { value: typed } : { fault: 'not-an-option' };
    case 'integer':
    case 'number':
    case 'percent':
    case 'money': {
      const number = readNumber(typed, lang);
      if (number === null) return { fault: 'not-a-number' };
      if (field.type === 'integer' && !Number.isInteger(number)) return { fault: 'not-whole' };
      if (number < 0 && field.type !== 'money') return { fault: 'not-negative' };
      if (field.type === 'percent' && number > 100) return { fault: 'not-percent' };
      return { value: field.type === 'money' ? Math.round(number * 100) : number };
    }
  }
}

/** A date as the browser sends it (2026-11-23) or as a Dane writes it (23-11-2026, 23.11.2026, 23/11 2026); null when there is no such day. */
export function readDate(typed: string): string | null {
  const iso = /^(\d{4})-(\d{2})-(\d{2})$/.exec(typed);
  const danish = /^(\d{1,2})[-./ ]{1,2}(\d{1,2})[-./ ]{1,2}(\d{4})$/.exec(typed);
  const [year, month, day] = iso ? iso.slice(1) : danish ? danish.slice(1).reverse() : [];
  if (!year || !month || !day) return null;
  const date = `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`;
  const parsed = new Date(`${date}T12:00:00Z`);
  return !Number.isNaN(parsed.getTime()) && parsed.toISOString().startsWith(date) ? date : null;
}

/**
 * A number as written in the reader's language: Danish 1.234,50, English 1,234.50; without thousands marks both
 * decimal marks are understood, except that 1.234 is a thousand and more in Danish, as 1,234 is in English.
 */
export function readNumber(typed: string, lang: Language): number | null {
  const compact = typed
    .replace(/[\s\u00a0\u202f]/g, '')
    .replace(/(kr\.?|DKK|%)$/i, '')
    .replace(/^DKK/i, '')
    .replace(/^[\u2212\u2013]/, '-');
  const [thousands, decimal] = lang === 'da' ? ['.', ','] : [',', '.'];
  const grouped = new RegExp(`^-?\\d{1,3}(\\${thousands}\\d{3})+(\\${decimal}\\d+)?$`);
  const plain = /^-?\d+([.,]\d+)?$/;
  const digits = grouped.test(compact) ? compact.replaceAll(thousands ?? '', '').replace(decimal ?? '', '.') : plain.test(compact) ? compact.replace(',', '.') : null;
  if (digits === null) return null;
  const number = Number(digits);
  return Math.abs(number) <= Number.MAX_SAFE_INTEGER / 100 ? number : null;
}
