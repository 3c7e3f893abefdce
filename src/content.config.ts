import { defineCollection } from 'astro:content';
import { file, glob } from 'astro/loaders';
import { z } from 'zod';
import { categorySchema } from './requirements/category.ts';
import { legalFigureSchema } from './requirements/legal-figure.ts';
import { requirementEnglish, requirementSchema } from './requirements/requirement.ts';
import { actionSchema } from './strategy/action-plan.ts';
import { chapterSchema, focusAreaSchema } from './strategy/strategy.ts';
import { versionSchema } from './strategy/version.ts';

const byFileName = ({ entry }: { entry: string }): string => entry.replace(/\.md$/, '');

/** What editors write. A file that does not fit stops the build with the file and the field. */
export const collections = {
  chapters: defineCollection({ loader: glob({ base: './content/strategy', pattern: '{da,en}/*.md', generateId: byFileName }), schema: chapterSchema }),
  focusAreas: defineCollection({ loader: file('content/strategy/focus-areas.yaml'), schema: focusAreaSchema }),
  versions: defineCollection({ loader: file('content/strategy/versions.yaml'), schema: versionSchema }),
  actions: defineCollection({ loader: file('content/action-plan/actions.yaml'), schema: actionSchema }),
  legalFigures: defineCollection({ loader: file('content/legal-figures/figures.yaml'), schema: legalFigureSchema }),
  categories: defineCollection({ loader: file('content/categories/categories.yaml'), schema: categorySchema }),
  pages: defineCollection({
    loader: glob({ base: './content/pages', pattern: '{da,en}/*.md', generateId: byFileName }),
    schema: z.strictObject({ title: z.string(), summary: z.string(), updated: z.iso.date(), draft: z.boolean() }),
  }),
  requirements: defineCollection({ loader: glob({ base: './content/requirements/da', pattern: '*.md', generateId: byFileName }), schema: requirementSchema }),
  requirementsEnglish: defineCollection({ loader: glob({ base: './content/requirements/en', pattern: '*.md', generateId: byFileName }), schema: requirementEnglish }),
};
