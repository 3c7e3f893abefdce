/** What Danish lists write, read as what it means. Null where it cannot be told. */

const months = ['jan', 'feb', 'mar', 'apr', 'maj', 'jun', 'jul', 'aug', 'sep', 'okt', 'nov', 'dec'];
const englishMonths = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];

/** A day: 2026-11-23, 23-11-2026, 23/11/26, 23.11.2026, 23. november 2026, or the number of days that Excel counts since 1900. */
export function readDay(text: string): string | null {
  const plain = text.trim().toLowerCase();
  const iso = /^(\d{4})-(\d{1,2})-(\d{1,2})(?:[t ].*)?$/.exec(plain);
  if (iso) return day(Number(iso[1]), Number(iso[2]), Number(iso[3]));
  const danish = /^(\d{1,2})[-./](\d{1,2})[-./](\d{4}|\d{2})$/.exec(plain);
  if (danish) return day(fullYear(Number(danish[3])), Number(danish[2]), Number(danish[1]));
  const spelt = /^(\d{1,2})\.?\s+([a-zæøå]+)\.?\s+(\d{4}|\d{2})$/.exec(plain);
  if (spelt) {
    const start = (spelt[2] ?? '').slice(0, 3);
    const month = Math.max(months.indexOf(start), englishMonths.indexOf(start)) + 1;
    return month > 0 ? day(fullYear(Number(spelt[3])), month, Number(spelt[1])) : null;
  }
  const serial = /^\d{5}(\.\d+)?$/.test(plain) ? Math.floor(Number(plain)) : 0;
  // From 1982 to 2099: a number outside is no date of an agreement.
  if (serial >= 30_000 && serial <= 73_050) return new Date(Date.UTC(1899, 11, 30) + serial * 86_400_000).toISOString().slice(0, 10);
  return null;
}

const fullYear = (year: number): number => (year < 100 ? (year < 70 ? 2000 : 1900) + year : year);

function day(year: number, month: number, dayOfMonth: number): string | null {
  const at = new Date(Date.UTC(year, month - 1, dayOfMonth));
  const real = year >= 1950 && year <= 2150 && at.getUTCMonth() === month - 1 && at.getUTCDate() === dayOfMonth;
  return real ? at.toISOString().slice(0, 10) : null;
}

/**
 * An amount in øre: 4.500.000 kr., DKK 4,500,000.00, 1,5 mio., 750 t.kr., 16800000. `unsure` where a lone point or comma
 * with three digits behind could mean thousands or a fraction, since nobody should guess with money.
 */
export function readAmount(text: string): number | 'unsure' | null {
  const plain = text
    .toLowerCase()
    .replace(/\s|\u00a0|kr\.?|dkk|,-$/g, '')
    .replace(/-$/, '');
  const found = /^(-?[\d.,]+)(mio\.?|millioner|mill?\.?|m|tkr\.?|t\.?|tusinde)?$/.exec(plain);
  if (!found?.[1]) return null;
  const scale = /^mi|^m/.test(found[2] ?? '') ? 1_000_000 : /^t/.test(found[2] ?? '') ? 1_000 : 1;
  const digits = found[1];
  let number: number;
  if (/^-?\d+$/.test(digits)) number = Number(digits);
  else if (/^-?\d{1,3}(\.\d{3})+,\d{1,2}$|^-?\d{1,3}(\.\d{3}){2,}$/.test(digits)) number = Number(digits.replaceAll('.', '').replace(',', '.'));
  else if (/^-?\d{1,3}(,\d{3})+\.\d{1,2}$|^-?\d{1,3}(,\d{3}){2,}$/.test(digits)) number = Number(digits.replaceAll(',', ''));
  else if (/^-?\d+[.,]\d{1,2}$/.test(digits)) number = Number(digits.replace(',', '.'));
  else if (/^-?\d{1,3}[.,]\d{3}$/.test(digits)) return scale === 1 ? 'unsure' : null;
  else return null;
  const ore = Math.round(number * scale * 100);
  return Number.isSafeInteger(ore) && ore >= 0 ? ore : null;
}

export function readYes(text: string): boolean | null {
  const plain = text.trim().toLowerCase();
  if (/^(ja|j|x|sand|true|1|yes|obligatorisk|skal)$/.test(plain)) return true;
  return /^(nej|n|falsk|false|0|no|frivillig|kan)$/.test(plain) ? false : null;
}

/** Eight digits of "DK 13 58 56 28", "13585628.0" or "13-58-56-28". */
export function readCvr(text: string): string | null {
  const digits = text
    .replace(/\.0+$/, '')
    .replace(/^\s*dk/i, '')
    .replace(/[\s.-]/g, '');
  return /^\d{8}$/.test(digits) ? digits : null;
}

/** The codes of "33760000-5, 33711900" or "337600005 | 33711900"; null when something in it is no code. */
export function readCpv(text: string): string[] | null {
  const parts = text.split(/[\s,;|/]+/).filter(Boolean);
  const codes = parts.map((part) => /^(\d{8})(-?\d|\.0+)?$/.exec(part)?.[1] ?? null);
  return codes.every((code) => code !== null) ? [...new Set(codes as string[])] : null;
}

const kindWords: readonly [RegExp, 'framework' | 'contract' | 'joint-purchase' | 'ski' | 'dynamic-system'][] = [
  [/ski/, 'ski'],
  [/dynamisk|dis\b|dps\b|dynamic/, 'dynamic-system'],
  [/fælles|joint|vif\b/, 'joint-purchase'],
  [/ramme|framework/, 'framework'],
  [/kontrakt|contract|enkelt|aftale/, 'contract'],
];
export function readKind(text: string) {
  return kindWords.find(([word]) => word.test(text.toLowerCase()))?.[1] ?? null;
}

const procedureWords: readonly [RegExp, 'open' | 'restricted' | 'negotiated' | 'below-threshold' | 'direct' | 'joint' | 'not-stated'][] = [
  [/ikke oplyst|not stated/, 'not-stated'],
  [/under tærskel|below|annoncering|tilbudsindhentning|underhånd/, 'below-threshold'],
  [/forhandling|negotiat/, 'negotiated'],
  [/begrænset|restricted/, 'restricted'],
  [/direkte|direct/, 'direct'],
  [/fælles|joint|ski/, 'joint'],
  [/offentlig|åben|open|eu-udbud|udbud/, 'open'],
];
export function readProcedure(text: string) {
  return procedureWords.find(([word]) => word.test(text.toLowerCase()))?.[1] ?? null;
}

export function readKindOfContract(text: string): 'supplies' | 'services' | 'works' | null {
  const plain = text.toLowerCase();
  if (/bygge|anlæg|works/.test(plain)) return 'works';
  if (/tjeneste|ydelse|service/.test(plain)) return 'services';
  return /vare|indkøb|suppl|goods/.test(plain) ? 'supplies' : null;
}

/** By the division of the CPV code (Regulation 213/2008): 45 is works, up to 44 and 48 supplies, the rest services. */
export function kindOfContractFor(cpv: string): 'supplies' | 'services' | 'works' {
  const division = Number(cpv.slice(0, 2));
  if (division === 45) return 'works';
  return division < 45 || division === 48 ? 'supplies' : 'services';
}
