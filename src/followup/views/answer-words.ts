import { formatDate, formatNumber, formatOere } from '../../i18n/format.ts';
import type { Language } from '../../i18n/language.ts';
import type { Answers } from '../answers.ts';
import { linesKeys } from '../lines.ts';
import { followupMessages } from '../messages.ts';
import { type ObligationField, type ObligationType, typedFields } from '../obligation-type.ts';

/** An answer as a reader sees it: with its unit, in the reader's language. */
export interface AnswerInWords {
  readonly key: string;
  readonly label: string;
  readonly value: string;
}

/** What was filed, question by question in the order of the type; then what its lines add up to. Unanswered questions are left out. */
export function answersInWords(type: ObligationType, answers: Answers, lang: Language): AnswerInWords[] {
  const typed = typedFields(type).flatMap((field) => {
    const value = answers[field.key];
    return value === undefined ? [] : [{ key: field.key, label: field.label[lang], value: shown(field, value, lang) }];
  });
  return [...typed, ...linesInWords(answers, lang)];
}

function shown(field: ObligationField, value: string | number | boolean, lang: Language): string {
  switch (field.type) {
    case 'date':
      return formatDate(String(value), lang);
    case 'boolean':
      return followupMessages[lang].yes;
    case 'enum':
      return field.options?.find((option) => option.value === value)?.label[lang] ?? String(value);
    case 'money':
      return formatOere(Number(value), lang);
    case 'percent':
      return `${formatNumber(Number(value), lang)} %`;
    case 'integer':
    case 'number':
      return `${formatNumber(Number(value), lang)}${field.unit ? ` ${field.unit[lang]}` : ''}`;
    default:
      return String(value);
  }
}

function linesInWords(answers: Answers, lang: Language): AnswerInWords[] {
  const words = followupMessages[lang].lines;
  const { nothing, count, total, ecolabel, offContract, buyers, word } = linesKeys;
  if (answers[nothing] === true) return [{ key: count, label: words.lines, value: words.nothing }];
  const each = (key: string, label: string, format: (value: number, lang: Language) => string): AnswerInWords[] =>
    answers[key] === undefined ? [] : [{ key, label, value: format(Number(answers[key]), lang) }];
  return [
    ...each(count, words.lines, formatNumber),
    ...each(total, words.total, formatOere),
    ...each(ecolabel, words.ecolabel, formatOere),
    ...each(offContract, words.offContract, formatOere),
    ...each(buyers, words.buyers, formatNumber),
    ...(answers[word] === undefined ? [] : [{ key: word, label: words.word, value: String(answers[word]) }]),
  ];
}

/** An answer that is another one than before; empty where there was none, or is none any more. */
export interface ChangedAnswer {
  readonly label: string;
  readonly before: string;
  readonly now: string;
}

export function changedAnswers(type: ObligationType, before: Answers, now: Answers, lang: Language): ChangedAnswer[] {
  const [old, current] = [before, now].map((answers) => new Map(answersInWords(type, answers, lang).map((answer) => [answer.key, answer])));
  const labels = new Map([...(current ?? []), ...(old ?? [])].map(([key, { label }]) => [key, label]));
  return [...labels].flatMap(([key, label]) => {
    const [was, is] = [old?.get(key)?.value ?? '', current?.get(key)?.value ?? ''];
    return was === is ? [] : [{ label, before: was, now: is }];
  });
}
