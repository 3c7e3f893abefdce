import type { Indicator, Indicators } from './indicator.ts';

/** A sum as it is stored: of one indicator, type and year. `value` is null where it is kept back. */
export interface SumRow {
  readonly indicator: string;
  readonly type: string;
  readonly year: number;
  readonly value: string | null;
  readonly deliveries: number;
}

/** A figure of a year, as a page shows it. */
export interface Figure {
  readonly indicator: Indicator;
  readonly year: number;
  readonly value: number;
  readonly deliveries: number;
}

/** Figures of the years, sums first made one and ratios computed from their parts; in the order of the indicators, the newest year first. */
export function figuresOf(rows: readonly SumRow[], indicators: Indicators): Figure[] {
  const sums = new Map<string, { value: number; deliveries: number }>();
  for (const { indicator, year, value, deliveries } of rows) {
    if (value === null) continue;
    const key = `${indicator} ${year}`;
    const sum = sums.get(key) ?? { value: 0, deliveries: 0 };
    sums.set(key, { value: sum.value + Number(value), deliveries: sum.deliveries + deliveries });
  }
  const years = [...new Set(rows.map(({ year }) => year))].sort((a, b) => b - a);
  return [...indicators.values()].flatMap((indicator) => (indicator.alone === false ? [] : years.flatMap((year) => figureOf(indicator, year, sums) ?? [])));
}

function figureOf(indicator: Indicator, year: number, sums: ReadonlyMap<string, { value: number; deliveries: number }>): Figure | null {
  if (indicator.kind !== 'ratio') {
    const sum = sums.get(`${indicator.id} ${year}`);
    return sum ? { indicator, year, ...sum } : null;
  }
  const [of, per] = [sums.get(`${indicator.of} ${year}`), sums.get(`${indicator.per} ${year}`)];
  // Of nothing there is no share.
  if (!of || !per || per.value === 0) return null;
  return { indicator, year, value: (of.value / per.value) * (indicator.times ?? 1), deliveries: Math.max(of.deliveries, per.deliveries) };
}

/** Figures by indicator, each with its years. */
export function byIndicator(figures: readonly Figure[]): { indicator: Indicator; years: ReadonlyMap<number, Figure> }[] {
  return [...Map.groupBy(figures, ({ indicator }) => indicator)].map(([indicator, of]) => ({ indicator, years: new Map(of.map((figure) => [figure.year, figure])) }));
}
