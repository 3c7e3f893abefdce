import type { QueuedMessage } from '../../platform/mail/queue.ts';
import type { AlertContext } from '../context.ts';
import type { Subscription } from '../subscribe.ts';
import { choiceInWords, linksFor, unsubscribeHeaders } from './links.ts';
import { mailWords } from './words.ts';

/** The one mail that an address gets before its owner has said yes. */
export function confirmationMail(context: AlertContext, { id, address, lang, rhythm, choices }: Omit<Subscription, 'confirmed'>, now: Date): QueuedMessage {
  const t = mailWords[lang];
  const links = linksFor(context, id, lang, now);
  const paragraphs = [
    t.confirmLead(context.municipality.name[lang]),
    choices.map((choice) => `- ${choiceInWords(context, choice, lang)}`).join('\n'),
    t.confirmRhythm(t.rhythm[rhythm]),
    t.confirmLink(links.confirm),
    t.confirmNot(links.unsubscribe),
    t.regards(context.municipality.name[lang]),
  ];
  return {
    reason: `confirm:${id}:${now.toISOString()}`,
    to: address,
    subject: t.confirmSubject,
    text: `${paragraphs.join('\n\n')}\n`,
    headers: unsubscribeHeaders(links.unsubscribe),
    subscription: id,
  };
}
