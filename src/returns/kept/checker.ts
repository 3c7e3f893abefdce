import { copyWriter } from '../../platform/postgres/copy-text.ts';
import { rowBatches } from '../../spreadsheet/batches.ts';
import { type Limits, type SheetFault, UnreadableSheet } from '../../spreadsheet/sheet.ts';
import { type Against, checkOpened, NoHeader, openRows, type Report, reportOn } from '../check-rows.ts';

/**
 * The process that reads and checks a return that is to be kept: the file comes from a stranger, and a million lines must take no memory
 * of ours. It gets its order as the first line of standard input and answers on standard output: a line of JSON, and behind it as many
 * bytes as that says, which are the lines as COPY reads them.
 */
export interface CheckOrder {
  readonly file: string;
  readonly kind: 'csv' | 'xlsx';
  readonly limits: Limits;
  readonly against: Omit<Against, 'facts'>;
  readonly agreement: Against['facts']['agreement'];
  readonly cpvCodes: readonly string[] | null;
  readonly mostFindings: number;
}

export type CheckAnswer =
  /** Lines of the return that were checked, errors up to them, and how many bytes follow. */
  | { readonly lines: number; readonly errors: number; readonly bytes: number }
  | { readonly report: Report }
  | { readonly fault: SheetFault; readonly line: number | null }
  | { readonly noHeader: string };

/** How much is told at once, more or less. */
const messageBytes = 100_000;
const messageLines = 1_000;

const { file, kind, limits, against, agreement, cpvCodes, mostFindings } = JSON.parse(await firstLine()) as CheckOrder;
// The parent holds the other end for as long as it lives.
process.stdin.on('end', () => process.exit(1)).resume();

try {
  await send({ report: await check() });
} catch (error) {
  if (error instanceof NoHeader) await send({ noHeader: error.found });
  else if (error instanceof UnreadableSheet) await send({ fault: error.code, line: error.line });
  else throw error;
}
process.stdin.destroy();

async function check(): Promise<Report> {
  const whole: Against = { ...against, facts: { agreement, cpvCodes: cpvCodes && new Set(cpvCodes) } };
  const opened = await openRows(rowBatches({ file, kind, limits }), whole.table);
  const write = copyWriter();
  const reading = reportOn(checkOpened(opened, whole), whole, mostFindings);
  let lines = 0;
  let errors = 0;
  let bytes = 0;
  let texts: Buffer[] = [];
  const tell = async (): Promise<void> => {
    await send({ lines, errors, bytes }, texts);
    [lines, bytes, texts] = [0, 0, []];
  };
  for (;;) {
    const { done, value } = await reading.next();
    if (done) {
      await tell();
      return value;
    }
    errors = value.errors;
    let text = '';
    for (const row of value.rows) {
      if (!row.counts) continue;
      lines += 1;
      // Of a return with an error nothing is kept.
      if (errors === 0) text += write([row.line, row.values]);
    }
    texts.push(Buffer.from(text));
    bytes += texts.at(-1)?.length ?? 0;
    if (bytes >= messageBytes || lines >= messageLines) await tell();
  }
}

function firstLine(): Promise<string> {
  return new Promise((resolve) => {
    let text = '';
    process.stdin.setEncoding('utf8').on('data', function take(part: string) {
      text += part;
      if (!text.includes('\n')) return;
      process.stdin.off('data', take);
      resolve(text);
    });
  });
}

/** Resolves when the parent has room for more. */
function send(answer: CheckAnswer, body: readonly Buffer[] = []): Promise<void> {
  const head = Buffer.from(`${JSON.stringify(answer)}\n`);
  return new Promise((resolve, reject) => {
    process.stdout.write(Buffer.concat([head, ...body]), (error) => (error ? reject(error) : resolve()));
  });
}
