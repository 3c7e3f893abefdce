import { createHash } from 'node:crypto';
import type { Catalogue } from '../agreements/catalogue.ts';
import type { ImportContext } from '../agreements/import/batches.ts';
import type { Names } from '../agreements/staff/compare.ts';
import type { Content, LocalContent } from './content.ts';

/** What the editors' categories and requirements say about agreements. */
export function catalogueOf({ da }: Pick<Content, 'da'>): Catalogue {
  const goods = da.categories.flatMap(({ children }) => children);
  const prefixes = goods.flatMap(({ id, cpv }) => cpv.map((prefix) => ({ id, prefix }))).sort((a, b) => b.prefix.length - a.prefix.length);
  const areas = new Map(da.requirements.map(({ id, focusArea }) => [id, focusArea]));
  const all = JSON.stringify([da.categories, da.requirements.map(({ id, focusArea }) => [id, focusArea])]);
  return {
    checksum: createHash('sha256').update(all).digest('hex'),
    categoryOf(cpv) {
      for (const code of cpv) {
        const found = prefixes.find(({ prefix }) => code.startsWith(prefix));
        if (found) return found.id;
      }
      return null;
    },
    wordsFor: (cpv) =>
      goods
        .filter((each) => cpv.some((code) => each.cpv.some((prefix) => code.startsWith(prefix))))
        .flatMap(({ title, words }) => [title.da, ...words.da, title.en, ...words.en])
        .join(' '),
    codeOf(category) {
      const plain = category.toLowerCase();
      const found =
        goods.find(({ title, words }) => [title.da, title.en, ...words.da].some((name) => name.toLowerCase() === plain)) ??
        goods.find(({ title }) => title.da.toLowerCase().startsWith(plain));
      return found?.cpv[0]?.padEnd(8, '0') ?? null;
    },
    focusAreasOf: (requirementIds) => [...new Set(requirementIds.flatMap((id) => areas.get(id) ?? []))],
  };
}

/** What editors call requirements, and the category of an agreement's codes, in the reader's language. */
export function namesFrom(content: LocalContent): Names {
  const requirements = new Map(content.requirements.map(({ id, title }) => [id, title]));
  const goods = new Map(content.categories.flatMap(({ children }) => children.map(({ id, title }) => [id, title[content.lang]])));
  const { categoryOf } = catalogueOf({ da: content });
  return { requirement: (id) => requirements.get(id) ?? id, category: (cpv) => goods.get(categoryOf(cpv) ?? '') ?? '' };
}

/** The requirements under the focus areas that they serve, in the reader's language. */
export function requirementsByArea({ lang, focusAreas, requirements }: LocalContent) {
  return focusAreas
    .map(({ id, title }) => ({ title: title[lang], requirements: requirements.filter(({ focusArea }) => focusArea === id) }))
    .filter(({ requirements: some }) => some.length > 0);
}

/** What bringing in a list needs to know of the editors' content. */
export function importContextOf(content: Pick<Content, 'da' | 'en'>): ImportContext {
  return {
    catalogue: catalogueOf(content),
    requirementIds: new Map(
      [content.da, content.en].flatMap(({ requirements }) => requirements.flatMap(({ id, title }) => [[id, id] as const, [title.toLowerCase(), id] as const])),
    ),
  };
}
