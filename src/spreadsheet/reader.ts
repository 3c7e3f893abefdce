import { rowBatches } from './batches.ts';
import { dialectOf } from './csv/csv.ts';
import { type Limits, type Row, type SheetDescription, type SheetFault, UnreadableSheet } from './sheet.ts';
import { openXlsx } from './xlsx/xlsx.ts';

/** The process that reads a file nobody has vouched for. It gets an order as its argument, answers on standard output, one message a line, and ends. */
export interface Order {
  readonly task: 'rows' | 'names' | 'describe';
  readonly file: string;
  readonly kind: 'csv' | 'xlsx';
  readonly sheet?: string;
  readonly limits: Limits;
}

/** The line, the texts of the cells, the columns of those that are formulas, and of those that are numbers such as 1.234. */
export type PackedRow = readonly [line: number, texts: readonly string[], formulas?: readonly number[], fractions?: readonly number[]];

export type Message =
  | { readonly rows: readonly PackedRow[] }
  | { readonly description: SheetDescription }
  | { readonly fault: SheetFault; readonly line: number | null }
  /** Without this as the last message, the process has not come to the end. */
  | { readonly end: true };

const order = JSON.parse(process.argv[2] ?? '') as Order;

// The parent holds the other end of standard input for as long as it lives.
process.stdin.on('end', () => process.exit(1)).resume();

try {
  if (order.task === 'rows') await sendRows();
  else await send({ description: await descriptionOf() });
  await send({ end: true });
} catch (error) {
  if (!(error instanceof UnreadableSheet)) throw error;
  await send({ fault: error.code, line: error.line });
}
process.stdin.destroy();

async function sendRows(): Promise<void> {
  for await (const rows of rowBatches(order)) await write(`{"rows":[${rows.map((row) => JSON.stringify(pack(row))).join(',')}]}\n`);
}

function pack({ line, cells }: Row): PackedRow {
  const texts: string[] = [];
  const formulas: number[] = [];
  const fractions: number[] = [];
  for (const [column, { text, formula, fraction }] of cells.entries()) {
    texts.push(text);
    if (formula) formulas.push(column);
    if (fraction) fractions.push(column);
  }
  if (fractions.length > 0) return [line, texts, formulas, fractions];
  return formulas.length > 0 ? [line, texts, formulas] : [line, texts];
}

async function descriptionOf(): Promise<SheetDescription> {
  const { file, kind, sheet, limits } = order;
  if (kind === 'csv') {
    const { delimiter, encoding } = await dialectOf(file);
    return { delimiter, encoding, sheets: [{ name: 'CSV', hidden: false }], mergedRanges: [] };
  }
  const workbook = await openXlsx(file, limits);
  return { sheets: workbook.sheets, mergedRanges: order.task === 'names' ? [] : await workbook.mergedRanges(sheet, 100) };
}

function send(message: Message): Promise<void> {
  return write(`${JSON.stringify(message)}\n`);
}

/** Resolves when the parent has room for more, so that a slow reader makes this process wait. */
function write(text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    process.stdout.write(text, (error) => (error ? reject(error) : resolve()));
  });
}
