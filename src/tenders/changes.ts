import { formatDate, formatDeadline, formatPeriod } from '../i18n/format.ts';
import type { Language } from '../i18n/language.ts';
import { canonicalTender, type TenderContent } from './content.ts';
import { fieldLabels, tenderMessages } from './messages.ts';
import { formatMoney } from './money.ts';

/** A field that differs between two publications, in words for both languages; empty where there was or is nothing. */
export interface Change {
  readonly label: { readonly da: string; readonly en: string };
  readonly before: { readonly da: string; readonly en: string };
  readonly after: { readonly da: string; readonly en: string };
}

type Field = keyof typeof fieldLabels.da;

/** What a reader is told of, in the order of its weight. */
const read: Readonly<Record<Field, (content: TenderContent, lang: Language) => string>> = {
  deadlineAt: ({ deadlineAt }, lang) => moment(deadlineAt, lang),
  requestsUntil: ({ requestsUntil }, lang) => moment(requestsUntil, lang),
  questionsUntil: ({ questionsUntil }, lang) => moment(questionsUntil, lang),
  expectedQuarter: ({ expectedQuarter }, lang) => (expectedQuarter ? formatPeriod(expectedQuarter, lang) : ''),
  title: ({ title }, lang) => title[lang] || title.da,
  summary: ({ summary }, lang) => summary[lang] || summary.da,
  value: ({ value }, lang) => (value ? formatMoney(value, lang) : ''),
  frameworkMaximum: ({ frameworkMaximum }, lang) => (frameworkMaximum ? formatMoney(frameworkMaximum, lang) : ''),
  period: periodText,
  renewals: ({ renewals }) => (renewals === null ? '' : String(renewals)),
  lots: ({ lots }, lang) =>
    lots.map(({ number, title, deadlineAt }) => [`${number}: ${title[lang] || title.da}`, deadlineAt && moment(deadlineAt, lang)].filter(Boolean).join(', ')).join('; '),
  criteria: ({ criteria }, lang) =>
    criteria.map(({ type, name, weight }) => [name[lang] || name.da || tenderMessages[lang].criterion[type], weight].filter(Boolean).join(' ')).join('; '),
  procedure: ({ procedure }, lang) => tenderMessages[lang].procedure[procedure],
  cpv: ({ cpvMain, cpv }) => [...new Set([cpvMain, ...cpv])].join(', '),
  nuts: ({ nuts }) => nuts.join(', '),
  documentsUrl: ({ documentsUrl }) => documentsUrl ?? '',
  submitUrl: ({ submitUrl }) => submitUrl ?? '',
  requirements: ({ requirements }) => requirements.join(', '),
  dialogue: ({ dialogue }, lang) => (dialogue ? [formatDate(dialogue.on, lang), dialogue.text[lang] || dialogue.text.da].filter(Boolean).join(': ') : ''),
};

const moment = (at: string | null, lang: Language): string => (at ? formatDeadline(new Date(at), lang) : '');

/** From when to when, or for how long, as far as it is known; empty when nothing is. */
export function periodText({ startsOn, endsOn, months }: Pick<TenderContent, 'startsOn' | 'endsOn' | 'months'>, lang: Language): string {
  const t = tenderMessages[lang];
  if (startsOn && endsOn) return `${formatDate(startsOn, lang)} – ${formatDate(endsOn, lang)}`;
  return [startsOn && t.begins(formatDate(startsOn, lang)), endsOn && t.ends(formatDate(endsOn, lang)), !endsOn && months && t.months(months)].filter(Boolean).join(', ');
}

/** Field by field, what a new publication changes; nothing where there was none before. */
export function changesBetween(before: TenderContent | null, after: TenderContent): Change[] {
  if (!before || canonicalTender(before) === canonicalTender(after)) return [];
  return (Object.keys(read) as Field[]).flatMap((field) => {
    const [was, is] = [before, after].map((content) => ({ da: read[field](content, 'da'), en: read[field](content, 'en') })) as [Change['before'], Change['after']];
    return was.da === is.da && was.en === is.en ? [] : [{ label: { da: fieldLabels.da[field], en: fieldLabels.en[field] }, before: was, after: is }];
  });
}
