import { z } from 'zod';
import { both } from '../../municipality/municipality.ts';

/** What each kind of class covers, and from which days its time can run. */
const days = {
  filed: ['agreement-end', 'filing'],
  drafts: ['deadline'],
  library: ['expiry'],
  readings: ['reading'],
} as const;

const coverings = Object.keys(days) as [keyof typeof days, ...(keyof typeof days)[]];

const retentionClass = z.strictObject({
  id: z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/),
  covers: z.enum(coverings),
  /** Only these obligation types; a class without takes the rest. */
  types: z.array(z.string()).min(1).optional(),
  title: both,
  what: both,
  reason: both,
  after: z.enum(['agreement-end', 'filing', 'deadline', 'expiry', 'reading']),
  months: z.int().min(1).max(1200),
  /** What becomes of what was typed, besides the files. */
  answers: z.enum(['erase', 'keep']).optional(),
});

/** content/retention.yaml: how long each kind of document is kept, from which day, and why. */
export const retentionSchema = z.strictObject({ draft: z.boolean(), classes: z.array(retentionClass).min(1) }).superRefine(({ classes }, context) => {
  const wrong = (place: number, field: string, message: string): void => context.addIssue({ code: 'custom', path: ['classes', place, field], message });
  for (const [place, { id, covers, types, after, answers }] of classes.entries()) {
    const before = classes.slice(0, place);
    if (before.some((other) => other.id === id)) wrong(place, 'id', `"${id}" is used twice; give each its own`);
    if (!(days[covers] as readonly string[]).includes(after)) wrong(place, 'after', `must be one of: ${days[covers].join(', ')}, where covers is ${covers}`);
    if ((covers === 'filed') !== (answers !== undefined)) wrong(place, 'answers', covers === 'filed' ? 'is missing; write erase or keep' : 'is for what was filed; take it out');
    if (types && covers === 'readings') wrong(place, 'types', 'cannot be told apart for readings; take it out');
    const same = before.filter((other) => other.covers === covers);
    if (!types && same.some((other) => !other.types)) wrong(place, 'types', `is missing, and another class takes the rest of ${covers} already`);
    const twice = types?.find((type) => same.some((other) => other.types?.includes(type)));
    if (twice) wrong(place, 'types', `"${twice}" is in another class already`);
  }
  for (const covers of coverings)
    if (!classes.some((each) => each.covers === covers && !each.types))
      context.addIssue({ code: 'custom', path: ['classes'], message: `needs one class with covers: ${covers} and without types` });
});

export type Retention = z.infer<typeof retentionSchema>;
export type RetentionClass = Retention['classes'][number];

/** The rules as retention_items (db/migrations/0016_keeping.sql) reads them. */
export function rulesOf({ classes }: Retention): string {
  return JSON.stringify(classes.map(({ id, covers, types, after, months, answers }) => ({ class: id, covers, types: types ?? null, after, months, answers: answers ?? null })));
}
