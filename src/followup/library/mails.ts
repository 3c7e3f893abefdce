import { formatDate } from '../../i18n/format.ts';
import { inLanguage, type Language } from '../../i18n/language.ts';
import { pathTo } from '../../i18n/routes.ts';
import type { QueuedMessage } from '../../platform/mail/queue.ts';
import type { ObligationType } from '../obligation-type.ts';
import type { FollowupContext } from '../submit.ts';
import type { Certificate } from './certificate.ts';
import type { Reminder } from './chase.ts';

interface Renewal {
  readonly evidenceId: string;
  readonly versionId: string;
  readonly validTo: string;
  readonly certificate: Certificate;
  readonly type: ObligationType;
  readonly places: readonly { readonly number: string; readonly title_da: string; readonly title_en: string }[];
  readonly reminder: Reminder;
  readonly person: { readonly id: string; readonly email: string };
  readonly lang: Language;
}

/** A certificate runs out: one message for every place where it is used, with the one link where it is renewed for all of them. */
export function renewalMail(
  context: Omit<FollowupContext, 'signer' | 'indicators'>,
  { evidenceId, versionId, validTo, certificate, type, places, reminder, person, lang }: Renewal,
): QueuedMessage {
  const day = formatDate(validTo, lang);
  const link = new URL(pathTo('renewEvidence', lang, { id: evidenceId }), context.siteUrl).href;
  const what = `${certificate.name}${certificate.number && ` (${certificate.number})`}`;
  const list = [...new Set(places.map((place) => `- ${place.number} ${inLanguage(place, 'title', lang)}`))].join('\n');
  const expired = reminder < 0;
  const text =
    lang === 'da'
      ? `${what} ${expired ? 'udløb' : 'udløber'} ${day}.\n\n${type.title.da} er en del af dokumentationen på:\n${list}\n\nSend det nye ét sted, så bliver det brugt alle steder:\n${link}\n\nBruger I det ikke mere, kan du trække det tilbage samme sted.\n\nVenlig hilsen\n${context.municipality.name.da}\n`
      : `${what} ${expired ? 'ran out' : 'runs out'} on ${day}.\n\n${type.title.en} is part of the documentation of:\n${list}\n\nSend the new one in one place, and it is used in all of them:\n${link}\n\nIf you no longer use it, you can withdraw it in the same place.\n\nKind regards\n${context.municipality.name.en}\n`;
  const subject = lang === 'da' ? `${what} ${expired ? 'er udløbet' : `udløber ${day}`}` : `${what} ${expired ? 'has run out' : `runs out on ${day}`}`;
  return { reason: `renewal:${versionId}:${reminder}:${person.id}`, to: person.email, subject, text };
}
