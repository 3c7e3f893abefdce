import { z } from 'zod';
import { cvr, kindsOfContract, perhaps, procedures, web, words } from '../agreements/content.ts';
import { folded } from '../platform/asking/words.ts';

const day = z.iso.date();
const instant = z.iso.datetime();

/** An amount as it was written, never rounded: `1234567.50` and an ISO 4217 code, excluding VAT. */
const money = z.strictObject({ amount: z.string().regex(/^\d{1,15}(\.\d{1,10})?$/), currency: z.string().regex(/^[A-Z]{3}$/) });
export type Money = z.infer<typeof money>;

/** Marks by which a supplier chooses: what the notice says of strategic procurement (BT-06). */
export const marks = ['green', 'social', 'innovation'] as const;
export const criterionTypes = ['price', 'cost', 'quality'] as const;
export const noticeKinds = ['planning', 'consultation', 'competition', 'direct-award', 'result', 'modification', 'completion'] as const;
export const quarter = z.string().regex(/^\d{4}-Q[1-4]$/);

const lot = z.strictObject({
  number: z.string().trim().min(1),
  title: words,
  summary: perhaps,
  cpvMain: z
    .string()
    .regex(/^\d{8}$/)
    .nullable()
    .default(null),
  value: money.nullable().default(null),
  deadlineAt: instant.nullable().default(null),
});

const awarded = z.strictObject({
  /** Null where the tender has no lots. */
  lot: z.string().nullable().default(null),
  winners: z.array(z.strictObject({ name: z.string().trim().min(1), cvr: cvr.nullable().default(null), leads: z.boolean().default(false) })).default([]),
  /** Tenders received (BT-759). */
  tenders: z.number().int().min(0).nullable().default(null),
  value: money.nullable().default(null),
  concludedOn: day.nullable().default(null),
  contract: z.string().nullable().default(null),
  /** Why nobody won (BT-144), as its code; null where somebody did or it is open still. */
  noAward: z.string().nullable().default(null),
});

/**
 * A tender as it is published, whether it came from notices or was typed: compared, kept as a version and shown in this
 * one form. Instants are UTC; days are days in Denmark. Where it stands (planned, open, closed) is not in it: that follows
 * from its dates.
 */
export const tenderContentSchema = z.strictObject({
  /** Its address; `plan` is the procurement plan's. */
  id: z
    .string()
    .regex(/^[a-z0-9]+(-[a-z0-9]+)*$/)
    .refine((id) => id !== 'plan'),
  source: z.enum(['typed', 'notices']).default('typed'),
  /** BT-04. */
  procedureId: z.string().nullable().default(null),
  title: words,
  summary: perhaps,
  kindOfContract: z.enum(kindsOfContract),
  procedure: z.enum(procedures),
  cpvMain: z.string().regex(/^\d{8}$/),
  /** Besides the main one. */
  cpv: z.array(z.string().regex(/^\d{8}$/)).default([]),
  nuts: z.array(z.string()).default([]),
  value: money.nullable().default(null),
  /** The most that a framework may be used for (BT-271). */
  frameworkMaximum: money.nullable().default(null),
  isFramework: z.boolean().default(false),
  isDynamic: z.boolean().default(false),
  /** For sheltered workshops and the like (BT-71). */
  isReserved: z.boolean().default(false),
  marks: z.array(z.enum(marks)).default([]),
  /** When the market may say what it thinks, before the tender. */
  dialogue: z
    .strictObject({ on: day, text: perhaps, url: web.nullable().default(null) })
    .nullable()
    .default(null),
  expectedQuarter: quarter.nullable().default(null),
  publishedOn: day.nullable().default(null),
  deadlineAt: instant.nullable().default(null),
  /** For asking to take part, in procedures of two steps (BT-1311). */
  requestsUntil: instant.nullable().default(null),
  questionsUntil: instant.nullable().default(null),
  startsOn: day.nullable().default(null),
  endsOn: day.nullable().default(null),
  months: z.number().int().min(1).nullable().default(null),
  renewals: z.number().int().min(0).nullable().default(null),
  lots: z.array(lot).default([]),
  criteria: z.array(z.strictObject({ type: z.enum(criterionTypes), name: perhaps, weight: z.string().default('') })).default([]),
  documentsUrl: web.nullable().default(null),
  submitUrl: web.nullable().default(null),
  requirements: z
    .array(z.string())
    .overwrite((list) => [...new Set(list)].sort())
    .default([]),
  /** Number of the agreement that ends. */
  replaces: z.string().nullable().default(null),
  contactEmail: z.email().nullable().default(null),
  cancelled: z.strictObject({ on: day, reason: perhaps }).nullable().default(null),
  outcome: z
    .strictObject({ on: day, lots: z.array(awarded) })
    .nullable()
    .default(null),
  notices: z
    .array(
      z.strictObject({
        id: z.string(),
        version: z.string(),
        kind: z.enum(noticeKinds),
        on: day,
        reference: z.string().nullable().default(null),
        url: web.nullable().default(null),
      }),
    )
    .default([]),
  /** What is kept back until a day (BT-195, BT-198): its name, and the day; null: not said. */
  withheld: z.array(z.strictObject({ field: words, until: day.nullable() })).default([]),
});

export type TenderContent = z.infer<typeof tenderContentSchema>;
export type TenderInput = z.input<typeof tenderContentSchema>;

/** One spelling per content, so that two can be compared. */
export function canonicalTender(content: unknown): string {
  return JSON.stringify(tenderContentSchema.parse(content));
}

/** Whole øre where the amount is in kroner; null for another currency. */
export function oreOf(value: Money | null): number | null {
  if (value?.currency !== 'DKK') return null;
  const [kroner = '0', parts = ''] = value.amount.split('.');
  return Number(kroner) * 100 + Math.round(Number(`0.${parts || '0'}`) * 100);
}

/** The last moment at which somebody can still come in: of tenders, or of asking to take part. */
export function closesAt({ deadlineAt, requestsUntil, lots }: Pick<TenderContent, 'deadlineAt' | 'requestsUntil' | 'lots'>): string | null {
  const last = lots.map((each) => each.deadlineAt).filter((each) => each !== null);
  return requestsUntil ?? deadlineAt ?? last.sort().at(-1) ?? null;
}

/** A title as it can stand in an address. */
export function plainId(title: string): string {
  const plain = folded(title)
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replace(/[^a-z0-9]+/g, '-');
  return plain.replace(/^-+/, '').slice(0, 80).replace(/-+$/, '');
}
