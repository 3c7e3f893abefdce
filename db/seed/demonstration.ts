import { z } from 'zod';
import { readYaml } from '../../src/content/files.ts';
import { both } from '../../src/municipality/municipality.ts';
import { addDays } from '../../src/platform/clock.ts';

/** The demonstration's files, read and checked. Everything in them is invented. */

const supplier = z.strictObject({ cvr: z.string(), name: z.string(), town: z.string(), email: z.email() });
const procedure = z.enum(['open', 'restricted', 'negotiated', 'below-threshold', 'direct', 'joint']);
const kindOfContract = z.enum(['supplies', 'services', 'works']);
const agreement = z.strictObject({
  number: z.string(),
  kind: z.enum(['framework', 'contract', 'joint-purchase', 'ski', 'dynamic-system']),
  title: both,
  summary: both,
  cpvMain: z.string(),
  cpv: z.array(z.string()),
  startsOn: z.iso.date(),
  endsOn: z.iso.date(),
  options: z.array(z.strictObject({ extendsTo: z.iso.date(), noticeBy: z.iso.date() })),
  procedure,
  estimatedValueDkk: z.number(),
  mandatory: z.boolean(),
  coverage: both,
  ordering: both,
  notCovered: both,
  suppliers: z.array(z.string()).min(1),
  requirements: z.array(z.string()).min(1),
  kindOfContract,
});
const tender = z.strictObject({
  id: z.string(),
  title: both,
  summary: both,
  procedure,
  kindOfContract,
  cpvMain: z.string(),
  deadline: z.number().optional(),
  expectedQuarter: z.number().optional(),
  estimatedValueDkk: z.number(),
  replaces: z.string().optional(),
  requirements: z.array(z.string()),
  submitUrl: z.url().optional(),
  marks: z.array(z.enum(['green', 'social', 'innovation'])).default([]),
  months: z.number().optional(),
  renewals: z.number().optional(),
  lots: z.array(z.strictObject({ number: z.string(), title: both })).default([]),
  criteria: z.array(z.strictObject({ type: z.enum(['price', 'cost', 'quality']), name: both.optional(), weight: z.string() })).default([]),
  dialogue: z.strictObject({ inDays: z.number(), text: both }).optional(),
  outcome: z.strictObject({ daysAgo: z.number(), winner: z.string(), tenders: z.number(), valueDkk: z.number() }).optional(),
});

export type SeedAgreement = z.infer<typeof agreement>;

export const readSuppliers = () => readYaml('db/seed/suppliers.yaml', z.array(supplier));
export const readTenders = () => readYaml('db/seed/tenders.yaml', z.array(tender));

/** Agreements are dated around 2026 and moved by whole years, so that the demonstration stays current. */
export function readAgreements(today: string): SeedAgreement[] {
  const years = Number(today.slice(0, 4)) - 2026;
  const moved = (date: string): string => `${Number(date.slice(0, 4)) + years}${date.slice(4).replace('02-29', '02-28')}`;
  return readYaml('db/seed/agreements.yaml', z.array(agreement)).map((row) => ({
    ...row,
    startsOn: moved(row.startsOn),
    endsOn: moved(row.endsOn),
    options: row.options.map((option) => ({ extendsTo: moved(option.extendsTo), noticeBy: moved(option.noticeBy) })),
  }));
}

export type Cadence = 'once' | 'annual' | 'half-yearly' | 'quarterly' | 'monthly' | 'per-event' | 'certificate' | 'on-request';

/** The name of the period that ended `back` periods ago (1: the latest that has ended); null where there are no periods. */
export function periodBack(cadence: Cadence, back: number, today: string): string | null {
  const year = Number(today.slice(0, 4));
  const month = Number(today.slice(5, 7));
  const count = (perYear: number, letter: string): string => {
    const index = year * perYear + Math.floor((month - 1) / (12 / perYear)) - back;
    return `${Math.floor(index / perYear)}-${letter}${(index % perYear) + 1}`;
  };
  switch (cadence) {
    case 'annual':
      return String(year - back);
    case 'half-yearly':
      return count(2, 'H');
    case 'quarterly':
      return count(4, 'Q');
    case 'monthly': {
      const index = year * 12 + month - 1 - back;
      return `${Math.floor(index / 12)}-${String((index % 12) + 1).padStart(2, '0')}`;
    }
    default:
      return null;
  }
}

/** The quarter that begins `ahead` quarters from now, as 2027-Q1. */
export function quarterAhead(ahead: number, today: string): string {
  return periodBack('quarterly', -ahead, today) ?? '';
}

/** How the demonstration's obligations end up: which state, and the days from today to the deadline. */
export const scenes = [
  { state: 'open', due: 6 },
  { state: 'submitted', due: 3 },
  { state: 'open', due: -9 },
  { state: 'returned', due: 12 },
  { state: 'accepted', due: -20 },
  { state: 'open', due: 34 },
  { state: 'submitted', due: -2 },
  { state: 'planned', due: 70 },
  { state: 'accepted', due: -33 },
  { state: 'under_review', due: -5 },
  { state: 'waived', due: -15 },
  { state: 'rejected', due: -40 },
] as const;

export interface SeedObligation {
  readonly key: string;
  readonly agreement: string;
  readonly cvr: string;
  readonly requirement: string;
  readonly type: string;
  readonly period: string | null;
  readonly dueOn: string;
  readonly state: (typeof scenes)[number]['state'];
}

const demonstrated = ['90000004', '90002740', '90004115'];

/** What the three suppliers of the demonstration owe: the latest round in all states, and an accepted round before it where there are rounds. */
export function planObligations(
  agreements: readonly SeedAgreement[],
  typesOf: ReadonlyMap<string, readonly string[]>,
  cadenceOf: (type: string) => Cadence,
  today: string,
): SeedObligation[] {
  const plan: SeedObligation[] = [];
  const turns = new Map<string, number>();
  for (const row of agreements.filter((each) => each.startsOn <= today && each.endsOn >= today)) {
    for (const cvr of row.suppliers.filter((each) => demonstrated.includes(each))) {
      for (const requirement of row.requirements) {
        const type = typesOf.get(requirement)?.[0];
        if (!type) throw new Error(`requirement ${requirement} of agreement ${row.number} has no obligation type`);
        const turn = turns.get(cvr) ?? demonstrated.indexOf(cvr) * 2;
        turns.set(cvr, turn + 1);
        const scene = scenes[turn % scenes.length] ?? scenes[0];
        const cadence = cadenceOf(type);
        const base = { agreement: row.number, cvr, requirement, type };
        const key = [row.number, cvr, requirement].join(' ');
        plan.push({ ...base, key, period: periodBack(cadence, 1, today), dueOn: addDays(today, scene.due), state: scene.state });
        if (periodBack(cadence, 2, today))
          plan.push({ ...base, key: `${key} before`, period: periodBack(cadence, 2, today), dueOn: addDays(today, scene.due - 92), state: 'accepted' });
      }
    }
  }
  // Whose lines come as a file, to try with the sample that the README names.
  const lines = { agreement: '2024-031', cvr: demonstrated[0] ?? '', requirement: 'miljoemaerkede-varer', type: 'salgsstatistik', period: periodBack('quarterly', 1, today) };
  if (plan.some(({ agreement, cvr }) => agreement === lines.agreement && cvr === lines.cvr))
    plan.push({ ...lines, key: `${lines.agreement} ${lines.cvr} ${lines.type}`, dueOn: addDays(today, 10), state: 'open' });
  return plan;
}
