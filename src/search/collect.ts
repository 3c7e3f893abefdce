import fs from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { inLanguage, type Language } from '../i18n/language.ts';
import { pathTo } from '../i18n/routes.ts';
import { readYaml } from '../municipality/municipality.ts';
import type { Reader } from '../platform/db.ts';
import { categorySchema } from '../requirements/category.ts';

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

const languages: readonly Language[] = ['da', 'en'];
/** What people call the kind of page they look for. */
const kindWords = { agreement: { da: 'aftale kontrakt', en: 'agreement contract' }, tender: { da: 'udbud', en: 'tender' } };
const front = z.looseObject({ title: z.string(), summary: z.string(), slug: z.string().optional() });

/** Everything public: what editors wrote, and the public records of the database. */
export async function collectEntries(db: Reader, contentDir = 'content'): Promise<SearchEntry[]> {
  return [...writtenEntries(contentDir), ...(await recordedEntries(db, contentDir))];
}

function writtenEntries(contentDir: string): SearchEntry[] {
  const folders = [
    { kind: 'strategy', folder: (lang: Language) => `strategy/${lang}`, address: (lang: Language, _id: string, slug: string) => pathTo('chapter', lang, { chapter: slug }) },
    { kind: 'requirement', folder: (lang: Language) => `requirements/${lang}`, address: (lang: Language, id: string) => pathTo('requirement', lang, { id }) },
    { kind: 'page', folder: (lang: Language) => `pages/${lang}`, address: (lang: Language, id: string) => pageAddress(lang, id) },
  ] as const;
  return languages.flatMap((lang) =>
    folders.flatMap(({ kind, folder, address }) => {
      const at = path.join(contentDir, folder(lang));
      return fs
        .readdirSync(at)
        .filter((name) => name.endsWith('.md'))
        .map((name): SearchEntry => {
          const [, head = '', text = ''] = /^---\n([\s\S]*?)\n---\n?([\s\S]*)$/.exec(fs.readFileSync(path.join(at, name), 'utf8')) ?? [];
          const { title, summary, slug = '' } = front.parse(parse(head));
          return { address: address(lang, name.replace(/\.md$/, ''), slug), lang, kind, title, body: `${summary} ${withoutMarkup(text)}`, words: '' };
        });
    }),
  );
}

function pageAddress(lang: Language, id: string): string {
  const names = { tilgaengelighed: 'accessibility', privatliv: 'privacy', cookies: 'cookies' } as const;
  const name = names[id as keyof typeof names];
  if (!name) throw new Error(`content/pages/${lang}/${id}.md has no address in src/i18n/routes.ts`);
  return pathTo(name, lang);
}

async function recordedEntries(db: Reader, contentDir: string): Promise<SearchEntry[]> {
  const agreements = await db.selectFrom('agreement').selectAll().execute();
  const tenders = await db.selectFrom('tender').selectAll().execute();
  const suppliers = await db.selectFrom('agreement_supplier as l').innerJoin('supplier as s', 's.id', 'l.supplier_id').select(['l.agreement_id', 's.name', 's.cvr']).execute();
  const goods = readYaml(path.join(contentDir, 'categories/categories.yaml'), z.array(categorySchema)).flatMap(({ children }) => children);
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
