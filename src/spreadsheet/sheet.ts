/** A row that holds something. Cells that are missing before the last one are ''; blank cells after it are cut off. */
export interface Row {
  /** The row number as the person sees it in a spreadsheet, counted from 1. CSV: cells with line ends make one row, as they do there; editors number such files otherwise. */
  readonly line: number;
  readonly cells: readonly Cell[];
}

export interface Cell {
  /** Numbers with '.', days as YYYY-MM-DD, points in time as YYYY-MM-DDTHH:MM:SS, hours alone as HH:MM:SS, 'true' and 'false', errors such as '#REF!'. */
  readonly text: string;
  /** The text is what a formula came to when the file was last saved. */
  readonly formula?: true;
  /** XLSX: a number such as 1.234, whose text alone could also mean more than a thousand. */
  readonly fraction?: true;
}

/** 'empty' is a file without a byte, or with nothing but blank rows. */
export type SheetFault =
  | 'empty'
  | 'not-a-spreadsheet'
  | 'encrypted'
  | 'too-large'
  | 'too-many-columns'
  | 'cell-too-long'
  | 'broken'
  | 'took-too-long'
  | 'old-excel'
  | 'no-such-sheet';

/** The file cannot be read, or not to its end: rows that came before the fault are not the whole file. */
export class UnreadableSheet extends Error {
  readonly code: SheetFault;
  /** The row in which it was noticed, numbered as in Row; null where the fault is the file itself. */
  readonly line: number | null;

  constructor(code: SheetFault, line: number | null = null, options?: ErrorOptions) {
    super(line === null ? code : `${code} in line ${line}`, options);
    this.code = code;
    this.line = line;
  }
}

export interface Limits {
  /** Rows that hold something. */
  readonly rows: number;
  readonly columns: number;
  /** Characters (UTF-16 units) of one cell; a whole row may hold ten times as many. */
  readonly cellLength: number;
  /** Bytes of one unpacked part of an XLSX file, and characters of all rows together. */
  readonly uncompressedBytes: number;
  /** How long the reading may take, not counting the time in which the rows are used. */
  readonly seconds: number;
  /** Megabytes of the reading process's JavaScript heap. */
  readonly memoryMb: number;
}

export const defaultLimits: Limits = {
  rows: 1_100_000,
  columns: 500,
  cellLength: 100_000,
  uncompressedBytes: 2_000_000_000,
  seconds: 300,
  memoryMb: 192,
};

export interface SheetName {
  readonly name: string;
  readonly hidden: boolean;
}

/** What a person should be told about a file before its rows are used. */
export interface SheetDescription {
  /** CSV only. */
  readonly delimiter?: string;
  /** CSV only. */
  readonly encoding?: string;
  readonly sheets: readonly SheetName[];
  /** The first hundred merged ranges of the sheet that will be read, such as 'A1:C1'. */
  readonly mergedRanges: readonly string[];
}
