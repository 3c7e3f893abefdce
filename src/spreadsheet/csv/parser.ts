import { rowBuilder } from '../row-builder.ts';
import { type Limits, type Row, UnreadableSheet } from '../sheet.ts';

export interface CsvParser {
  /** Takes the next piece of the file and returns the rows that it completes. Throws UnreadableSheet. */
  write(text: string): Row[];
  /** The last row, if the file does not end with a line end. Throws UnreadableSheet when a quote is still open. */
  end(): Row[];
  /** The number of the row that is being read. */
  readonly line: number;
}

const quote = 34;
const lineFeed = 10;
const carriageReturn = 13;

/**
 * CSV as spreadsheets write it (RFC 4180), and as people do: \r\n, \n and \r end lines, also mixed; a quote within a cell that does not
 * begin with one is a character like others, and a cell that goes on after its closing quote keeps both quotes. Rows without content are left out.
 * Rows are numbered from `first` as a spreadsheet numbers them: line ends within quotes do not count.
 */
export function csvParser(delimiter: string, limits: Limits, first = 1): CsvParser {
  const separator = delimiter.charCodeAt(0);
  let state: 'start' | 'plain' | 'quoted' | 'closed' = 'start';
  let line = first;
  let column = 0;
  let field = '';
  let afterReturn = false;
  const builder = rowBuilder(limits, () => line);

  function take(text: string, from: number, to: number): void {
    if (field.length + to - from > limits.cellLength) throw new UnreadableSheet('cell-too-long', line);
    field = field === '' ? builder.textOf(column, text, from, to) : field + text.slice(from, to);
  }
  /** Where the next sign stands that ends a cell without quotes. */
  function endOfPlain(text: string, from: number): number {
    for (let at = from; at < text.length; at += 1) {
      const code = text.charCodeAt(at);
      if (code === separator || code === lineFeed || code === carriageReturn) return at;
    }
    return text.length;
  }
  function endField(): void {
    builder.put(column, field, false);
    field = '';
    column += 1;
    state = 'start';
  }
  function endRow(rows: Row[]): void {
    endField();
    const row = builder.finish(line);
    if (row) rows.push(row);
    column = 0;
    line += 1;
  }

  return {
    get line() {
      return line;
    },

    write(text) {
      const rows: Row[] = [];
      let from = 0;
      for (let at = 0; at < text.length; at += 1) {
        const code = text.charCodeAt(at);
        const secondOfTwo = code === lineFeed && afterReturn;
        const endsLine = code === carriageReturn || (code === lineFeed && !secondOfTwo);
        afterReturn = code === carriageReturn;
        if (state === 'quoted') {
          if (code !== quote) continue;
          take(text, from, at);
          state = 'closed';
          continue;
        }
        if (state === 'start') {
          from = at;
          if (secondOfTwo && column === 0) {
            from += 1;
            continue;
          }
          if (code === quote) {
            state = 'quoted';
            from += 1;
            continue;
          }
        } else if (state === 'closed') {
          from = at;
          if (code === quote) {
            state = 'quoted';
            continue;
          }
          if (code !== separator && !endsLine) {
            field = `"${field}"`;
            state = 'plain';
          }
        }
        if (code === separator) {
          if (state !== 'closed') take(text, from, at);
          endField();
        } else if (endsLine) {
          if (state !== 'closed') take(text, from, at);
          endRow(rows);
        } else {
          state = 'plain';
          at = endOfPlain(text, at + 1) - 1;
        }
      }
      if (state === 'plain' || state === 'quoted') take(text, from, text.length);
      return rows;
    },

    end() {
      if (state === 'quoted') throw new UnreadableSheet('broken', line);
      const rows: Row[] = [];
      if (state !== 'start' || column > 0) endRow(rows);
      return rows;
    },
  };
}
