import fs from 'node:fs/promises';
import { endOf, startConfined } from '../../platform/confined.ts';
import type { FileKind } from '../kind.ts';
import type { Order } from './child.ts';
import { type Finding, foundUnfit, type HeldReason, tooMuch } from './finding.ts';

export type { Finding, Reason } from './finding.ts';

const packages = ['@neslinesli93/qpdf-wasm', '@hyzyla/pdfium', 'saxes', 'xmlchars'];
/** All that the reading process may open besides the file. */
const code = ['src/documents', 'src/platform/reading', 'package.json', ...packages.map((name) => `node_modules/${name}`)];

const heapMb = 96;
const wasmMb = 160;
/** Processor time, so that a busy machine blames no file; and by the clock, for one that hangs. */
const cpuSeconds = 40;
const seconds = 150;

/** pdfium holds the whole file, so what we can read grows with what we spend. */
const largestTextMb = 100;

/** Longer than any finding. */
const longestFinding = 10_000;

/**
 * What our own checks say of the file at `place`, each parser in a process of its own with little memory and time, and no network where the system can take it away.
 * Whatever stops such a process never makes a file clean. Rejects when the file is not there.
 */
export async function checkFile(place: string, kind: FileKind): Promise<Finding> {
  const structure = await ask({ task: 'structure', place: await fs.realpath(place), kind });
  if (structure.verdict !== 'clean' || kind !== 'pdf') return structure;
  return ask({ task: 'text', place: await fs.realpath(place), kind });
}

async function ask(order: Order): Promise<Finding> {
  const { size } = await fs.stat(order.place);
  if (order.task === 'text' && size > largestTextMb * 2 ** 20) return foundUnfit('too-large-to-read');
  const { output, failure, said } = await runConfined(order, wasmMb + (order.task === 'text' ? Math.ceil(size / 2 ** 20) : 0), longestFinding);
  if (failure) return foundUnfit(failure === 'check-failed' ? failure : tooMuch(size, failure), said);
  return JSON.parse(output.toString()) as Finding;
}

interface Outcome {
  readonly output: Buffer;
  /** Null when the process came to its end. */
  readonly failure: HeldReason | null;
  readonly said: string;
}

/** Runs one order in a process of its own. */
export async function runConfined(order: Order, memoryMb: number, longest: number): Promise<Outcome> {
  const child = startConfined({ script: 'src/documents/checks/child.ts', order: JSON.stringify(order), readable: [...code, order.place], heapMb, wasmMb: memoryMb, cpuSeconds });
  const ended = endOf(child);
  let hasTimedOut = false;
  const timer = setTimeout(() => {
    hasTimedOut = true;
    child.kill('SIGKILL');
  }, seconds * 1_000);
  const pieces: Buffer[] = [];
  let length = 0;
  child.stdout.on('data', (piece: Buffer) => {
    length += piece.length;
    if (length <= longest) pieces.push(piece);
    else child.kill('SIGKILL');
  });
  const { exitCode, killedBy, said } = await ended;
  clearTimeout(timer);
  if (exitCode === 0) return { output: Buffer.concat(pieces), failure: null, said };
  if (hasTimedOut || killedBy === 'SIGXCPU') return { output: nothing, failure: 'took-too-long', said };
  // V8 aborts when its heap is full; the system kills when the machine's memory is.
  const hadNoMemory = killedBy === 'SIGABRT' || (killedBy === 'SIGKILL' && length <= longest);
  return { output: nothing, failure: hadNoMemory ? 'took-too-much-memory' : 'check-failed', said };
}

const nothing = Buffer.alloc(0);
