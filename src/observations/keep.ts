import { sql } from 'kysely';
import type { Tx } from '../platform/db.ts';
import type { Observed } from './observed.ts';
import type { FigurePeriod } from './period.ts';

/** Who may see the figures of a type: everyone per agreement and in sums, everyone in sums alone, staff and the supplier alone. */
export type Openness = 'agreement' | 'sums' | 'closed';

export interface Figure {
  readonly indicator: string;
  /** A state at the end of its period. */
  readonly latest: boolean;
  /** Decimal digits; money in øre. */
  readonly value: string;
  readonly source: Observed;
}

export function opennessOf(visibility: string): Openness {
  if (visibility === 'public-aggregate') return 'agreement';
  return visibility === 'aggregate' ? 'sums' : 'closed';
}

/**
 * Keeps the figures of a submission that this transaction accepts, in place of those that its obligation had, and carries the
 * difference into the sums (db/migrations/0021_observations.sql). From here to the commit nobody else's figures change: call it late,
 * before the log is written.
 */
export async function keepFigures(tx: Tx, submissionId: string, openness: Openness, { period, year }: FigurePeriod, figures: readonly Figure[]): Promise<void> {
  await sql`select observe(${submissionId}, ${openness}, ${period}, ${year}, ${JSON.stringify(figures)}::jsonb)`.execute(tx);
}
