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

/** The amounts in kroner that hold on a day. */
export function figuresOn(figures: readonly LegalFigure[], day: string, lang: 'da' | 'en'): { readonly title: string; readonly dkk: number }[] {
  return figures.flatMap((figure) => {
    const row = figure.unit === 'DKK' ? rowOn(figure, day) : undefined;
    return row ? [{ title: figure.title[lang], dkk: row.value }] : [];
  });
}

/** From which value, in whole øre excluding VAT, the EU's rules hold on a day: of goods and services, and of works. Never, where no figure is known. */
export function bandsOn(figures: readonly LegalFigure[], day: string): { threshold: number; worksThreshold: number } {
  const ore = (id: string): number => {
    const figure = figures.find((each) => each.id === id);
    const row = figure && rowOn(figure, day);
    return row ? row.value * 100 : Number.MAX_SAFE_INTEGER;
  };
  return { threshold: ore('taerskel-varer-tjenester'), worksThreshold: ore('taerskel-bygge-anlaeg') };
}

/** The row that holds on a day; undefined when none does. */
export function rowOn(figure: LegalFigure, day: string): LegalFigure['rows'][number] | undefined {
  return figure.rows.find((row) => row.from <= day && (!row.to || day <= row.to));
}
