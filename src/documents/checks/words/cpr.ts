/** Looks for CPR numbers in a text that comes in pieces. */
export interface CprSearch {
  add(text: string): void;
  readonly found: boolean;
}

const dashes = '\\-\u2010\u2011\u2012\u2013\u2212';
const written = new RegExp(`(?<![\\d${dashes}/.])(\\d{6}) ?[${dashes}] ?(\\d{4})(?![\\d${dashes}/]|[.,]\\d)`, 'g');
const marker = /\b(?:cpr|personnummer|personnr|civil registration number|national id)/i;
/** Ten digits behind the word, with nothing between them that could belong to another number. */
const marked = /\b(?:cpr|personnummer|personnr|civil registration number|national id)[^\d\n]{0,30}(\d{6}) ?(\d{4})(?!\d)/gi;
const tenDigits = /(?<![\d.,+/-])(\d{6})(\d{4})(?![\d/-]|[.,]\d)/g;
const inName = new RegExp(`(?<!\\d)(\\d{6})[ _.${dashes}]{0,3}(\\d{4})(?!\\d)`, 'g');
/** Ten digits alone are taken for CPR numbers when the text speaks of them and there are this many, each right by the old check digit. */
const lone = 3;
/** The end of a piece is read again with the next, since a number may lie across both. */
const overlap = 200;

export function cprSearch(): CprSearch {
  let left = '';
  let found = false;
  let speaksOfThem = false;
  const numbers = new Set<string>();
  return {
    add(text) {
      if (found) return;
      const piece = left + text;
      left = piece.slice(-overlap);
      found = [...piece.matchAll(written), ...piece.matchAll(marked)].some(([, date = '', serial = '']) => isCpr(date, serial));
      if (found) return;
      speaksOfThem ||= marker.test(piece);
      for (const [number, date = '', serial = ''] of piece.matchAll(tenDigits)) if (numbers.size < lone && isCpr(date, serial) && hasCheckDigit(number)) numbers.add(number);
      found = speaksOfThem && numbers.size >= lone;
    },
    get found() {
      return found;
    },
  };
}

/**
 * Whether a text seems to hold a CPR number: ddmmyy-nnnn with a day that exists and a serial number of a
 * living person's century; ten digits in a row only behind the word CPR, or several in a text that uses it. CVR, EAN,
 * telephone and account numbers are none. It is a warning, never proof: an invoice may be numbered 151123-0042.
 */
export function mentionsCpr(text: string): boolean {
  const search = cprSearch();
  search.add(text);
  return search.found;
}

/**
 * The same of the name of a file. Names are short and cut by other signs than texts, and ten digits stand there without a word beside
 * them: they count when they begin with a day that exists.
 */
export function nameMentionsCpr(name: string): boolean {
  return [...name.matchAll(inName)].some(([, date = '', serial = '']) => isCpr(date, serial)) || mentionsCpr(name.replace(/[_.]/g, ' '));
}

/** The seventh digit says the century (Executive order on CPR, annex); those that only people of the 19th century have are left out. */
function isCpr(date: string, serial: string): boolean {
  const [day, month, year] = [Number(date.slice(0, 2)), Number(date.slice(2, 4)), Number(date.slice(4))];
  const seventh = Number(serial[0]);
  if (seventh >= 5 && seventh <= 8 && year >= 58) return false;
  const isFrom2000 = (seventh >= 4 && year <= 36) || (seventh >= 5 && seventh <= 8);
  const born = new Date(Date.UTC((isFrom2000 ? 2000 : 1900) + year, month - 1, day));
  return born.getUTCDate() === day && born.getUTCMonth() === month - 1;
}

/** Numbers given out before October 2007 are divisible by eleven after weighing. */
function hasCheckDigit(number: string): boolean {
  const weights = [4, 3, 2, 7, 6, 5, 4, 3, 2, 1];
  return weights.reduce((sum, weight, place) => sum + weight * Number(number[place]), 0) % 11 === 0;
}
