import { formatKroner, formatNumber, formatOere } from '../i18n/format.ts';
import type { Language } from '../i18n/language.ts';
import { type Indicator, units } from './indicator.ts';

/** 1.250 kg / DKK 1,250 / 12,5 %: a figure with its unit, rounded as the indicator says. */
export function shownFigure({ unit, decimals }: Pick<Indicator, 'unit' | 'decimals'>, value: number, lang: Language): string {
  if (unit === 'DKK') return decimals === 0 ? formatKroner(value, lang) : formatOere(value, lang);
  const rounded = Math.round(value * 10 ** decimals) / 10 ** decimals;
  return [formatNumber(rounded, lang), units[unit][lang]].filter(Boolean).join(' ');
}
