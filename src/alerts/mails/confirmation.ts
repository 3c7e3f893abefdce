import type { QueuedMessage } from '../../platform/mail/queue.ts';
import type { AlertContext } from '../context.ts';
import type { Subscription } from '../subscribe.ts';
import { choiceInWords, linkFor, unsubscribeHeaders } from './links.ts';
import { mailWords } from './words.ts';

/** The one mail that an address gets before its owner has said yes. */
export function confirmationMail(context: AlertContext, { id, address, lang, rhythm, choices }: Omit<Subscription, 'confirmed'>, now: Date): QueuedMessage {
  const t = mailWords[lang];
  const unsubscribe = linkFor(context, 'unsubscribe', id, lang, now);
  const paragraphs = [
    t.confirmLead(context.municipality.name[lang]),
    choices.map((choice) => `- ${choiceInWords(context, choice, lang)}`).join('\n'),
    t.confirmRhythm(t.rhythm[rhythm]),
    t.confirmLink(linkFor(context, 'confirm', id, lang, now)),
    t.confirmNot(unsubscribe),
    t.regards(context.municipality.name[lang]),
  ];
  return {
    reason: `confirm:${id}:${now.toISOString()}`,
    to: address,
    subject: t.confirmSubject,
    text: `${paragraphs.join('\n\n')}\n`,
    headers: unsubscribeHeaders(unsubscribe),
    subscription: id,
  };
}
