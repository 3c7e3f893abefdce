import type { TableColumn, TableField } from '../../followup/obligation-type.ts';
import type { Finding } from '../findings.ts';

/** Which column of a file is which of the return's. */
export interface Layout {
  /** The header as it stands in the file. */
  readonly header: readonly string[];
  readonly headerLine: number;
  /** For each column of the return, its place in the file counted from 0; -1 where the file has none. */
  readonly places: readonly number[];
  /** What is wrong with the header itself. */
  readonly findings: readonly Finding[];
}

/** The column that we add to a marked file, so that the file can come back. */
export const marksHeader = { da: 'fundet_ved_tjek', en: 'found_by_check' } as const;

/** A header, or an option, as it is compared: small letters and digits only, æ, ø and å as they are spelt in addresses. */
export function plainName(text: string): string {
  return text
    .toLowerCase()
    .normalize('NFC')
    .replaceAll('æ', 'ae')
    .replaceAll('ø', 'oe')
    .replaceAll('å', 'aa')
    .replace(/[^\p{L}\p{N}]+/gu, '');
}

/** Whether a header is that of our marks. */
export const isMarksHeader = (text: string): boolean => marks.has(plainName(text));

const marks: ReadonlySet<string> = new Set(Object.values(marksHeader).map(plainName));

/** The place in `columns` of each name that a header may have. A column's own names come before the synonyms of others. */
function namesOf(columns: readonly TableColumn[]): ReadonlyMap<string, number> {
  const names = new Map<string, number>();
  const add = (name: string, place: number): void => {
    const plain = plainName(name);
    if (!names.has(plain)) names.set(plain, place);
  };
  for (const [place, { header, label, key }] of columns.entries()) for (const name of [header.da, header.en, key, label.da, label.en]) add(name, place);
  for (const [place, { synonyms = [] }] of columns.entries()) for (const name of synonyms) add(name, place);
  return names;
}

/** How many columns of the return a row names: the row of a file with most of them is its header. */
export function headerScore({ columns }: TableField, cells: readonly string[]): number {
  const names = namesOf(columns);
  return new Set(cells.flatMap((cell) => names.get(plainName(cell)) ?? [])).size;
}

export function layoutOf({ columns }: TableField, header: readonly string[], headerLine: number): Layout {
  const names = namesOf(columns);
  const places = columns.map(() => -1);
  const findings: Finding[] = [];
  for (const [place, text] of header.entries()) {
    const plain = plainName(text);
    const column = names.get(plain);
    const at = { line: headerLine, place, found: text.slice(0, 200), detail: '' };
    if (column === undefined) {
      if (plain !== '' && !marks.has(plain)) findings.push({ ...at, column: null, code: 'unknown-column' });
    } else if ((places[column] ?? -1) >= 0) findings.push({ ...at, column: columns[column]?.header.da ?? null, code: 'column-twice' });
    else places[column] = place;
  }
  for (const [place, { header: name, required }] of columns.entries())
    if (required && places[place] === -1) findings.push({ line: headerLine, place: null, column: name.da, code: 'missing-column', found: '', detail: name.da });
  return { header, headerLine, places, findings };
}

/** The name that a spreadsheet gives a column: A, B, … Z, AA. */
export function letterOf(place: number): string {
  return place < 26 ? String.fromCharCode(65 + place) : letterOf(Math.floor(place / 26) - 1) + letterOf(place % 26);
}
