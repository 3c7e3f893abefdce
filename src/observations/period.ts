/** The period that a figure belongs to, and its year. */
export interface FigurePeriod {
  readonly period: string;
  readonly year: number;
}

/**
 * Of an obligation: its own period (2026, 2026-H1, 2026-Q3, 2026-07, or days from/to, which belong to the year in which they begin).
 * What has none, such as a delivery, belongs to the year of its deadline.
 */
export function figurePeriod(period: string | null, dueOn: string): FigurePeriod {
  if (period && /^\d{4}($|-H[12]$|-Q[1-4]$|-\d{2}$|-\d{2}-\d{2}\/\d{4}-\d{2}-\d{2}$)/.test(period)) return { period, year: Number(period.slice(0, 4)) };
  return { period: dueOn.slice(0, 4), year: Number(dueOn.slice(0, 4)) };
}
