import { daysBetween } from '../platform/clock.ts';

export type ObligationState = 'planned' | 'open' | 'submitted' | 'under_review' | 'accepted' | 'returned' | 'rejected' | 'waived';

/** The supplier can fill it in and file. */
export function canBeFiled(state: string): boolean {
  return state === 'open' || state === 'returned';
}

/** Something is filed that stands, and its supplier may put another in its place. */
export function canBeCorrected(state: string): boolean {
  return awaitsDecision(state) || state === 'accepted';
}

/** It can be filled in: nothing is filed that stands, or that is being corrected. */
export function isOpen({ state, correcting_since }: { readonly state: string; readonly correcting_since: Date | null }): boolean {
  return canBeFiled(state) || (canBeCorrected(state) && correcting_since !== null);
}

/** The municipality has something to decide. */
export function awaitsDecision(state: string): boolean {
  return state === 'submitted' || state === 'under_review';
}

/** Past its day with nothing filed. Computed each time, never stored. */
export function isOverdue(obligation: { readonly state: string; readonly due_on: string }, today: string): boolean {
  return canBeFiled(obligation.state) && obligation.due_on < today;
}

/** What a reader needs to know of a state, the date taken in: the key of its words and of its colour. */
export type Standing = 'coming' | 'due' | 'due-soon' | 'overdue' | 'returned' | 'in-review' | 'accepted' | 'rejected' | 'waived';

const soonDays = 14;

export function standingOf(obligation: { readonly state: string; readonly due_on: string }, today: string): Standing {
  if (awaitsDecision(obligation.state)) return 'in-review';
  if (isOverdue(obligation, today)) return 'overdue';
  switch (obligation.state as ObligationState) {
    case 'accepted':
      return 'accepted';
    case 'returned':
      return 'returned';
    case 'rejected':
      return 'rejected';
    case 'waived':
      return 'waived';
    case 'planned':
      return 'coming';
    default:
      return daysBetween(today, obligation.due_on) <= soonDays ? 'due-soon' : 'due';
  }
}

/** How it looks from the outside: no blame, only whether the documentation is in place, and when. */
export type PublicStanding = 'documented' | 'being-checked' | 'not-due' | 'not-documented';

export function publicStandingOf(obligation: { readonly state: string; readonly due_on: string }, today: string): PublicStanding {
  if (obligation.state === 'accepted') return 'documented';
  if (awaitsDecision(obligation.state)) return 'being-checked';
  return obligation.due_on < today ? 'not-documented' : 'not-due';
}
