import { formatNumber, formatOere } from '../../i18n/format.ts';
import type { Language } from '../../i18n/language.ts';
import type { DraftReturn } from './queries.ts';

const da = {
  title: 'Linjer',
  reading: (name: string) => `Vi læser »${name}«`,
  soFar: (lines: string) => `${lines} linjer indtil nu. Du kan lukke siden imens. Filen er gemt i din kladde.`,
  look: 'Se, hvor langt vi er',
  unreadable: (name: string) => `»${name}« kan ikke læses`,
  another: 'Fjern filen, ret den, og vælg den igen.',
  several: 'Du har valgt flere filer. Linjerne skal stå i én. Fjern de andre.',
  confirm: 'Passer tallene, kan du indsende. Ellers fjerner du filen og vælger den rigtige.',
  fileLines: (lines: string, amount: string) => `Indsend ${lines === '1' ? 'én linje' : `${lines} linjer`}, ${amount}`,
  marked: 'Hent filen med fejl markeret',
  list: 'Hent fejllisten',
  unusual: 'Salget er meget anderledes end sidst',
  unusualText: (now: string, before: string, period: string) => `Linjerne giver ${now} mod ${before} i ${period}. Er det rigtigt, så skriv kort hvorfor. Ellers ret linjerne.`,
  word: 'Hvorfor er salget anderledes?',
  wordHint: 'For eksempel: En stor ordre til åbningen af en ny skole.',
  differenceTitle: 'Linjerne i forhold til sidst',
  difference: (added: string, changed: string, removed: string) => `Nye linjer: ${added}. Ændrede: ${changed}. Fjernede: ${removed}.`,
  sameLines: 'Linjerne er de samme som sidst.',
  moreDifferences: (n: string) => `Her står de første. Der er ${n} mere.`,
  line: 'Linje',
  which: 'Hvilken',
  changes: 'Forskel',
  kinds: { added: 'Ny', changed: 'Ændret', removed: 'Fjernet' },
  nothing: 'intet',
};

const en: typeof da = {
  title: 'Lines',
  reading: (name) => `We are reading “${name}”`,
  soFar: (lines) => `${lines} lines so far. You can close the page meanwhile. The file is kept in your draft.`,
  look: 'See how far we are',
  unreadable: (name) => `“${name}” cannot be read`,
  another: 'Remove the file, correct it and choose it again.',
  several: 'You have chosen several files. The lines must be in one. Remove the others.',
  confirm: 'If the figures are right you can file. Else remove the file and choose the right one.',
  fileLines: (lines, amount) => `File ${lines === '1' ? 'one line' : `${lines} lines`}, ${amount}`,
  marked: 'Fetch the file with its errors marked',
  list: 'Fetch the list of errors',
  unusual: 'Sales differ a lot from last time',
  unusualText: (now, before, period) => `The lines add up to ${now}, against ${before} in ${period}. If that is right, say briefly why. Else mend the lines.`,
  word: 'Why do sales differ?',
  wordHint: 'For example: a large order for the opening of a new school.',
  differenceTitle: 'The lines against last time',
  difference: (added, changed, removed) => `New lines: ${added}. Changed: ${changed}. Removed: ${removed}.`,
  sameLines: 'The lines are the same as last time.',
  moreDifferences: (n) => `These are the first. There are ${n} more.`,
  line: 'Line',
  which: 'Which',
  changes: 'Difference',
  kinds: { added: 'New', changed: 'Changed', removed: 'Removed' },
  nothing: 'nothing',
};

export const keptMessages = { da, en } as const;

/** What the button says that files the lines whose totals the page shows; undefined when there are none that can be filed. */
export function filingWords(returns: readonly DraftReturn[], lang: Language): string | undefined {
  const [only, ...others] = returns;
  if (others.length > 0 || only?.report?.errors !== 0) return undefined;
  return keptMessages[lang].fileLines(formatNumber(only.report.rows, lang), formatOere(only.report.totals.totalOere, lang));
}
