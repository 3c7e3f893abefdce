import { defineCollection } from 'astro:content';
import { file, glob } from 'astro/loaders';
import { requirementEnglish, requirementSchema } from './requirements/requirement.ts';
import { chapterSchema, focusAreaSchema } from './strategy/strategy.ts';

const byFileName = ({ entry }: { entry: string }): string => entry.replace(/\.md$/, '');

/** What editors write. A file that does not fit stops the build with the file and the field. */
export const collections = {
  chapters: defineCollection({ loader: glob({ base: './content/strategy', pattern: '{da,en}/*.md', generateId: byFileName }), schema: chapterSchema }),
  focusAreas: defineCollection({ loader: file('content/strategy/focus-areas.yaml'), schema: focusAreaSchema }),
  requirements: defineCollection({ loader: glob({ base: './content/requirements/da', pattern: '*.md', generateId: byFileName }), schema: requirementSchema }),
  requirementsEnglish: defineCollection({ loader: glob({ base: './content/requirements/en', pattern: '*.md', generateId: byFileName }), schema: requirementEnglish }),
};
