import type { Language } from '../i18n/language.ts';
import type { Money } from './content.ts';

/** Whole units where the amount is whole: 1.500.000 kr., € 250,000. */
export function formatMoney({ amount, currency }: Money, lang: Language): string {
  const whole = !/\.0*[1-9]/.test(amount);
  const format = new Intl.NumberFormat(lang === 'da' ? 'da-DK' : 'en-GB', { style: 'currency', currency, ...(whole && { maximumFractionDigits: 0 }) });
  // As text, so that nothing is lost to floating point.
  return format.format(amount as `${number}`);
}
