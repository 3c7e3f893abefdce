import fs from 'node:fs';
import { byteOrderMark, decode, decoded, type Encoding, encodingWithoutMark, UndecodableText, wholeCharacters } from '../../platform/reading/encoding.ts';
import { type Limits, type Row, UnreadableSheet } from '../sheet.ts';
import { type CsvParser, csvParser } from './parser.ts';

export interface Dialect {
  readonly delimiter: string;
  readonly encoding: Encoding;
  /** Bytes of the byte order mark. */
  readonly mark: number;
  /** The first line only names the delimiter, as Excel's sep=; does. */
  readonly isDeclared: boolean;
}

const headBytes = 1_000_000;
const readBytes = 262_144;
const pieceBytes = 16_384;
const sampleCharacters = 64_000;
const sampleRows = 50;

/** In this order where several split equally well; the comma last, since it also stands in Danish numbers. */
const delimiters = [';', '\t', '|', ','];

/** How the files of other programs begin. Text formats in which a table may hide, such as HTML, are no CSV either. */
const otherPrograms = ['%PDF', 'PK\x03\x04', '\x89PNG', '\xff\xd8\xff', 'GIF8', '\xd0\xcf\x11\xe0', '\x1f\x8b', '7z\xbc\xaf', 'Rar!', '{\\rtf', '<!DOCTYPE', '<html', '<?xml'];

/** What kind of CSV a file is, told from its first megabyte. Throws UnreadableSheet when it is none. */
export async function dialectOf(file: string): Promise<Dialect> {
  const { head, isWhole } = await readHead(file);
  if (head.length === 0) throw new UnreadableSheet('empty');
  const beginning = head.toString('latin1', 0, 16);
  if (otherPrograms.some((magic) => beginning.startsWith(magic))) throw new UnreadableSheet('not-a-spreadsheet');

  const mark = byteOrderMark(head);
  const content = head.subarray(mark?.length ?? 0);
  const encoding = mark?.encoding ?? encodingWithoutMark(content, isWhole);
  const { text } = decode(content.subarray(0, wholeCharacters(content, encoding)), encoding);
  if (text.includes('\0')) throw new UnreadableSheet('not-a-spreadsheet');
  const declared = /^sep=([^"\r\n])(?:[\r\n]|$)/i.exec(text)?.[1];
  return { delimiter: declared ?? bestDelimiter(text.slice(0, sampleCharacters)), encoding, mark: mark?.length ?? 0, isDeclared: declared !== undefined };
}

/** The rows of a CSV file that hold something, as they come, some hundred at a time. Throws UnreadableSheet. */
export async function* readCsv(file: string, limits: Limits): AsyncGenerator<readonly Row[]> {
  const dialect = await dialectOf(file);
  // A line that names the delimiter is none that a spreadsheet shows.
  const parser = csvParser(dialect.delimiter, limits, dialect.isDeclared ? 0 : 1);
  for await (const rows of batches(file, dialect, parser)) yield rows[0]?.line === 0 ? rows.slice(1) : rows;
}

/** Short pieces: the rows of one die young, and cost the next to nothing to forget. */
async function* inPieces(bytes: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  for await (const chunk of bytes) for (let at = 0; at < chunk.length; at += pieceBytes) yield chunk.subarray(at, at + pieceBytes);
}

async function* batches(file: string, { encoding, mark }: Dialect, parser: CsvParser): AsyncGenerator<Row[]> {
  const bytes = fs.createReadStream(file, { start: mark, highWaterMark: readBytes }) as AsyncIterable<Buffer>;
  try {
    for await (const text of decoded(inPieces(bytes), encoding)) {
      const rows = parser.write(text);
      if (text.includes('\0')) throw new UnreadableSheet('not-a-spreadsheet', parser.line);
      yield rows;
    }
  } catch (error) {
    if (error instanceof UndecodableText) throw new UnreadableSheet('broken', parser.line);
    throw error;
  }
  yield parser.end();
}

/** The delimiter with which most rows have the same number of cells, more than one. */
function bestDelimiter(sample: string): string {
  let best = { delimiter: ';', evenness: 0 };
  for (const delimiter of delimiters) {
    const evenness = evennessOf(sample, delimiter);
    if (evenness > best.evenness) best = { delimiter, evenness };
  }
  return best.delimiter;
}

function evennessOf(sample: string, delimiter: string): number {
  const counts = new Map<number, number>();
  const rows = cellCounts(sample, delimiter).slice(0, sampleRows);
  for (const count of rows) if (count > 1) counts.set(count, (counts.get(count) ?? 0) + 1);
  return Math.max(0, ...counts.values()) / Math.max(1, rows.length);
}

/** How many cells each row that is not blank has, blank ones at its end included. */
function cellCounts(sample: string, delimiter: string): number[] {
  const counts: number[] = [];
  let cells = 1;
  let isBlank = true;
  let isQuoted = false;
  let atStart = true;
  for (const character of sample) {
    if (character === '"' && (atStart || isQuoted)) isQuoted = !isQuoted;
    if (!isQuoted && (character === '\n' || character === '\r')) {
      if (!isBlank) counts.push(cells);
      cells = 1;
      isBlank = true;
      atStart = true;
      continue;
    }
    if (!isQuoted && character === delimiter) cells += 1;
    else if (character.trim() !== '') isBlank = false;
    atStart = !isQuoted && character === delimiter;
  }
  if (!isBlank && (counts.length === 0 || sample.length < sampleCharacters)) counts.push(cells);
  return counts;
}

async function readHead(file: string): Promise<{ head: Buffer; isWhole: boolean }> {
  const handle = await fs.promises.open(file, 'r');
  try {
    const buffer = Buffer.alloc(headBytes + 1);
    let length = 0;
    for (;;) {
      const { bytesRead } = await handle.read(buffer, length, buffer.length - length, length);
      length += bytesRead;
      if (bytesRead === 0 || length === buffer.length) break;
    }
    return { head: buffer.subarray(0, Math.min(length, headBytes)), isWhole: length <= headBytes };
  } finally {
    await handle.close();
  }
}
