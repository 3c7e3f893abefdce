import type { Content, LocalContent } from '../content/content.ts';
import { inLanguage, type Language } from '../i18n/language.ts';
import { pathTo } from '../i18n/routes.ts';
import type { Reader } from '../platform/db.ts';

export type EntryKind = 'strategy' | 'requirement' | 'agreement' | 'supplier' | 'tender' | 'page';

/** One public page as the search knows it. */
export interface SearchEntry {
  readonly address: string;
  readonly lang: Language;
  readonly kind: EntryKind;
  readonly title: string;
  readonly body: string;
  readonly words: string;
}

const pageRoutes = { tilgaengelighed: 'accessibility', privatliv: 'privacy', cookies: 'cookies' } as const;
const languages: readonly Language[] = ['da', 'en'];
/** What people call the kind of page they look for. */
const kindWords = { agreement: { da: 'aftale kontrakt', en: 'agreement contract' }, tender: { da: 'udbud', en: 'tender' } };

/** Everything public: what editors wrote, and the public records of the database. */
export async function collectEntries(db: Reader, content: Content): Promise<SearchEntry[]> {
  return [...languages.flatMap((lang) => writtenEntries(content[lang])), ...(await recordedEntries(db, content))];
}

function writtenEntries({ lang, chapters, requirements, pages }: LocalContent): SearchEntry[] {
  const entry = (kind: EntryKind, address: string, { title, summary, body }: { title: string; summary: string; body: string }): SearchEntry => ({
    address,
    lang,
    kind,
    title,
    body: `${summary} ${withoutMarkup(body)}`,
    words: '',
  });
  return [
    ...chapters.map((chapter) => entry('strategy', pathTo('chapter', lang, { chapter: chapter.slug }), chapter)),
    ...requirements.map((requirement) => entry('requirement', pathTo('requirement', lang, { id: requirement.id }), requirement)),
    ...[...pages].map(([name, page]) => entry('page', pathTo(pageRoutes[name as keyof typeof pageRoutes], lang), page)),
  ];
}

async function recordedEntries(db: Reader, content: Content): Promise<SearchEntry[]> {
  const agreements = await db.selectFrom('agreement').selectAll().where('withdrawn_at', 'is', null).execute();
  const tenders = await db.selectFrom('tender').selectAll().execute();
  const suppliers = await db
    .selectFrom('agreement_supplier as l')
    .innerJoin('supplier as s', 's.id', 'l.supplier_id')
    .select(['l.agreement_id', 's.name', 's.cvr', 's.town'])
    .execute();
  const goods = content.da.categories.flatMap(({ children }) => children);
  const everyday = (cpv: readonly string[], lang: Language): string =>
    goods.flatMap((each) => (cpv.some((code) => each.cpv.some((prefix) => code.startsWith(prefix))) ? [each.title[lang], ...each.words[lang]] : [])).join(' ');

  return languages.flatMap((lang) => [
    ...agreements.map((row): SearchEntry => {
      const names = suppliers.filter((supplier) => supplier.agreement_id === row.id).map(({ name, cvr }) => `${name} ${cvr}`);
      const body = [
        inLanguage(row, 'summary', lang),
        inLanguage(row, 'coverage', lang),
        inLanguage(row, 'ordering', lang),
        inLanguage(row, 'not_covered', lang),
        ...names,
        row.number,
      ].join(' ');
      return {
        address: pathTo('agreement', lang, { number: row.number }),
        lang,
        kind: 'agreement',
        title: inLanguage(row, 'title', lang),
        body,
        words: `${kindWords.agreement[lang]} ${row.number.replaceAll('-', ' ')} ${everyday(row.cpv, lang)}`,
      };
    }),
    ...[...Map.groupBy(suppliers, ({ cvr }) => cvr)].map(([cvr, rows]): SearchEntry => {
      const held = agreements.filter((row) => rows.some((supplier) => supplier.agreement_id === row.id)).map((row) => inLanguage(row, 'title', lang));
      return { address: pathTo('supplier', lang, { cvr }), lang, kind: 'supplier', title: rows[0]?.name ?? cvr, body: [cvr, rows[0]?.town, ...held].join(' '), words: '' };
    }),
    ...tenders.map(
      (row): SearchEntry => ({
        address: pathTo('tender', lang, { id: row.id }),
        lang,
        kind: 'tender',
        title: inLanguage(row, 'title', lang),
        body: inLanguage(row, 'summary', lang),
        words: `${kindWords.tender[lang]} ${everyday([row.cpv_main], lang)}`,
      }),
    ),
  ]);
}

/** Markdown as running text. */
function withoutMarkup(markdown: string): string {
  return markdown
    .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replace(/[#*_>`|]/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();
}
