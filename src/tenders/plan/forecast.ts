import type { procedures } from '../../agreements/content.ts';
import { type Phase, phaseAt } from '../tender.ts';
import { type Quarter, quarterBefore, quarterOf, quartersFrom } from './quarter.ts';

type Procedure = (typeof procedures)[number];

/**
 * Months from the notice until an agreement is in force. No law says so: it is our estimate, from the shortest time limits
 * of the procedures, the standstill period, and the time that questions, evaluation and start take.
 */
export const leadMonths: Readonly<Record<Procedure, number>> = { open: 9, restricted: 9, negotiated: 9, joint: 9, 'not-stated': 9, 'below-threshold': 4, direct: 4 };

/** How many quarters are shown, this one first: 24 months. */
export const quartersShown = 8;
/** An agreement that ended longer ago without a successor is taken as given up. */
export const monthsKept = 12;

export interface Option {
  readonly extends_to: string;
  readonly notice_by: string;
  readonly used: boolean;
}

/** What the forecast needs to know of an agreement that is on the site. */
export interface EndingAgreement {
  readonly number: string;
  readonly title_da: string;
  readonly title_en: string;
  readonly category: string | null;
  readonly kind: string;
  readonly procedure: string;
  readonly ends_on: string;
  readonly options: readonly Option[];
  readonly value_ore: number | null;
  readonly value_band: string | null;
  /** Another agreement names it as its predecessor. */
  readonly succeeded: boolean;
}

export interface PlannedTender {
  readonly id: string;
  readonly title_da: string;
  readonly title_en: string;
  readonly category: string | null;
  readonly procedure: string;
  readonly value_ore: number | null;
  readonly closes_at: Date | null;
  readonly expected_quarter: string | null;
  readonly is_cancelled: boolean;
  readonly awarded_on: string | null;
  readonly replaces_number: string | null;
}

/** Somebody has decided: a tender that is planned. */
export interface Planned {
  readonly kind: 'plan';
  readonly tender: PlannedTender;
  readonly quarter: string | null;
}

/** Computed from an agreement that ends. */
export interface Estimate {
  readonly kind: 'estimate';
  readonly agreement: EndingAgreement;
  /** The last day with the options that have been used. */
  readonly end: string;
  readonly months: number;
  /** When we expect the notice, if no more options are used. */
  readonly quarter: Quarter;
  /** If every option is used that still can be: the next day of notice, the last day then, and the quarter of the notice then. */
  readonly later: { readonly noticeBy: string; readonly end: string; readonly quarter: Quarter; readonly several: boolean } | null;
  /** The first option that can no longer be used, as far as we know. */
  readonly lapsed: Option | null;
}

/** Tendered by somebody else: shown in the quarter in which it ends here. */
export interface Elsewhere {
  readonly kind: 'elsewhere';
  readonly agreement: EndingAgreement;
  readonly end: string;
  readonly quarter: Quarter;
}

export type PlanEntry = Planned | Estimate | Elsewhere;

export interface Forecast {
  /** Expected in a quarter that has gone, and not announced. */
  readonly waiting: readonly PlanEntry[];
  readonly quarters: readonly { readonly quarter: string; readonly entries: readonly PlanEntry[] }[];
  /** Planned without a quarter. */
  readonly undated: readonly PlanEntry[];
}

/**
 * What the municipality will put out to tender, by the quarter of the notice.
 *
 * A planned tender stands in the quarter that somebody gave it, however far away. An agreement gives an estimate: its notice is
 * expected so many months before it ends (`leadMonths`, by procedure), counted by calendar months. Its end is the last day
 * with used options. An option that is not used can be, while its day of notice has not passed and that day lies within
 * the agreement as it runs with the options before it; using all of them gives a second, later quarter.
 * No estimate is made for an agreement that
 * - a tender of any phase but cancelled replaces, or another agreement succeeds;
 * - ended more than `monthsKept` months ago, counted from this month.
 * SKI agreements and joint purchases are put out to tender by others: they stand where they end, until they have ended.
 */
