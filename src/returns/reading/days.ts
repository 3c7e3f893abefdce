/** A day or a quarter that was read: `isCanonical` when it was written as the template says. */
export interface ReadDay {
  readonly day: string;
  readonly written: 'canonical' | 'danish' | 'number' | 'other';
}

/** A day: 2026-07-14, 14-07-2026, 14/7/2026, 14.07.2026, 20260714, 2026/07/14, or the days that Excel counts since 1900. Null when it is none. Two digits are no year. */
export function readDay(text: string): ReadDay | null {
  // The text itself is kept where it is the day: a file says millions of them.
  if (/^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}:\d{2})?$/.test(text))
    return isDay(text.slice(0, 4), text.slice(5, 7), text.slice(8, 10)) ? { day: text.slice(0, 10), written: 'canonical' } : null;
  const danish = /^(\d{1,2})[-./](\d{1,2})[-./](\d{4})$/.exec(text);
  if (danish) return valid(danish[3], danish[2], danish[1], 'danish');
  const other = /^(\d{4})[/.](\d{1,2})[/.](\d{1,2})$/.exec(text) ?? /^(20\d{2})(\d{2})(\d{2})$/.exec(text);
  if (other) return valid(other[1], other[2], other[3], 'other');
  if (!/^\d{5}(?:\.\d+)?$/.test(text)) return null;
  const serial = Math.floor(Number(text));
  return { day: new Date((serial - 25_569) * 86_400_000).toISOString().slice(0, 10), written: 'number' };
}

const monthDays = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

function valid(year = '', month = '', day = '', written: ReadDay['written']): ReadDay | null {
  return isDay(year, month, day) ? { day: `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`, written } : null;
}

/** Without Date, which would take longer than all else of a line. */
function isDay(year: string, month: string, day: string): boolean {
  const [y, m, d] = [Number(year), Number(month), Number(day)];
  if (d < 1 || d > (monthDays[m - 1] ?? 0)) return false;
  return !(m === 2 && d === 29 && (y % 4 !== 0 || (y % 100 === 0 && y % 400 !== 0)));
}

/** A quarter: 2026-Q3; or, as Danes write it, 2026-K3, K3 2026, 3. kvartal 2026. Null when it is none. */
export function readQuarter(text: string): { readonly quarter: string; readonly isCanonical: boolean } | null {
  if (/^\d{4}-Q[1-4]$/.test(text)) return { quarter: text, isCanonical: true };
  if (text.length > 30) return null;
  const plain = text.toLowerCase().replace(/[\s._/-]+/g, '');
  const found =
    /^(\d{4})(?:[kq]|kvt|kvartal|quarter)([1-4])$/.exec(plain) ??
    swapped(/^(?:[kq]|kvt|kvartal|quarter)([1-4])(\d{4})$/.exec(plain) ?? /^([1-4])(?:[kq]|kvt|kvartal|quarter)(\d{4})$/.exec(plain));
  return found ? { quarter: `${found[1]}-Q${found[2]}`, isCanonical: false } : null;
}

function swapped(found: RegExpExecArray | null): readonly [string, string | undefined, string | undefined] | null {
  return found && [found[0], found[2], found[1]];
}

/** The first and the last day of a quarter. */
export function daysOf(quarter: string): { readonly from: string; readonly to: string } {
  const year = quarter.slice(0, 4);
  switch (quarter.slice(-1)) {
    case '1':
      return { from: `${year}-01-01`, to: `${year}-03-31` };
    case '2':
      return { from: `${year}-04-01`, to: `${year}-06-30` };
    case '3':
      return { from: `${year}-07-01`, to: `${year}-09-30` };
    default:
      return { from: `${year}-10-01`, to: `${year}-12-31` };
  }
}
