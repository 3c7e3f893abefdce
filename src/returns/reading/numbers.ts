/** What keeps a text from being a number of a return. */
export type NumberFault = 'not-a-number' | 'ambiguous-number' | 'number-too-large';

/** No quantity or amount of one line is larger: a thousand million. */
const largest = 1e9;

/**
 * A number as Danish and other files write it: 1.234,50, 1,234.50, 1234,5, 12.345.678, kr. 12,00, 57,80-. A lone mark with three digits
 * behind, as in 1.234, may mean thousands or a fraction: that is asked about, never guessed. `isNumber`: the file holds a number, not a text.
 */
export function readNumber(text: string, isNumber = false): number | NumberFault {
  // Most are these: with at most two decimals there is one way to read them.
  if (/^-?\d{1,9}(?:[.,]\d{1,2})?$/.test(text)) return bounded(Number(text.replace(',', '.')));
  const bare = text.replace(/[\s\u00a0\u202f]/g, '');
  const plain = bare
    .replace(/^(kr\.?|dkk)/i, '')
    .replace(/(,-|kr\.?|dkk|%)$/i, '')
    .replace(/^[\u2212\u2013]/, '-')
    .replace(/^(\d[\d.,]*)-$/, '-$1');
  if (/^[+-]?\d+([.,]\d+)?e[+-]?\d+$/i.test(plain)) return /e\+?\d{2,}$/i.test(plain) ? 'number-too-large' : isNumber ? bounded(Number(plain)) : 'not-a-number';
  if (!/^-?\d[\d.,]*$/.test(plain) || plain.length > 400) return 'not-a-number';
  if (isNumber) return bounded(Number(plain));
  if (/^-?[1-9]\d{0,2}[.,]\d{3}$/.test(plain)) return 'ambiguous-number';
  if (/^-?\d+([.,]\d+)?$/.test(plain)) return bounded(Number(plain.replace(',', '.')));
  if (/^-?\d{1,3}(\.\d{3})+(,\d+)?$/.test(plain)) return bounded(Number(plain.replaceAll('.', '').replace(',', '.')));
  if (/^-?\d{1,3}(,\d{3})+(\.\d+)?$/.test(plain)) return bounded(Number(plain.replaceAll(',', '')));
  return 'not-a-number';
}

function bounded(value: number): number | NumberFault {
  if (Number.isNaN(value)) return 'not-a-number';
  return Math.abs(value) <= largest ? value : 'number-too-large';
}
