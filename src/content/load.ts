import fs from 'node:fs';
import path from 'node:path';
import { marked } from 'marked';
import { z } from 'zod';
import { type Retention, retentionSchema } from '../documents/retention/schedule.ts';
import { type ObligationType, obligationTypeSchema } from '../followup/obligation-type.ts';
import { inOrder } from '../i18n/format.ts';
import type { Language } from '../i18n/language.ts';
import { type Municipality, municipalitySchema } from '../municipality/municipality.ts';
import { indicatorSchema } from '../observations/indicator.ts';
import { categorySchema } from '../requirements/category.ts';
import { legalFigureSchema } from '../requirements/legal-figure.ts';
import { requirementEnglish, requirementSchema } from '../requirements/requirement.ts';
import { actionSchema } from '../strategy/action-plan.ts';
import { chapterSchema, focusAreaSchema } from '../strategy/strategy.ts';
import { versionSchema } from '../strategy/version.ts';
import { criterionSchema, measuredSchema } from './accessibility.ts';
import { type Content, type LocalContent, newsSchema, textPageSchema, type Written } from './content.ts';
import { checked, type Fault, namesIn, readSource, type Source } from './files.ts';
import { referenceFaults } from './references.ts';

/** A value with the file it came from, so that what is wrong with it can be said at its line. */
export interface Read<T> {
  readonly id: string;
  readonly value: T;
  readonly source: Source;
}

/** Everything that was read, before anything is known about how it hangs together. */
export type Reading = ReturnType<typeof readAll>;

const languages = ['da', 'en'] as const;

/** Reads and checks a content folder. With faults there is no content: all of them are named, not the first. */
export function loadContent(folder = 'content'): { readonly content: Content | undefined; readonly faults: readonly Fault[] } {
  const faults: Fault[] = [];
  const read = readAll(folder, faults);
  faults.push(...referenceFaults(read));
  if (faults.length > 0 || !read.municipality || !read.retention) return { content: undefined, faults };
  return { content: assembled(read, read.municipality.value, read.retention.value), faults };
}

function readAll(folder: string, faults: Fault[]) {
  const at = (...parts: string[]): string => path.join(folder, ...parts);
  const one = <T>(file: string, schema: z.ZodType<T>): Read<T> | undefined => {
    try {
      const source = readSource(file, faults);
      const value = source && checked(source, schema, faults);
      return source && value !== undefined ? { id: path.basename(file).replace(/\.\w+$/, ''), value, source } : undefined;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      faults.push({ file, line: null, field: '', message: 'is missing; every instance needs it' });
      return undefined;
    }
  };
  const each = <T>(below: string, ending: '.md' | '.yaml', schema: z.ZodType<T>): Read<T>[] =>
    namesIn(at(below), ending)
      .map((name) => one(at(below, name + ending), schema))
      .filter((entry) => entry !== undefined);
  const inBoth = <T>(below: string, schema: z.ZodType<T>): Record<Language, Read<T>[]> => ({ da: each(`${below}/da`, '.md', schema), en: each(`${below}/en`, '.md', schema) });

  return {
    folder,
    municipality: one(at('municipality/municipality.yaml'), municipalitySchema),
    pictures: ['icon.svg', 'share.png'].map((name) => present(at('municipality', name), faults)),
    logo: readLogo(at('municipality/logo.svg'), faults),
    retention: one(at('retention.yaml'), retentionSchema),
    types: each('obligation-types', '.yaml', obligationTypeSchema),
    indicators: one(at('indicators.yaml'), z.array(indicatorSchema)),
    chapters: inBoth('strategy', chapterSchema),
    focusAreas: one(at('strategy/focus-areas.yaml'), z.array(focusAreaSchema)),
    versions: one(at('strategy/versions.yaml'), z.array(versionSchema)),
    actions: one(at('action-plan/actions.yaml'), z.array(actionSchema)),
    requirements: { da: each('requirements/da', '.md', requirementSchema), en: each('requirements/en', '.md', requirementEnglish) },
    legalFigures: one(at('legal-figures/figures.yaml'), z.array(legalFigureSchema)),
    categories: one(at('categories/categories.yaml'), z.array(categorySchema)),
    criteria: one(at('accessibility/wcag-2.2.yaml'), z.array(criterionSchema)),
    measured: one(at('accessibility/measured.yaml'), measuredSchema),
    pages: inBoth('pages', textPageSchema),
    news: inBoth('news', newsSchema),
  };
}

