export const phases = ['planned', 'open', 'closed', 'awarded', 'cancelled'] as const;
export type Phase = (typeof phases)[number];

/** What decides where a tender stands. */
interface Dates {
  readonly closes_at: Date | null;
  readonly expected_quarter: string | null;
  readonly is_cancelled: boolean;
  readonly awarded_on: string | null;
}

/** Where a tender stands at this moment: never stored, so that a deadline closes by itself. */
export function phaseAt({ closes_at, is_cancelled, awarded_on }: Dates, now: Date): Phase {
  if (is_cancelled) return 'cancelled';
  if (awarded_on) return 'awarded';
  if (!closes_at) return 'planned';
  return closes_at > now ? 'open' : 'closed';
}
