import { z } from 'zod';
import { both } from '../municipality/municipality.ts';

/** Front matter of content/strategy/{da,en}/<chapter>.md. */
export const chapterSchema = z.strictObject({
  title: z.string().min(1),
  /** The word in the address, in the language of the file. */
  slug: z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/),
  order: z.number().int().positive(),
  summary: z.string().min(1),
  version: z.string().min(1),
  draft: z.boolean(),
  focusArea: z.string().optional(),
});

const goal = z.strictObject({ id: z.string().regex(/^[a-z0-9-]+$/), title: both, text: both, measure: both });

/** An entry of content/strategy/focus-areas.yaml. */
export const focusAreaSchema = z.strictObject({
  id: z.string(),
  order: z.number().int().positive(),
  draft: z.boolean(),
  title: both,
  summary: both,
  goals: z.array(goal).min(1),
});

export type Chapter = z.infer<typeof chapterSchema>;
export type FocusArea = z.infer<typeof focusAreaSchema>;
