import { inLanguage, type Language } from '../../i18n/language.ts';
import type { Actor } from '../../identity/actor.ts';
import type { Db } from '../../platform/db.ts';
import type { Value } from '../../spreadsheet/write.ts';
import { type Indicator, type Indicators, units } from '../indicator.ts';
import { type Figure, figuresOf } from '../sums.ts';
import { type AgreementSum, everyAgreement } from './queries.ts';

/** One figure of each agreement, the largest first. */
export function agreementsBy(rows: readonly AgreementSum[], indicators: Indicators, indicator: Indicator, lang: Language): { number: string; title: string; figure: Figure }[] {
  return [...Map.groupBy(rows, ({ number }) => number)]
    .flatMap(([number, of]) => {
      const figure = figuresOf(of, indicators).find((each) => each.indicator === indicator);
      const [first] = of;
      return figure && first ? [{ number, title: inLanguage(first, 'title', lang), figure }] : [];
    })
    .sort((a, b) => b.figure.value - a.figure.value);
}

/** Every figure of every agreement as lines of a table; amounts in kroner. */
export async function* tableRows(db: Db, actor: Actor, indicators: Indicators, lang: Language): AsyncGenerator<readonly Value[]> {
  for await (const rows of everyAgreement(db, actor)) {
    for (const [number, of] of Map.groupBy(rows, (row) => row.number)) {
      const [first] = of;
      if (!first) continue;
      for (const { indicator, year, value, deliveries } of figuresOf(of, indicators)) {
        const isMoney = indicator.unit === 'DKK';
        const shown = Math.round((isMoney ? value / 100 : value) * 1_000_000) / 1_000_000;
        yield [number, inLanguage(first, 'title', lang), indicator.id, indicator.label[lang], year, shown, isMoney ? 'DKK' : units[indicator.unit][lang], deliveries];
      }
    }
  }
}
