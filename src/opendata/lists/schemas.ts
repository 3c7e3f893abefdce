import { z } from 'zod';
import { agreementContentSchema, kindsOfContract, procedures } from '../../agreements/content.ts';
import { requirementAreas, requirementKinds, rhythms } from '../../requirements/requirement.ts';
import { phases } from '../../tenders/tender.ts';

/** The items of the open lists. Money in whole øre excluding VAT; days are Danish; instants are UTC; CVR is text. */

const words = z.strictObject({ da: z.string(), en: z.string() });
const count = z.number().int().min(0);
const currency = z.literal('DKK');

export const agreementItem = agreementContentSchema.safeExtend({
  currency,
  status: z.enum(['coming', 'active', 'ended']).describe('By the dates, on the day of the answer'),
  currentEnd: z.iso.date().describe('The last day with the options that have been used'),
  lastPossibleEnd: z.iso.date().describe('The last day if every option is used'),
  documentation: z.strictObject({ asked: count, documented: count }).describe('How much documentation suppliers have been asked for, and how much of it is accepted'),
  url: z.url(),
  updatedAt: z.iso.datetime(),
});

export const supplierItem = z.strictObject({
  cvr: z.string().regex(/^\d{8}$/),
  name: z.string(),
  town: z.string(),
  agreements: z.array(z.string()).describe('Numbers of the agreements that the supplier holds'),
  url: z.url(),
});

export const requirementItem = z.strictObject({
  id: z.string(),
  title: words,
  summary: words,
  kind: z.enum(requirementKinds),
  area: z.enum(requirementAreas),
  focusArea: z.string(),
  goals: z.array(z.string()),
  source: z.strictObject({ kind: z.string(), title: words, date: z.iso.date().nullable(), url: z.url().nullable() }),
  cpv: z.array(z.string()),
  evidence: z.strictObject({ da: z.array(z.string()), en: z.array(z.string()) }),
  rhythm: z.enum(rhythms),
  obligationTypes: z.array(z.string()),
  contractKinds: z.array(z.enum(kindsOfContract)).nullable().describe('Kinds of contract it applies to; null: all'),
  fromValueOre: count.nullable().describe('Applies from this value of the contract; null: from any'),
  currency,
  draft: z.boolean(),
  agreements: z.array(z.string()).describe('Numbers of the agreements that carry the requirement'),
  url: z.url(),
});

export const tenderItem = z.strictObject({
  id: z.string(),
  title: words,
  summary: words,
  status: z.enum(phases).describe('At the moment of the answer'),
  procedure: z.enum(procedures),
  kindOfContract: z.enum(kindsOfContract),
  cpvMain: z.string(),
  deadlineAt: z.iso.datetime().nullable(),
  expectedQuarter: z.string().nullable().describe('Such as 2027-Q1, for a planned tender'),
  valueOre: count.nullable(),
  currency,
  replaces: z.string().nullable().describe('Number of the agreement that it is to replace'),
  requirements: z.array(z.string()),
  submitUrl: z.url().nullable(),
  url: z.url(),
});

/** The answer of a list: a page of items and what everyone must know who uses them. */
export const listOf = <Item extends z.ZodType>(item: Item) =>
  z.strictObject({
    items: z.array(item),
    next: z.string().nullable().describe('Give it back as cursor for the items that follow; null: there are no more'),
    licence: z.string(),
    source: z.string(),
    example: z.boolean().describe('True on a demonstration, where everything is invented'),
    generatedAt: z.iso.datetime(),
  });

/** Problem details for machines (RFC 9457), each fault in both languages. */
export const problemSchema = z.strictObject({
  type: z.url(),
  title: z.string(),
  status: z.number().int(),
  detail: z.string(),
  draft: z.url().optional().describe('Where what was sent lies as a draft'),
  errorCount: count.optional().describe('Errors in all, where not all of them are told'),
  errors: z.array(
    z.strictObject({
      code: z.string(),
      severity: z.enum(['error', 'warning']).optional(),
      parameter: z.string().optional(),
      place: z.string().optional().describe('In JSON that was sent, such as lines[3].antal'),
      field: z.string().optional().describe('The key of an answer'),
      row: z.number().int().optional().describe('The line of the file, the header being line 1'),
      index: count.optional().describe('The place in lines, from 0'),
      column: z.string().nullable().optional(),
      header: z.string().nullable().optional(),
      letter: z.string().nullable().optional(),
      found: z.string().optional(),
      message_da: z.string(),
      message_en: z.string(),
    }),
  ),
});
export type ProblemBody = z.infer<typeof problemSchema>;
export type ProblemError = ProblemBody['errors'][number];
