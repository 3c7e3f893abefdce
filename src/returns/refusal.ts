import { importMessages } from '../agreements/import/messages.ts';
import type { Language } from '../i18n/language.ts';
import { UnreadableSheet } from '../spreadsheet/read.ts';
import type { ReturnFile } from './check.ts';
import { NoHeader } from './check-rows.ts';
import { checkMessages } from './words/page.ts';

/** Why a file cannot be read at all. */
export interface FileRefusal {
  readonly code: 'no-header' | 'open-quote' | UnreadableSheet['code'];
  readonly line: number | null;
  /** Its first row, where no row is a header. */
  readonly found: string;
}

/** What was thrown, if it is that a file cannot be read; else null. */
export function refusalIn(error: unknown, kind: ReturnFile['kind']): FileRefusal | null {
  if (error instanceof NoHeader) return { code: 'no-header', line: null, found: error.found };
  if (!(error instanceof UnreadableSheet)) return null;
  const { code, line } = error;
  return { code: code === 'broken' && kind === 'csv' && line !== null ? 'open-quote' : code, line, found: '' };
}

/** The same in one or two sentences. */
export function refusalWords({ code, line, found }: FileRefusal, lang: Language): string {
  const t = checkMessages[lang];
  if (code === 'no-header') return t.noHeader(found);
  const words = code === 'open-quote' ? t.openQuote : importMessages[lang].sheet[code];
  return line === null ? words : `${words} ${t.atLine(line)}`;
}
