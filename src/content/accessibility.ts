import { z } from 'zod';
import { both } from '../municipality/municipality.ts';

const id = z.string().regex(/^[1-4]\.\d{1,2}\.\d{1,2}$/);

/** An entry of content/accessibility/wcag-2.2.yaml: one success criterion of level A or AA. */
export const criterionSchema = z.strictObject({
  id,
  level: z.enum(['A', 'AA']),
  name: both,
  /** By automatic rules, by our own tests, by looking; none where the criterion has nothing to be about. */
  checked: z.array(z.enum(['axe', 'test', 'hand'])),
  result: z.enum(['met', 'partly', 'not-checked', 'not-relevant']),
  note: both,
});

/** content/accessibility/measured.yaml, written by test/support/measure-accessibility.ts. */
export const measuredSchema = z.strictObject({
  on: z.iso.date(),
  tool: z.string(),
  browser: z.string(),
  pages: z.number().int().positive(),
  /** Widths and colour schemes in which each page was looked at. */
  views: z.number().int().positive(),
  criteria: z.record(id, z.strictObject({ rules: z.array(z.string()), passed: z.number().int(), findings: z.number().int() })),
});

export type Criterion = z.infer<typeof criterionSchema>;
export type Measured = z.infer<typeof measuredSchema>;
