import type { Catalogue } from '../agreements/publish.ts';
import type { Content } from './content.ts';

/** What the editors' categories and requirements say about agreements. */
export function catalogueOf({ da }: Pick<Content, 'da'>): Catalogue {
  const goods = da.categories.flatMap(({ children }) => children);
  const prefixes = goods.flatMap(({ id, cpv }) => cpv.map((prefix) => ({ id, prefix }))).sort((a, b) => b.prefix.length - a.prefix.length);
  const areas = new Map(da.requirements.map(({ id, focusArea }) => [id, focusArea]));
  return {
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
    focusAreasOf: (requirementIds) => [...new Set(requirementIds.flatMap((id) => areas.get(id) ?? []))],
  };
}
