import { formatDate, formatDeadline, formatList } from '../../i18n/format.ts';
import type { Language } from '../../i18n/language.ts';
import { pathTo } from '../../i18n/routes.ts';
import { dateOf } from '../../platform/clock.ts';
import type { Told } from '../announce.ts';
import { type Choice, type ChoiceKind, choiceKinds, type Rhythm } from '../choices.ts';
import type { AlertContext } from '../context.ts';
import { choiceInWords, linkFor, unsubscribeHeaders } from './links.ts';
import { mailWords } from './words.ts';

/** Who is written to. */
export interface Reader {
  readonly id: string;
  readonly lang: Language;
  readonly rhythm: Rhythm;
}

export interface AlertMail {
  readonly subject: string;
  readonly text: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** What is told of one piece of news, and by which choices it was found (kind:value). */
export interface Item {
  readonly told: Told;
  readonly because: readonly string[];
}

const mostItems = 40;
const mostReasons = 8;

/** A mail about one piece of news or several. The example on the sign-up page is made here too. */
export function alertMail(context: AlertContext, reader: Reader, items: readonly Item[], now: Date): AlertMail {
  const { lang } = reader;
  const t = mailWords[lang];
  const unsubscribe = linkFor(context, 'unsubscribe', reader.id, lang, now);
  const blocks = items.slice(0, mostItems).map(({ told }) => blockOf(context, told, lang, now));
  const [first] = blocks;
  const because = [...new Set(items.flatMap((item) => item.because))].slice(0, mostReasons).map((each) => choiceInWords(context, choiceFrom(each), lang));
  const rest = items.length - blocks.length;
  const paragraphs = [
    ...(items.length > 1 ? [t.collectedLead[reader.rhythm]] : []),
    ...blocks.map(({ title, body }, index) => (items.length > 1 ? `${index + 1}. ${title}\n${body}` : `${title}\n\n${body}`)),
    ...(rest > 0 ? [t.more(rest, new URL(pathTo('tenders', lang), context.siteUrl).href)] : []),
    t.because(formatList(because, lang)),
    t.settings(linkFor(context, 'settings', reader.id, lang, now)),
    t.stop(unsubscribe),
    t.regards(context.municipality.name[lang]),
  ];
  return {
    subject: items.length === 1 && first ? first.title : t.collected(items.length, formatDate(dateOf(now), lang)),
    text: `${paragraphs.join('\n\n')}\n`,
    headers: unsubscribeHeaders(unsubscribe),
  };
}

function choiceFrom(because: string): Choice {
  const at = because.indexOf(':');
  const kind = choiceKinds.find((each) => each === because.slice(0, at)) ?? 'words';
  return { kind: kind satisfies ChoiceKind, value: because.slice(at + 1) };
}

function blockOf({ siteUrl }: AlertContext, told: Told, lang: Language, now: Date): { title: string; body: string } {
  const t = mailWords[lang];
  const deadline = told.deadlineAt ? new Date(told.deadlineAt) : null;
  const when = deadline ? (deadline > now ? t.deadline : t.deadlinePassed)(formatDeadline(deadline, lang)) : null;
  const changes = told.changes.map(({ label, before, after }) => `- ${t.change(label[lang], before[lang] || t.nothing, after[lang] || t.nothing)}`);
  const lines = [told.summary[lang], ...(changes.length > 0 ? [t.changed, ...changes] : []), when, t.readMore(new URL(told.path[lang], siteUrl).href)];
  return { title: `${t.news[told.reason]}: ${told.title[lang]}`, body: lines.filter(Boolean).join('\n') };
}
