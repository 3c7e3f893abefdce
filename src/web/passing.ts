import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { filesOnDisk } from '../platform/files/disk.ts';
import type { Files } from '../platform/files/files.ts';

/** A place for what a visitor sends to be looked at and forgotten: outside the store, and gone afterwards. */
export interface Passing {
  readonly files: Files;
  /** Removes all of it. Calling it again does nothing. */
  forget(): Promise<void>;
}

/** Each visitor may make us read a file of the largest size: so many at a time, and so many who wait for their turn. */
const mostAtOnce = 2;
const mostWaiting = 12;

let busy = 0;
const waiting: (() => void)[] = [];

/** A place of one's own, when it is one's turn; null when too many are waiting already. Whoever gets one must forget it. */
export async function passing(): Promise<Passing | null> {
  if (busy < mostAtOnce) busy += 1;
  else if (waiting.length >= mostWaiting) return null;
  else await new Promise<void>((resolve) => waiting.push(resolve));
  try {
    const folder = await fs.mkdtemp(path.join(os.tmpdir(), 'portal-passing-'));
    let forgotten: Promise<void> | undefined;
    return { files: filesOnDisk(folder), forget: () => (forgotten ??= fs.rm(folder, { recursive: true, force: true }).finally(next)) };
  } catch (error) {
    next();
    throw error;
  }
}

function next(): void {
  const first = waiting.shift();
  if (first) first();
  else busy -= 1;
}

/** The same stream; when it has been read to its end, has failed, or nobody reads it any longer, the place is forgotten. */
export function forgetAfter(stream: ReadableStream<Uint8Array>, { forget }: Passing): ReadableStream<Uint8Array> {
  const reader = stream.getReader();
  return new ReadableStream({
    async pull(controller) {
      try {
        const { done, value } = await reader.read();
        if (!done) return controller.enqueue(value);
        await forget();
        controller.close();
      } catch (error) {
        await forget();
        throw error;
      }
    },
    async cancel(reason) {
      await reader.cancel(reason);
      await forget();
    },
  });
}