export function forecast(
  agreements: readonly EndingAgreement[],
  tenders: readonly PlannedTender[],
  now: { readonly today: string; readonly at: Date },
  months: Readonly<Record<Procedure, number>> = leadMonths,
): Forecast {
  const phases = new Map<PlannedTender, Phase>(tenders.map((tender) => [tender, phaseAt(tender, now.at)]));
  const replaced = new Set(tenders.filter((tender) => phases.get(tender) !== 'cancelled').map(({ replaces_number }) => replaces_number));
  const plans = tenders.filter((tender) => phases.get(tender) === 'planned').map((tender): Planned => ({ kind: 'plan', tender, quarter: tender.expected_quarter }));
  const expected = agreements
    .filter((agreement) => !agreement.succeeded && !replaced.has(agreement.number))
    .flatMap((agreement): (Estimate | Elsewhere)[] => {
      if (!isElsewhere(agreement)) return estimateOf(agreement, now.today, months[agreement.procedure as Procedure] ?? months['not-stated']);
      const end = endOf(agreement);
      return end < now.today ? [] : [{ kind: 'elsewhere', agreement, end, quarter: quarterOf(end) }];
    });

  const shown = quartersFrom(quarterOf(now.today), quartersShown);
  const first = shown[0] ?? '';
  const last = shown.at(-1) ?? '';
  const entries: PlanEntry[] = [...plans, ...expected.filter(({ quarter }) => quarter <= last)];
  const byQuarter = Map.groupBy(entries.sort(inOrder), ({ quarter }) => quarter);
  const beyond = [...byQuarter.keys()].filter((quarter) => quarter !== null && quarter > last).sort() as string[];
  return {
    waiting: entries.filter(({ quarter }) => quarter !== null && quarter < first),
    quarters: [...shown, ...beyond].map((quarter) => ({ quarter, entries: byQuarter.get(quarter) ?? [] })),
    undated: byQuarter.get(null) ?? [],
  };
}

const isElsewhere = ({ kind }: EndingAgreement): boolean => kind === 'ski' || kind === 'joint-purchase';

function endOf({ ends_on, options }: EndingAgreement): string {
  return [ends_on, ...options.filter(({ used }) => used).map(({ extends_to }) => extends_to)].sort().at(-1) ?? ends_on;
}

function estimateOf(agreement: EndingAgreement, today: string, months: number): Estimate[] {
  const end = endOf(agreement);
  if (monthsBetween(end, today) > monthsKept) return [];
  const open = agreement.options.filter(({ used, extends_to }) => !used && extends_to > end).toSorted((a, b) => a.extends_to.localeCompare(b.extends_to));
  const usable: Option[] = [];
  for (const option of open) if (option.notice_by >= today && option.notice_by <= (usable.at(-1)?.extends_to ?? end)) usable.push(option);
  const next = usable[0];
  const last = usable.at(-1);
  return [
    {
      kind: 'estimate',
      agreement,
      end,
      months,
      quarter: quarterBefore(end, months),
      later: next && last ? { noticeBy: next.notice_by, end: last.extends_to, quarter: quarterBefore(last.extends_to, months), several: usable.length > 1 } : null,
      lapsed: open.find(({ notice_by }) => notice_by < today) ?? null,
    },
  ];
}

/** From the month of one day to that of another. */
function monthsBetween(from: string, to: string): number {
  return (Number(to.slice(0, 4)) - Number(from.slice(0, 4))) * 12 + Number(to.slice(5, 7)) - Number(from.slice(5, 7));
}

/** By quarter; what is decided before what is computed; then what ends first. */
function inOrder(a: PlanEntry, b: PlanEntry): number {
  const key = (entry: PlanEntry): string =>
    entry.kind === 'plan' ? `${entry.quarter} 0 ${entry.tender.title_da} ${entry.tender.id}` : `${entry.quarter} 1 ${entry.end} ${entry.agreement.number}`;
  const [left, right] = [key(a), key(b)];
  return left < right ? -1 : left > right ? 1 : 0;
}
