import { type Cell, type Limits, type Row, UnreadableSheet } from './sheet.ts';

/** Gathers the cells of one row after another and holds them to the limits. */
export interface RowBuilder {
  /** What stands there in `text`: where the cell above says the same, its own text, which costs nothing to compare and to keep. */
  textOf(column: number, text: string, from: number, to: number): string;
  /** Puts a cell at a column counted from 0; columns may come in any order, and the last one put there stays. Throws UnreadableSheet. */
  put(column: number, text: string, formula: boolean, fraction?: boolean): void;
  /** The row without its blank end, undefined when all of it is blank. The next row is begun. Throws UnreadableSheet when it is one row too many. */
  finish(line: number): Row | undefined;
}

/** `line` tells the number of the row that is being gathered, for the faults. */
export function rowBuilder(limits: Limits, line: () => number): RowBuilder {
  const missing: Cell = { text: '' };
  let above: readonly Cell[] = [];
  let cells: Cell[] = [];
  let filled = 0;
  let length = 0;
  let rows = 0;
  return {
    textOf(column, text, from, to) {
      const same = above[column]?.text;
      return same !== undefined && same.length === to - from && text.startsWith(same, from) ? same : text.slice(from, to);
    },
    put(column, text, formula, fraction = false) {
      if (text === '' && !formula) return;
      length += text.length;
      if (text.length > limits.cellLength || length > 10 * limits.cellLength) throw new UnreadableSheet('cell-too-long', line());
      const blank = isBlank(text);
      if (column >= limits.columns) {
        if (blank) return;
        throw new UnreadableSheet('too-many-columns', line());
      }
      while (cells.length < column) cells.push(missing);
      const same = above[column];
      if (formula || fraction) cells[column] = { text, ...(formula && { formula }), ...(fraction && { fraction }) };
      else cells[column] = same?.text === text && !same.formula && !same.fraction ? same : { text };
      if (!blank) filled = Math.max(filled, column + 1);
    },
    finish(number) {
      if (cells.length > filled) cells.length = filled;
      const row = filled > 0 ? { line: number, cells } : undefined;
      if (row) above = cells;
      cells = [];
      filled = 0;
      length = 0;
      if (row) rows += 1;
      if (rows > limits.rows) throw new UnreadableSheet('too-large', number);
      return row;
    },
  };
}

function isBlank(text: string): boolean {
  // Any sign above the space is no blank but for some far away ones, which only the expression knows.
  const first = text.charCodeAt(0);
  return text === '' || ((first <= 0x20 || first >= 0x80) && !/\S/.test(text));
}
