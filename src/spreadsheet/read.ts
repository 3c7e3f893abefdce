import fs from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { type ConfinedProcess, endOf, startConfined } from '../platform/confined.ts';
import type { Message, Order, PackedRow } from './reader.ts';
import { type Cell, defaultLimits, type Limits, type Row, type SheetDescription, type SheetName, UnreadableSheet } from './sheet.ts';

export { type Limits, type Row, type SheetDescription, type SheetFault, type SheetName, UnreadableSheet } from './sheet.ts';

export interface ReadOptions {
  readonly kind: 'csv' | 'xlsx';
  /** The worksheet by its name; without it, the first that is not hidden. */
  readonly sheet?: string;
  /** Where they differ from `defaultLimits`. */
  readonly limits?: Partial<Limits>;
  readonly signal?: AbortSignal;
}

const reader = 'src/spreadsheet/reader.ts';

/** All that the reading process may open besides the file. */
const code = ['src/spreadsheet', 'src/platform/reading', 'node_modules/saxes', 'node_modules/xmlchars', 'package.json'];

/** Longer than any message that the limits allow. */
const longestMessage = 100_000_000;

/**
 * The rows of a file of any layout, from a process of its own that may read nothing but this file. Rows that are blank throughout are left out.
 * It reads only as fast as the rows are used, in flat memory; ending the iteration early ends the process.
 * Throws UnreadableSheet at the fault, which may be after many rows; the signal's reason when that is aborted; what the system says when the file is not there.
 */
export async function* readRows(file: string, options: ReadOptions): AsyncGenerator<Row> {
  for await (const rows of readBatches(file, options)) yield* rows;
}

/** The same rows in batches of some hundred, for those who read a million: handing over each by itself takes longer than reading it. */
export async function* readBatches(file: string, options: ReadOptions): AsyncGenerator<Row[]> {
  for await (const message of answers('rows', file, options)) if ('rows' in message) yield message.rows.map(unpack);
}

/** The worksheets of a workbook, those included that are hidden; one entry for CSV. Throws as readRows does. */
export async function readSheetNames(file: string, options: ReadOptions): Promise<readonly SheetName[]> {
  return (await ask('names', file, options)).sheets;
}

/** What a person should be told about a file. Merged ranges stand at the end of a sheet, so this reads all of it. Throws as readRows does. */
export async function describe(file: string, options: ReadOptions): Promise<SheetDescription> {
  return ask('describe', file, options);
}

async function ask(task: 'names' | 'describe', file: string, options: ReadOptions): Promise<SheetDescription> {
  for await (const message of answers(task, file, options)) if ('description' in message) return message.description;
  throw new UnreadableSheet('broken');
}

async function* answers(task: Order['task'], file: string, { kind, sheet, limits: changed, signal }: ReadOptions): AsyncGenerator<Message> {
  signal?.throwIfAborted();
  const limits = { ...defaultLimits, ...changed };
  const child = start({ task, file: await fs.realpath(file), kind, limits, ...(sheet === undefined ? {} : { sheet }) });
  const ended = endOf(child);
  const stop = (): boolean => child.kill('SIGKILL');
  signal?.addEventListener('abort', stop);
  const time = stopwatch(limits.seconds, stop);
  try {
    for await (const line of linesOf(child.stdout, time)) {
      const message = JSON.parse(line) as Message;
      if ('fault' in message) throw new UnreadableSheet(message.fault, message.line);
      if ('end' in message) return;
      yield message;
    }
    const { killedBy, said } = await ended;
    signal?.throwIfAborted();
    if (time.isOver()) throw new UnreadableSheet('took-too-long');
    // V8 aborts when its heap is full; the system kills when the machine's memory is.
    throw new UnreadableSheet(killedBy === 'SIGABRT' || killedBy === 'SIGKILL' ? 'too-large' : 'broken', null, { cause: new Error(said) });
  } finally {
    signal?.removeEventListener('abort', stop);
    stop();
    child.stdout.destroy();
    await ended;
  }
}

function start(order: Order): ConfinedProcess {
  const { memoryMb, seconds } = order.limits;
  return startConfined({ script: reader, order: JSON.stringify(order), readable: [...code, order.file], heapMb: memoryMb, cpuSeconds: seconds + 5 });
}

/** Counts only while it is awaited: the time in which rows are used is not the file's fault. */
interface Stopwatch {
  during<T>(work: Promise<T>): Promise<T>;
  isOver(): boolean;
}

function stopwatch(seconds: number, whenOver: () => void): Stopwatch {
  let left = seconds * 1_000;
  let over = false;
  const end = (): void => {
    over = true;
    whenOver();
  };
  return {
    async during(work) {
      const began = performance.now();
      const timer = setTimeout(end, left);
      try {
        return await work;
      } finally {
        clearTimeout(timer);
        left -= performance.now() - began;
      }
    },
    isOver: () => over,
  };
}

async function* linesOf(output: Readable, time: Stopwatch): AsyncGenerator<string> {
  const chunks: AsyncIterator<string> = output.setEncoding('utf8')[Symbol.asyncIterator]();
  let begun: string[] = [];
  let length = 0;
  for (;;) {
    const { done, value } = await time.during(chunks.next());
    if (done) return;
    let from = 0;
    for (let end = value.indexOf('\n'); end >= 0; end = value.indexOf('\n', from)) {
      yield begun.join('') + value.slice(from, end);
      begun = [];
      length = 0;
      from = end + 1;
    }
    if (from < value.length) begun.push(value.slice(from));
    length += value.length - from;
    if (length > longestMessage) throw new UnreadableSheet('broken');
  }
}

function unpack([line, texts, formulas, fractions]: PackedRow): Row {
  const cells: Cell[] = texts.map((text) => ({ text }));
  for (const column of formulas ?? []) cells[column] = { text: texts[column] ?? '', formula: true };
  for (const column of fractions ?? []) cells[column] = { text: texts[column] ?? '', ...cells[column], fraction: true };
  return { line, cells };
}
