import { z } from 'zod';

/** A text in Danish, and in English where somebody has translated it. */
export const words = z.strictObject({ da: z.string().trim().min(1), en: z.string().trim().default('') });
export const perhaps = z.strictObject({ da: z.string().trim().default(''), en: z.string().trim().default('') }).prefault({});
export const web = z.url({ protocol: /^https?$/ });

export const kinds = ['framework', 'contract', 'joint-purchase', 'ski', 'dynamic-system'] as const;
export const procedures = ['open', 'restricted', 'negotiated', 'below-threshold', 'direct', 'joint', 'not-stated'] as const;
export const kindsOfContract = ['supplies', 'services', 'works'] as const;
export const valueBands = ['under-threshold', 'over-threshold', 'over-10-million'] as const;

/** Eight digits. Whether the check digit fits is asked where a person can answer: staff may know better. */
export const cvr = z.string().regex(/^\d{8}$/);

const supplier = z.strictObject({ cvr, name: z.string().trim().min(1), town: z.string().trim().default(''), consortium: z.string().trim().default('') });

const document = z.union([
  z.strictObject({ title: words, url: web }),
  // Access to documents act and the like: what is withheld is named, with its ground and the day on which that is looked at again.
  z.strictObject({ title: words, withheld: z.strictObject({ ground: z.string().trim().min(1), reason: words, reviewOn: z.iso.date() }) }),
]);

/**
 * An agreement as it is published: the form in which it is typed, imported, kept as a version, and given out.
 * Money in whole øre excluding VAT; dates are days in Denmark; suppliers stand in call-off order.
 */
export const agreementContentSchema = z
  .strictObject({
    number: z
      .string()
      .trim()
      .regex(/^[\p{L}\p{N}][\p{L}\p{N}._-]{0,59}$/u),
    kind: z.enum(kinds),
    kindOfContract: z.enum(kindsOfContract),
    title: words,
    summary: perhaps,
    /** Null where a list that was brought in does not say. */
    cpvMain: z
      .string()
      .regex(/^\d{8}$/)
      .nullable()
      .default(null),
    cpv: z.array(z.string().regex(/^\d{8}$/)).default([]),
    nuts: z
      .string()
      .regex(/^DK[0-9A-Z]{0,3}$/)
      .nullable()
      .default(null),
    startsOn: z.iso.date(),
    endsOn: z.iso.date(),
    options: z.array(z.strictObject({ extendsTo: z.iso.date(), noticeBy: z.iso.date(), used: z.boolean().default(false) })).default([]),
    procedure: z.enum(procedures),
    valueOre: z.number().int().min(0).max(1e15).nullable().default(null),
    valueBand: z.enum(valueBands).nullable().default(null),
    mandatory: z.boolean().default(false),
    coverage: perhaps,
    ordering: perhaps,
    notCovered: perhaps,
    priceListUrl: web.nullable().default(null),
    contactTeam: perhaps,
    contactEmail: z.email().nullable().default(null),
    suppliers: z.array(supplier).min(1),
    lots: z.array(z.strictObject({ number: z.string().trim().min(1), title: words, suppliers: z.array(cvr) })).default([]),
    /** A set: the same ones in another order are no change. */
    requirements: z
      .array(z.string())
      .overwrite((list) => [...new Set(list)].sort())
      .default([]),
    predecessor: z.string().nullable().default(null),
    notices: z.array(z.strictObject({ system: z.enum(['ted', 'udbud.dk', 'other']), reference: z.string().trim().min(1), url: web.nullable().default(null) })).default([]),
    documents: z.array(document).default([]),
    changes: z.array(z.strictObject({ on: z.iso.date(), ground: z.string().trim().min(1), text: words })).default([]),
  })
  .check((ctx) => {
    const { startsOn, endsOn, options, suppliers, lots } = ctx.value;
    const fault = (path: PropertyKey[], message: string): void => void ctx.issues.push({ code: 'custom', path, message, input: ctx.value });
    if (endsOn < startsOn) fault(['endsOn'], 'ends-before-start');
    options.forEach((option, index) => void (option.extendsTo <= endsOn && fault(['options', index, 'extendsTo'], 'option-before-end')));
    if (new Set(suppliers.map((each) => each.cvr)).size < suppliers.length) fault(['suppliers'], 'supplier-twice');
    if (new Set(lots.map((lot) => lot.number)).size < lots.length) fault(['lots'], 'lot-twice');
    lots.forEach((lot, index) => void (lot.suppliers.some((one) => !suppliers.some((each) => each.cvr === one)) && fault(['lots', index, 'suppliers'], 'lot-supplier-unknown')));
  });

export type AgreementContent = z.infer<typeof agreementContentSchema>;
export type AgreementInput = z.input<typeof agreementContentSchema>;

/** The day on which it ends with the options that have been used. */
export function endOf({ endsOn, options }: Pick<AgreementContent, 'endsOn' | 'options'>): string {
  return [endsOn, ...options.filter(({ used }) => used).map(({ extendsTo }) => extendsTo)].sort().at(-1) ?? endsOn;
}

/** One spelling per content, so that two can be compared. */
export function canonical(content: unknown): string {
  return JSON.stringify(agreementContentSchema.parse(content));
}

/** Every code of an agreement once, the main one first. */
export function allCpv({ cpvMain, cpv }: Pick<AgreementContent, 'cpvMain' | 'cpv'>): string[] {
  return [...new Set([...(cpvMain ? [cpvMain] : []), ...cpv])];
}