function assembled(read: Reading, municipality: Municipality, retention: Retention): Content {
  const [da, en] = languages.map((lang): LocalContent => {
    const twin = (id: string) => read.chapters[lang === 'da' ? 'en' : 'da'].find((chapter) => chapter.id === id)?.value.slug ?? '';
    const english = new Map(read.requirements.en.map((entry) => [entry.id, entry]));
    return {
      lang,
      focusAreas: [...(read.focusAreas?.value ?? [])].sort((a, b) => a.order - b.order),
      chapters: read.chapters[lang].map(({ id, value, source }) => ({ ...value, ...written(source), id, twinSlug: twin(id) })).sort((a, b) => a.order - b.order),
      versions: [...(read.versions?.value ?? [])].sort((a, b) => (b.adoptedOn ?? '9').localeCompare(a.adoptedOn ?? '9')),
      actions: [...(read.actions?.value ?? [])].sort((a, b) => a.deadline.localeCompare(b.deadline)),
      requirements: read.requirements.da
        .map(({ id, value, source }) => {
          const words = lang === 'en' ? english.get(id) : undefined;
          if (!words) return { ...value, ...written(source), id };
          const { sourceTitle, ...rest } = words.value;
          return { ...value, ...rest, source: { ...value.source, title: sourceTitle }, ...written(words.source), id };
        })
        .sort((a, b) => inOrder(a.title, b.title, lang)),
      legalFigures: read.legalFigures?.value ?? [],
      categories: read.categories?.value ?? [],
      pages: new Map(read.pages[lang].map(({ id, value, source }) => [id, { ...value, ...written(source) }])),
      news: read.news[lang].map(({ id, value, source }) => ({ ...value, ...written(source), id })).sort((a, b) => b.date.localeCompare(a.date)),
    };
  }) as [LocalContent, LocalContent];
  return {
    municipality,
    logo: read.logo,
    accessibility: { criteria: read.criteria?.value ?? [], measured: read.measured?.value },
    retention,
    indicators: new Map((read.indicators?.value ?? []).map((indicator) => [indicator.id, indicator])),
    types: new Map(read.types.map(({ value }): [string, ObligationType] => [value.id, value])),
    da,
    en,
  };
}

/** A picture that pages refer to. */
function present(file: string, faults: Fault[]): boolean {
  const there = fs.existsSync(file);
  if (!there) faults.push({ file, line: null, field: '', message: 'is missing; every instance needs it' });
  return there;
}

/** The mark stands in every page, so it must be small, and plain: the page's policy would not run or style anything in it. */
function readLogo(file: string, faults: Fault[]): string {
  const wrong = (message: string): string => {
    faults.push({ file, line: null, field: '', message });
    return '';
  };
  if (!fs.existsSync(file)) return wrong('is missing; put the municipality’s mark there as SVG');
  const svg = fs.readFileSync(file, 'utf8').trim();
  if (!/^<svg[^>]*\bviewBox=/.test(svg)) return wrong('must begin with <svg and have a viewBox');
  if (/<(script|style|foreignObject|image|use)\b|\s(on\w+|style|href|xlink:href)=/i.test(svg)) return wrong('must be plain shapes: no script, style, link or picture inside');
  if (Buffer.byteLength(svg) > 3_000) return wrong(`is ${Buffer.byteLength(svg)} bytes; make it at most 3,000, for it stands in every page`);
  return svg;
}

function written({ body }: Source): Written {
  return { body, html: marked.parse(body, { async: false }) };
}
