import { z } from 'zod';
import { both } from '../municipality/municipality.ts';

/** An entry of content/legal-figures/figures.yaml: a figure that law sets, with the days on which each value holds. */
export const legalFigureSchema = z.strictObject({
  id: z.string().regex(/^[a-z0-9-]+$/),
  title: both,
  unit: z.enum(['DKK', 'EUR', 'percent', 'days', 'months']),
  rows: z.array(z.strictObject({ from: z.iso.date(), to: z.iso.date().nullable().optional(), value: z.number(), source: z.string(), computed: z.boolean() })).min(1),
  note: both,
});

export type LegalFigure = z.infer<typeof legalFigureSchema>;

/** The row that holds on a day; undefined when none does. */
export function rowOn(figure: LegalFigure, day: string): LegalFigure['rows'][number] | undefined {
  return figure.rows.find((row) => row.from <= day && (!row.to || day <= row.to));
}
