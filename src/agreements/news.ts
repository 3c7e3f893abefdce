import type { News } from '../alerts/announce.ts';
import { formatDate, formatKroner, formatList } from '../i18n/format.ts';
import type { Language } from '../i18n/language.ts';
import { pathTo } from '../i18n/routes.ts';
import type { Catalogue } from './catalogue.ts';
import { type AgreementContent, allCpv, endOf } from './content.ts';
import { keepMessages } from './staff/messages.ts';

type Both = Readonly<Record<Language, string>>;
const both = (make: (lang: Language) => string): Both => ({ da: make('da'), en: make('en') });

/** A publication of an agreement as news for those who asked to hear of it. */
export function newsOf(content: AgreementContent, before: AgreementContent | null, version: number, catalogue: Catalogue): News {
  const category = catalogue.categoryOf(allCpv(content));
  return {
    kind: 'agreement',
    subject: content.number,
    version,
    reason: before ? 'changed' : 'published',
    title: both((lang) => content.title[lang] || content.title.da),
    path: both((lang) => pathTo('agreement', lang, { number: content.number })),
    summary: both((lang) => content.summary[lang] || content.summary.da),
    categories: category ? [category] : [],
    text: [content.number, content.coverage.da, content.coverage.en, ...content.suppliers.map(({ name }) => name), catalogue.wordsFor(allCpv(content))].join('\n'),
    deadlineAt: null,
    changes: before ? changesOf(before, content) : [],
  };
}

/** What readers ask about first; the page itself has the rest. */
const told: readonly (readonly [label: keyof typeof keepMessages.da.labels, words: (content: AgreementContent, lang: Language) => string])[] = [
  ['titleDa', ({ title }, lang) => title[lang] || title.da],
  [
    'suppliers',
    ({ suppliers }, lang) =>
      formatList(
        suppliers.map(({ name }) => name),
        lang,
      ),
  ],
  ['startsOn', ({ startsOn }, lang) => formatDate(startsOn, lang)],
  ['endsOn', (content, lang) => formatDate(endOf(content), lang)],
  ['value', ({ valueOre }, lang) => (valueOre === null ? '' : formatKroner(valueOre, lang))],
];

function changesOf(before: AgreementContent, after: AgreementContent): News['changes'] {
  return told
    .map(([label, words]) => ({ label: both((lang) => keepMessages[lang].labels[label]), before: both((lang) => words(before, lang)), after: both((lang) => words(after, lang)) }))
    .filter((change) => change.before.da !== change.after.da || change.before.en !== change.after.en);
}
