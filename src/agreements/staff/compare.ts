import { formatDate, formatOere, inOrder } from '../../i18n/format.ts';
import type { Language } from '../../i18n/language.ts';
import { type AgreementContent, allCpv } from '../content.ts';
import { agreementMessages } from '../messages.ts';
import { keepMessages } from './messages.ts';

/** What editors call things that an agreement names. */
export interface Names {
  requirement(id: string): string;
  /** The category under which agreements with these codes are found. */
  category(cpv: readonly string[]): string;
}

/** A field in which two contents differ, as people say it. */
export interface Difference {
  readonly label: string;
  readonly before: string;
  readonly after: string;
}

/** In the order of the form, with a row for each language of a text. */
export function differences(from: AgreementContent | null, to: AgreementContent, lang: Language, names: Names): Difference[] {
  const was = from ? inWords(from, lang, names) : [];
  return inWords(to, lang, names)
    .map(([label, after], place) => ({ label, before: was[place]?.[1] ?? '', after }))
    .filter(({ before, after }) => before !== after);
}

/** Each field with its value in words; lists have a line for each entry. */
function inWords(content: AgreementContent, lang: Language, names: Names): (readonly [label: string, words: string])[] {
  const t = keepMessages[lang];
  const { labels } = t;
  const words = agreementMessages[lang];
  const day = (date: string): string => formatDate(date, lang);
  const lines = <T>(list: readonly T[], line: (entry: T) => string): string => list.map(line).filter(Boolean).join('\n');
  const inBoth = (name: 'title' | 'summary' | 'coverage' | 'ordering' | 'notCovered' | 'contactTeam') =>
    [[labels[`${name}Da`], content[name].da] as const, [labels[`${name}En`], content[name].en] as const] as const;
  const english = (label: string, texts: readonly { readonly en: string }[]) => [t.inEnglish(label), lines(texts, ({ en }) => en)] as const;
  const { suppliers, options, lots, notices, documents, changes } = content;
  return [
    ...inBoth('title'),
    ...inBoth('summary'),
    [labels.kind, words.kind[content.kind]],
    [labels.kindOfContract, t.contractKinds[content.kindOfContract]],
    [labels.procedure, words.procedure[content.procedure]],
    [labels.cpv, allCpv(content).join(', ')],
    [t.category, names.category(allCpv(content))],
    [labels.nuts, content.nuts ?? ''],
    ...inBoth('coverage'),
    ...inBoth('ordering'),
    ...inBoth('notCovered'),
    [labels.priceListUrl, content.priceListUrl ?? ''],
    ...inBoth('contactTeam'),
    [labels.contactEmail, content.contactEmail ?? ''],
    [labels.mandatory, content.mandatory ? t.yes : t.no],
    [labels.startsOn, day(content.startsOn)],
    [labels.endsOn, day(content.endsOn)],
    [labels.options, lines(options, ({ extendsTo, noticeBy, used }) => t.option(day(extendsTo), day(noticeBy), used))],
    [labels.value, content.valueOre === null ? '' : formatOere(content.valueOre, lang)],
    [labels.valueBand, content.valueBand ? words.valueBand[content.valueBand] : ''],
    [labels.predecessor, content.predecessor ?? ''],
    [labels.suppliers, lines(suppliers, ({ cvr, name, town, consortium }) => [`${cvr} ${name}`, town, consortium && words.consortium(consortium)].filter(Boolean).join(', '))],
    [labels.lots, lines(lots, (lot) => `${lot.number}. ${lot.title.da}: ${lot.suppliers.join(', ')}`)],
    english(
      labels.lots,
      lots.map(({ title }) => title),
    ),
    [labels.notices, lines(notices, ({ system, reference, url }) => [`${t.systems[system]} ${reference}`, url].filter(Boolean).join(', '))],
    [
      labels.documents,
      lines(documents, (one) =>
        'url' in one ? `${one.title.da}: ${one.url}` : `${one.title.da}: ${t.withheld(one.withheld.ground, one.withheld.reason.da, day(one.withheld.reviewOn))}`,
      ),
    ],
    english(
      labels.documents,
      documents.flatMap((one) => ('url' in one ? [one.title] : [one.title, one.withheld.reason])),
    ),
    [labels.changes, lines(changes, ({ on, ground, text }) => `${day(on)}, ${ground}: ${text.da}`)],
    english(
      labels.changes,
      changes.map(({ text }) => text),
    ),
    [
      labels.requirements,
      lines(
        content.requirements.map((id) => names.requirement(id)).sort((a, b) => inOrder(a, b, lang)),
        (title) => title,
      ),
    ],
  ];
}
