import { z } from 'zod';

export const requirementKinds = ['contract-term', 'minimum', 'award-criterion'] as const;
export const requirementAreas = ['start', 'data', 'commercial', 'environment', 'climate', 'social', 'works'] as const;
export const rhythms = ['once', 'annual', 'half-yearly', 'quarterly', 'monthly', 'per-event', 'certificate', 'on-request'] as const;

/** Front matter of content/requirements/da/<id>.md; the file name is the id that agreements and obligations refer to. */
export const requirementSchema = z.strictObject({
  title: z.string().min(1),
  summary: z.string().min(1),
  kind: z.enum(requirementKinds),
  area: z.enum(requirementAreas),
  focusArea: z.string(),
  goals: z.array(z.string()).min(1),
  source: z.strictObject({
    kind: z.enum(['law', 'pogi', 'gpp', 'international', 'own']),
    title: z.string().min(1),
    date: z.iso.date().optional(),
    url: z.url({ protocol: /^https$/ }).optional(),
  }),
  cpv: z.array(z.string().regex(/^\d{8}$/)).min(1),
  evidence: z.array(z.string()).min(1),
  rhythm: z.enum(rhythms),
  obligationTypes: z.array(z.string()).min(1),
  /** Kinds of contract it applies to; absent: all. */
  contractKinds: z.array(z.enum(['supplies', 'services', 'works'])).optional(),
  /** Contracts of at least this value, whole kroner excluding VAT; absent: all. */
  fromDkk: z.number().int().positive().optional(),
  draft: z.boolean(),
});

/** Front matter of content/requirements/en/<id>.md: only what has words in it. */
export const requirementEnglish = z.strictObject({
  title: z.string().min(1),
  summary: z.string().min(1),
  sourceTitle: z.string().min(1),
  evidence: z.array(z.string()).min(1),
  draft: z.boolean(),
});

export type Requirement = z.infer<typeof requirementSchema>;
export type RequirementKind = (typeof requirementKinds)[number];
export type RequirementArea = (typeof requirementAreas)[number];

/** A requirement as a list shows it, in the reader's language. */
export interface RequirementSummary {
  readonly id: string;
  readonly title: string;
  readonly summary: string;
  readonly kind: RequirementKind;
  readonly area: RequirementArea;
  readonly focusArea: string;
  readonly goals: readonly string[];
}
