import type { Language } from '../../i18n/language.ts';
import type { Finding, FindingCode } from '../findings.ts';
import { letterOf } from '../reading/columns.ts';
import { da } from './da.ts';
import { en } from './en.ts';

/** For every finding what is wrong, and what was expected or how to mend it, given the finding's detail. */
export type Words = Readonly<Record<FindingCode, readonly [wrong: string, mend: (detail: string) => string]>>;

const words: Readonly<Record<Language, Words>> = { da, en };

export const wrongIn = (code: FindingCode, lang: Language): string => words[lang][code][0];
export const mendingOf = ({ code, detail }: Pick<Finding, 'code' | 'detail'>, lang: Language): string => words[lang][code][1](detail);
export const sentenceOf = (finding: Finding, lang: Language): string => `${wrongIn(finding.code, lang)}. ${mendingOf(finding, lang)}`;

/** The column as the person sees it in the spreadsheet: its letter and its header; empty where the finding is about the line. */
export function columnSeen({ place, column }: Finding, header: readonly string[]): string {
  return place === null ? (column ?? '') : `${letterOf(place)} ${header[place] ?? ''}`.trim();
}
