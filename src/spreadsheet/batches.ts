import { readCsv } from './csv/csv.ts';
import { type Limits, type Row, UnreadableSheet } from './sheet.ts';
import { openXlsx } from './xlsx/xlsx.ts';

export interface SheetFile {
  readonly file: string;
  readonly kind: 'csv' | 'xlsx';
  readonly sheet?: string | undefined;
  readonly limits: Limits;
}

/** Characters of the rows that are handed over together, more or less. */
const batchCharacters = 65_536;

/** The rows of a file, some hundred at a time, within its limits; those before a fault are handed over before it is thrown. Throws UnreadableSheet. */
export async function* rowBatches({ file, kind, sheet, limits }: SheetFile): AsyncGenerator<readonly Row[]> {
  let total = 0;
  for await (const rows of kind === 'csv' ? readCsv(file, limits) : gathered((await openXlsx(file, limits)).rows(sheet))) {
    if (rows.length === 0) continue;
    yield rows;
    for (const row of rows) total += lengthOf(row);
    if (total > limits.uncompressedBytes) throw new UnreadableSheet('too-large', rows.at(-1)?.line ?? null);
  }
  if (total === 0) throw new UnreadableSheet('empty');
}

async function* gathered(rows: AsyncIterable<Row>): AsyncGenerator<readonly Row[]> {
  let batch: Row[] = [];
  let length = 0;
  try {
    for await (const row of rows) {
      batch.push(row);
      length += lengthOf(row);
      if (length < batchCharacters) continue;
      yield batch;
      batch = [];
      length = 0;
    }
  } catch (error) {
    if (batch.length > 0) yield batch;
    throw error;
  }
  if (batch.length > 0) yield batch;
}

/** Characters of a row and of the marks between its cells. */
function lengthOf({ cells }: Row): number {
  let length = 1;
  for (const { text } of cells) length += text.length + 1;
  return length;
}
