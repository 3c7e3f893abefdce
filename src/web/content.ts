import { getCollection, getEntry, render } from 'astro:content';
import { inOrder } from '../i18n/format.ts';
import type { Language } from '../i18n/language.ts';
import type { Category } from '../requirements/category.ts';
import type { LegalFigure } from '../requirements/legal-figure.ts';
import type { Requirement, RequirementSummary } from '../requirements/requirement.ts';
import type { Action } from '../strategy/action-plan.ts';
import type { Chapter, FocusArea } from '../strategy/strategy.ts';
import { faultsOf, type StrategyVersion } from '../strategy/version.ts';

/** The editors' content in the reader's language. */
export async function focusAreas(): Promise<FocusArea[]> {
  const entries = await getCollection('focusAreas');
  return entries.map(({ data }) => data).sort((a, b) => a.order - b.order);
}

export async function chapters(lang: Language): Promise<Chapter[]> {
  const entries = await getCollection('chapters', ({ id }) => id.startsWith(`${lang}/`));
  return entries.map(({ data }) => data).sort((a, b) => a.order - b.order);
}

/** A chapter by the word in its address, with the same chapter's word in the other language. */
export async function chapterBySlug(lang: Language, slug: string) {
  const all = await getCollection('chapters');
  const entry = all.find(({ id, data }) => id.startsWith(`${lang}/`) && data.slug === slug);
  if (!entry) return undefined;
  const other = lang === 'da' ? 'en' : 'da';
  const twin = all.find(({ id }) => id === `${other}/${entry.id.slice(3)}`);
  const { Content } = await render(entry);
  return { chapter: entry.data, twinSlug: twin?.data.slug, Content };
}

export async function requirementSummaries(lang: Language): Promise<RequirementSummary[]> {
  const danish = await getCollection('requirements');
  const english = lang === 'en' ? new Map((await getCollection('requirementsEnglish')).map((entry) => [entry.id, entry.data])) : undefined;
  return danish
    .map(({ id, data }) => {
      const { title, summary } = english?.get(id) ?? data;
      return { id, title, summary, kind: data.kind, area: data.area, focusArea: data.focusArea, goals: data.goals };
    })
    .sort((a, b) => inOrder(a.title, b.title, lang));
}

/** One requirement with its text; what has words is in the reader's language. */
export async function requirementById(lang: Language, id: string) {
  const entry = await getEntry('requirements', id);
  if (!entry) return undefined;
  const english = lang === 'en' ? await getEntry('requirementsEnglish', id) : undefined;
  const { Content } = await render(english ?? entry);
  const { data } = entry;
  const requirement: Requirement = english
    ? { ...data, title: english.data.title, summary: english.data.summary, evidence: english.data.evidence, source: { ...data.source, title: english.data.sourceTitle } }
    : data;
  return { requirement, Content };
}

/** Every requirement with all that is known of it, what has words in the reader's language. */
export async function allRequirements(lang: Language): Promise<({ readonly id: string } & Requirement)[]> {
  const english = lang === 'en' ? new Map((await getCollection('requirementsEnglish')).map((entry) => [entry.id, entry.data])) : undefined;
  return (await getCollection('requirements')).map(({ id, data }) => {
    const words = english?.get(id);
    return words ? { ...data, id, title: words.title, summary: words.summary, evidence: words.evidence } : { ...data, id };
  });
}

export async function actions(): Promise<Action[]> {
  return (await getCollection('actions')).map(({ data }) => data).sort((a, b) => a.deadline.localeCompare(b.deadline));
}

/** The strategy's versions, the newest first. Throws with every fault of the list. */
export async function versions(): Promise<StrategyVersion[]> {
  const all = (await getCollection('versions')).map(({ data }) => data);
  const faults = faultsOf(all);
  if (faults.length > 0) throw new Error(faults.join('\n'));
  return all.sort((a, b) => (b.adoptedOn ?? '9').localeCompare(a.adoptedOn ?? '9'));
}

/** The whole text of a version, to compare: its own, or that of its chapters. */
export async function versionText(lang: Language, version: StrategyVersion): Promise<string> {
  if (version.text) return version.text[lang].trim();
  const entries = await getCollection('chapters', ({ id, data }) => id.startsWith(`${lang}/`) && data.version === version.id);
  return entries
    .sort((a, b) => a.data.order - b.data.order)
    .map(({ data, body }) => `${data.title}\n\n${(body ?? '').replace(/^#+ /gm, '').trim()}`)
    .join('\n\n');
}

export async function legalFigures(): Promise<LegalFigure[]> {
  return (await getCollection('legalFigures')).map(({ data }) => data);
}

export async function categories(): Promise<Category[]> {
  return (await getCollection('categories')).map(({ data }) => data);
}

/** A page that law or habit expects, from content/pages. */
export async function textPage(lang: Language, name: string) {
  const entry = await getEntry('pages', `${lang}/${name}`);
  if (!entry) throw new Error(`content/pages/${lang}/${name}.md is missing`);
  return { page: entry.data, Content: (await render(entry)).Content };
}
