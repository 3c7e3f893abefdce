import { unguarded } from '../../spreadsheet/guard.ts';
import { describe, type Row, readRows, readSheetNames } from '../../spreadsheet/read.ts';
import { guessMapping, headerScore, type Mapping } from './columns.ts';

/** A list of agreements as somebody keeps it: its header found, its lines one after the other. */
export interface List {
  readonly header: readonly string[];
  readonly headerLine: number;
  readonly guessed: Mapping;
  /** Ends the reading process when the iteration ends. */
  readonly rows: AsyncGenerator<Row>;
}

export interface ListFile {
  readonly path: string;
  readonly kind: 'csv' | 'xlsx';
  readonly sheet?: string;
}

/** A title and a note may stand above the header, but not more lines than these. */
const mostAbove = 20;
const enoughNames = 2;

/** Opens a list. Throws UnreadableSheet; with code `empty` when it has no line. */
export async function openList({ path, kind, sheet }: ListFile): Promise<List> {
  const source = readRows(path, { kind, ...(sheet && { sheet }), limits: { columns: 200, cellLength: 100_000 } });
  const above: Row[] = [];
  let best = -1;
  while (above.length < mostAbove) {
    const { value, done } = await source.next();
    if (done) break;
    above.push(value);
    const score = headerScore(textsOf(value));
    if (score >= enoughNames && (best < 0 || score > headerScore(textsOf(above[best] as Row)))) best = above.length - 1;
  }
  const header = above[Math.max(best, 0)];
  const names = header ? textsOf(header) : [];
  async function* rest(): AsyncGenerator<Row> {
    try {
      for (const row of above.slice(Math.max(best, 0) + 1)) yield plain(row);
      for await (const row of source) yield plain(row);
    } finally {
      await source.return(undefined);
    }
  }
  return { header: names, headerLine: header?.line ?? 0, guessed: guessMapping(names), rows: rest() };
}

/** The sheets of a workbook that a person sees, in the order of their tabs; none for CSV. The first is read unless another is named. */
export async function sheetsOf({ path, kind }: ListFile): Promise<readonly string[]> {
  if (kind === 'csv') return [];
  return (await readSheetNames(path, { kind })).filter(({ hidden }) => !hidden).map(({ name }) => name);
}

/** Ranges below the header that make one cell of several lines, of which only the first has the text. Reads the whole sheet. */
export async function mergedLines({ path, kind, sheet }: ListFile, headerLine: number): Promise<readonly string[]> {
  if (kind === 'csv') return [];
  const { mergedRanges } = await describe(path, { kind, ...(sheet && { sheet }) });
  return mergedRanges.filter((range) => {
    const [first = 0, last = 0] = (range.match(/\d+/g) ?? []).map(Number);
    return first > headerLine && last > first;
  });
}

const textsOf = (row: Row): string[] => row.cells.map(({ text }) => text);

/** Our own lists come back without the apostrophes that keep texts from being formulas. */
function plain(row: Row): Row {
  return { line: row.line, cells: row.cells.map((cell) => ({ ...cell, text: unguarded(cell.text) })) };
}
