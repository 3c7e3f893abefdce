import type { Language } from '../../i18n/language.ts';
import type { Told } from '../announce.ts';
import type { Rhythm } from '../choices.ts';
import type { AlertContext } from '../context.ts';
import { withoutToken } from '../token.ts';
import { alertMail } from './alert.ts';

/** A subscription that does not exist: its links open nothing, and are not shown either. */
const nobody = '00000000-0000-4000-8000-000000000000';

/** A mail about real news as a subscriber would get it, to be shown on a page. */
export function exampleMail(context: AlertContext, told: Told, lang: Language, rhythm: Rhythm, now: Date): { readonly subject: string; readonly text: string } {
  const because = told.kind === 'tender' ? 'all-tenders:' : `agreement:${told.subject}`;
  const { subject, text } = alertMail(context, { id: nobody, lang, rhythm }, [{ told, because: [because] }], now);
  return { subject, text: text.split('\n').map(withoutToken).join('\n') };
}
