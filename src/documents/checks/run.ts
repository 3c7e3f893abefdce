import { endOf, startConfined } from '../../platform/confined.ts';
import type { Order } from './child.ts';

const packages = ['@neslinesli93/qpdf-wasm', '@hyzyla/pdfium', 'libheif-js', 'saxes', 'xmlchars'];
/** All that the reading process may open besides the file. */
const code = ['src/documents', 'src/platform/reading', 'package.json', ...packages.map((name) => `node_modules/${name}`)];

const heapMb = 96;

export interface RunLimits {
  /** Megabytes of WebAssembly memory. */
  readonly wasmMb: number;
  /** Processor time: a busy machine blames no file. */
  readonly cpuSeconds: number;
  /** Time by the clock, for a process that hangs. */
  readonly seconds: number;
  readonly outputBytes: number;
}

export const usualLimits: RunLimits = { wasmMb: 160, cpuSeconds: 40, seconds: 150, outputBytes: 10_000 };

/** What came of an order. 'used-up': processor time; 'hung': time by the clock; 'full': memory; 'stopped': anything else. */
export interface Outcome {
  readonly output: Buffer;
  readonly failure: 'used-up' | 'hung' | 'full' | 'stopped' | null;
  /** The beginning of what the process wrote to standard error. */
  readonly said: string;
}

/** Runs one order in a process of its own, which may read its own code and the one file. */
export async function runConfined(order: Order, { wasmMb, cpuSeconds, seconds, outputBytes }: RunLimits): Promise<Outcome> {
  const child = startConfined({ script: 'src/documents/checks/child.ts', order: JSON.stringify(order), readable: [...code, order.place], heapMb, wasmMb, cpuSeconds });
  const ended = endOf(child);
  let hasHung = false;
  const timer = setTimeout(() => {
    hasHung = true;
    child.kill('SIGKILL');
  }, seconds * 1_000);
  const pieces: Buffer[] = [];
  let length = 0;
  child.stdout.on('data', (piece: Buffer) => {
    length += piece.length;
    if (length <= outputBytes) pieces.push(piece);
    else child.kill('SIGKILL');
  });
  const { exitCode, killedBy, said } = await ended.finally(() => clearTimeout(timer));
  if (exitCode === 0) return { output: Buffer.concat(pieces), failure: null, said };
  // V8 aborts when its heap is full.
  return { output: Buffer.alloc(0), failure: hasHung ? 'hung' : killedBy === 'SIGXCPU' ? 'used-up' : killedBy === 'SIGABRT' ? 'full' : 'stopped', said };
}
