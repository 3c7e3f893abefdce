import { z } from 'zod';
import type { Retention } from '../documents/retention/schedule.ts';
import type { ObligationTypes } from '../followup/obligation-type.ts';
import type { Language } from '../i18n/language.ts';
import type { Municipality } from '../municipality/municipality.ts';
import type { Indicators } from '../observations/indicator.ts';
import type { Category } from '../requirements/category.ts';
import type { LegalFigure } from '../requirements/legal-figure.ts';
import type { Requirement } from '../requirements/requirement.ts';
import type { Action } from '../strategy/action-plan.ts';
import type { Chapter, FocusArea } from '../strategy/strategy.ts';
import type { StrategyVersion } from '../strategy/version.ts';
import type { Criterion, Measured } from './accessibility.ts';

/** Front matter of content/pages/{da,en}/<name>.md. */
export const textPageSchema = z.strictObject({ title: z.string().min(1), summary: z.string().min(1), updated: z.iso.date(), draft: z.boolean() });

/** Front matter of content/news/{da,en}/<name>.md; `link` is an address on this site. */
export const newsSchema = z.strictObject({
  title: z.string().min(1),
  summary: z.string().min(1),
  date: z.iso.date(),
  link: z.string().startsWith('/', 'must be an address on this site that begins with /').optional(),
  draft: z.boolean(),
});

/** A text as it was written, and as HTML. */
export interface Written {
  readonly body: string;
  readonly html: string;
}

export type WrittenChapter = Chapter & Written & { readonly id: string; readonly twinSlug: string };
export type WrittenRequirement = Requirement & Written & { readonly id: string };
export type TextPage = z.infer<typeof textPageSchema> & Written;
export type NewsItem = z.infer<typeof newsSchema> & Written & { readonly id: string };

/** What editors wrote, for readers of one language. */
export interface LocalContent {
  readonly lang: Language;
  readonly focusAreas: readonly FocusArea[];
  readonly chapters: readonly WrittenChapter[];
  readonly versions: readonly StrategyVersion[];
  readonly actions: readonly Action[];
  readonly requirements: readonly WrittenRequirement[];
  readonly legalFigures: readonly LegalFigure[];
  readonly categories: readonly Category[];
  readonly pages: ReadonlyMap<string, TextPage>;
  /** Newest first. */
  readonly news: readonly NewsItem[];
}

/** Everything below content/, read and checked at one moment. */
export interface Content {
  readonly municipality: Municipality;
  readonly types: ObligationTypes;
  /** What the figures of follow-up mean. */
  readonly indicators: Indicators;
  /** How long documents are kept. */
  readonly retention: Retention;
  /** The municipality's mark beside its name, as SVG. */
  readonly logo: string;
  /** What is known of how the site meets WCAG 2.2. */
  readonly accessibility: { readonly criteria: readonly Criterion[]; readonly measured: Measured | undefined };
  readonly da: LocalContent;
  readonly en: LocalContent;
}

/** The whole text of a version of the strategy, to compare: its own, or that of its chapters. */
export function versionText({ lang, chapters }: LocalContent, version: StrategyVersion): string {
  if (version.text) return version.text[lang].trim();
  return chapters
    .filter((chapter) => chapter.version === version.id)
    .map(({ title, body }) => `${title}\n\n${body.replace(/^#+ /gm, '').trim()}`)
    .join('\n\n');
}
