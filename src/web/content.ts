import { getCollection, getEntry, render } from 'astro:content';
import { inOrder } from '../i18n/format.ts';
import type { Language } from '../i18n/language.ts';
import type { Requirement, RequirementSummary } from '../requirements/requirement.ts';
import type { Chapter, FocusArea } from '../strategy/strategy.ts';

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
