import type { Language } from '../../../i18n/language.ts';
import { nameMentionsCpr } from './cpr.ts';

const words = {
  da: {
    text: 'Filen ser ud til at indeholde et CPR-nummer. Fjern den, hvis nummeret ikke skal med.',
    name: 'Filens navn ser ud til at indeholde et CPR-nummer. Er det et, så fjern filen, og send den igen under et andet navn.',
  },
  en: {
    text: 'The file seems to contain a civil registration number (CPR). Remove the file if the number does not belong in it.',
    name: 'The name of the file seems to contain a civil registration number (CPR). If it does, remove the file, and send it again under another name.',
  },
} as const;

/** What a supplier must know about a file that can be used, or null: the same with and without script. */
export function warningOf({ name, mentionsCpr }: { readonly name: string; readonly mentionsCpr: boolean }, lang: Language): string | null {
  const found = [mentionsCpr && words[lang].text, nameMentionsCpr(name) && words[lang].name].filter(Boolean);
  return found.length > 0 ? found.join(' ') : null;
}
