import fs from 'node:fs/promises';
import type { FileKind } from '../../kind.ts';
import { runConfined, usualLimits } from '../run.ts';

const shown: readonly FileKind[] = ['pdf', 'png', 'jpg', 'heic'];
const limits = { ...usualLimits, wasmMb: 192, seconds: 60, outputBytes: 20_000_000 };
/** What a camera's picture takes beside its file, in megabytes of WebAssembly memory. */
const photoMb = 256;
/** Pages ask for pictures as they are opened, and each takes a process. */
const atOnce = 2;

let running = 0;
const waiting: (() => void)[] = [];

/** Whether a picture is made of files of this kind. */
export const isShown = (kind: string): boolean => (shown as readonly string[]).includes(kind);

/**
 * A picture (PNG, at most 1,200 pixels wide and 1,800 high) of the first page of a PDF, or of a picture; null for other kinds and where none
 * can be made. Made in a process as confined as the checks'; give it only files that may be opened. Rejects when the file is not there.
 */
export async function firstPage(place: string, kind: FileKind): Promise<Buffer | null> {
  const file = await fs.realpath(place);
  if (!isShown(kind)) return null;
  if (running >= atOnce) await new Promise<void>((resolve) => waiting.push(resolve));
  running += 1;
  try {
    const { size } = await fs.stat(file);
    const { output, failure } = await runConfined(
      { task: 'picture', place: file, kind },
      { ...limits, wasmMb: (kind === 'heic' ? photoMb : limits.wasmMb) + Math.ceil(size / 2 ** 20) },
    );
    return failure || output.length === 0 ? null : output;
  } finally {
    running -= 1;
    waiting.shift()?.();
  }
}
