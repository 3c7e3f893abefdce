import { rowBuilder } from '../row-builder.ts';
import { type Limits, type Row, UnreadableSheet } from '../sheet.ts';
import { type StoredCell, textOf, type Workbook } from './values.ts';
import { parseXml, type XmlHandlers } from './xml.ts';

interface StoredRow {
  readonly line: number;
  /** By column, counted from 0, with holes. */
  readonly cells: StoredCell[];
}

/** Rows and columns of the largest sheet that Excel knows. */
const lastRow = 1_048_576;
const lastColumn = 16_384;

/** What could be a number with thousands marked, were it not stored as a number. */
const looksGrouped = /^-?[1-9]\d{0,2}\.\d{3}$/;

/** The rows of a worksheet that hold something. Throws UnreadableSheet. */
export async function* sheetRows(bytes: AsyncIterable<Buffer>, workbook: Workbook, limits: Limits): AsyncGenerator<Row> {
  let line = 0;
  const builder = rowBuilder(limits, () => line);
  for await (const stored of storedRows(bytes, limits)) {
    line = stored.line;
    // Cells are turned into text row by row: a short file may point to the same long text a million times.
    for (const [column, cell] of stored.cells.entries()) {
      if (!cell) continue;
      const text = textOf(cell, workbook, line);
      builder.put(column, text, cell.isFormula, cell.type === 'n' && looksGrouped.test(text));
    }
    const row = builder.finish(line);
    if (row) yield row;
  }
}

/** The first merged ranges of a worksheet, at most `most`. Throws UnreadableSheet. */
export async function mergedRanges(bytes: AsyncIterable<Buffer>, limits: Limits, most: number): Promise<string[]> {
  const ranges: string[] = [];
  const handlers: XmlHandlers = {
    open(name, { ref }) {
      if (name === 'mergeCell' && ref && ranges.length < most && /^[A-Z]{1,3}\d{1,7}:[A-Z]{1,3}\d{1,7}$/.test(ref)) ranges.push(ref);
    },
  };
  for await (const _ of parseXml(bytes, handlers, longestText(limits))) if (ranges.length === most) break;
  return ranges;
}

async function* storedRows(bytes: AsyncIterable<Buffer>, limits: Limits): AsyncGenerator<StoredRow> {
  const gathered: StoredRow[] = [];
  const handlers = rowHandlers(limits, (row) => gathered.push(row));
  try {
    for await (const _ of parseXml(bytes, handlers, longestText(limits))) yield* gathered.splice(0);
  } catch (error) {
    // What was complete before the fault is handed out, as it would have been had the fault come a piece later.
    yield* gathered.splice(0);
    throw error instanceof UnreadableSheet && error.line === null ? new UnreadableSheet(error.code, handlers.line(), { cause: error }) : error;
  }
}

function rowHandlers(limits: Limits, add: (row: StoredRow) => void): XmlHandlers & { line(): number | null } {
  let row: StoredRow | undefined;
  let line = 0;
  let column = -1;
  let length = 0;
  let cell: { type: string; style: number; isFormula: boolean } | undefined;
  let value = '';
  let isInline = false;
  let isPhonetic = false;
  let isValue = false;

  function beginRow(stored: string | undefined): void {
    line = stored === undefined ? line + 1 : Number(stored);
    if (!Number.isInteger(line) || line < 1) throw new UnreadableSheet('broken');
    if (line > lastRow) throw new UnreadableSheet('too-large', line);
    row = { line, cells: [] };
    column = -1;
    length = 0;
  }
  function beginCell({ r, t, s }: Readonly<Record<string, string>>): void {
    column = r === undefined ? column + 1 : columnOf(r);
    if (!(column >= 0 && column < lastColumn)) throw new UnreadableSheet('broken', line);
    cell = { type: t ?? 'n', style: Number(s ?? 0), isFormula: false };
    value = '';
  }
  function endCell(): void {
    if (row && cell && (value !== '' || cell.isFormula)) row.cells[column] = { ...cell, value };
    cell = undefined;
  }

  return {
    line: () => (line === 0 ? null : line),
    open(name, attributes) {
      if (name === 'row') beginRow(attributes['r']);
      else if (name === 'c') {
        if (row) beginCell(attributes);
      } else if (!cell) return;
      else if (name === 'v') isValue = true;
      else if (name === 'f') cell.isFormula = true;
      else if (name === 'is') isInline = true;
      else if (name === 'rPh') isPhonetic = true;
      else if (name === 't') isValue = isInline && !isPhonetic;
    },
    text(piece) {
      if (!isValue) return;
      value += piece;
      length += piece.length;
      if (length > longestText(limits)) throw new UnreadableSheet('cell-too-long', line);
    },
    close(name) {
      if (name === 'v' || name === 't') isValue = false;
      else if (name === 'rPh') isPhonetic = false;
      else if (name === 'is') isInline = false;
      else if (name === 'c') endCell();
      else if (name === 'row' && row) {
        add(row);
        row = undefined;
      }
    },
  };
}

/** Characters of XML that the longest row may take; _x000D_ is seven of them for one. */
function longestText({ cellLength }: Limits): number {
  return 10 * cellLength + 1_000_000;
}

/** Counted from 0; NaN when it is no address of a cell. */
function columnOf(address: string): number {
  const letters = /^([A-Z]{1,3})\d*$/.exec(address)?.[1];
  if (!letters) return Number.NaN;
  let column = 0;
  for (const letter of letters) column = column * 26 + letter.charCodeAt(0) - 64;
  return column - 1;
}
