import { addDays } from '../../platform/clock.ts';
import type { ObligationType } from '../obligation-type.ts';
import { type Deadline, dueOn } from './deadline.ts';
import { type Period, periodsBetween, type Rhythm } from './periods.ts';

/** One thing to be filed: for which period, from when it can be, and by when. Dates are days in Denmark. */
export interface Due {
  readonly period: string | null;
  readonly opensOn: string;
  readonly dueOn: string;
}

/** What of a type decides when its documentation falls due. */
export type Scheduled = Pick<ObligationType, 'cadence' | 'deadline' | 'contractYears'>;

/** The contract's days, both included. The end is the day on which it ends now: with the options used, or cut short. */
export interface Term {
  readonly start: string;
  readonly end: string;
}

const rhythms: Partial<Record<ObligationType['cadence'], Rhythm>> = { annual: 'annual', 'half-yearly': 'half-yearly', quarterly: 'quarterly', monthly: 'monthly' };

/** Days before its deadline from which a thing without a period can be filed. */
const aheadDays = 60;

/** It is asked for when something happens, or when somebody wants to see it: no schedule foresees it. */
export const isCalledFor = ({ cadence }: Pick<Scheduled, 'cadence'>): boolean => cadence === 'per-event' || cadence === 'on-request';

/**
 * Everything that one type asks of one supplier over the whole term, by deadline. What an event or a request calls for is
 * not foreseen and is made when it happens; a certificate is asked for once, and its renewal follows from its own last day.
 */
export function scheduleOf(type: Scheduled, term: Term): Due[] {
  if (isCalledFor(type) || term.end < term.start) return [];
  const rhythm = type.contractYears ? 'contract-year' : rhythms[type.cadence];
  if (!rhythm) {
    const due = dueOn(type.deadline, term);
    if (due === null) return [];
    const opensOn = addDays(due, -aheadDays);
    return [{ period: null, opensOn, dueOn: due }];
  }
  return periodsBetween(rhythm, term.start, term.end)
    .map((period) => periodic(type.deadline, term, period))
    .filter((due) => due !== null);
}

/** The earlier of two days. */
const earlier = (a: string, b: string): string => [a, b].sort()[0] ?? a;

/**
 * It can be filed from the day after the period's end, or some time ahead of what is due before a day; a period that the contract leaves
 * early ends with the contract. No new year begins on the contract's last day: what is due before an anniversary is not due then.
 */
function periodic(deadline: Deadline, term: Term, period: Period): Due | null {
  const last = earlier(period.to, term.end);
  const due = dueOn(deadline, { ...term, period: last, ...(last < term.end && { anniversary: addDays(last, 1) }) });
  if (due === null) return null;
  const after = addDays(last, 1);
  return { period: period.name, opensOn: 'before' in deadline ? addDays(due, -aheadDays) : earlier(after, due), dueOn: due };
}

/** An obligation that there is: `settled` where something was filed or decided, or somebody has begun. */
export interface Standing extends Due {
  readonly id: string;
  readonly settled: boolean;
}

export interface Changes {
  readonly add: readonly Due[];
  readonly move: readonly { readonly id: string; readonly to: Due }[];
  readonly drop: readonly { readonly id: string }[];
}

/** What to change so that the open obligations are those of the schedule. What is settled is never touched, and never asked for again. */
export function rescheduled(there: readonly Standing[], wanted: readonly Due[]): Changes {
  const byPeriod = new Map(there.map((each) => [each.period, each]));
  const wantedPeriods = new Set(wanted.map(({ period }) => period));
  const differs = (a: Due, b: Due): boolean => a.dueOn !== b.dueOn || a.opensOn !== b.opensOn;
  return {
    add: wanted.filter(({ period }) => !byPeriod.has(period)),
    move: wanted.flatMap((to) => {
      const now = byPeriod.get(to.period);
      return now && !now.settled && differs(now, to) ? [{ id: now.id, to }] : [];
    }),
    drop: there.filter((each) => !each.settled && !wantedPeriods.has(each.period)).map(({ id }) => ({ id })),
  };
}
