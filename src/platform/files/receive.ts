import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import fs from 'node:fs/promises';
import path from 'node:path';
import type { Readable } from 'node:stream';
import type { Files, StoredFile } from './files.ts';

/** Receives a stream into a store by way of its folder for incoming files: written, hashed, synced, then taken over. */
export async function receiveInto({ incoming, keep }: Pick<Files, 'incoming' | 'keep'>, bytes: Readable, limitBytes: number): Promise<StoredFile | 'too-large'> {
  await fs.mkdir(incoming, { recursive: true });
  const place = path.join(incoming, randomUUID());
  const file = await fs.open(place, 'wx', 0o600);
  try {
    const hash = createHash('sha256');
    let sizeBytes = 0;
    let head = Buffer.alloc(0);
    for await (const chunk of bytes as AsyncIterable<Buffer>) {
      sizeBytes += chunk.length;
      if (sizeBytes > limitBytes) continue;
      if (head.length < 4_096) head = Buffer.concat([head, chunk]).subarray(0, 4_096);
      hash.update(chunk);
      await file.writeFile(chunk);
    }
    if (sizeBytes > limitBytes) return 'too-large';
    await file.datasync();
    if ((await file.stat()).size !== sizeBytes) throw new Error('the file system kept less than it was given');
    const sha256 = hash.digest('hex');
    await keep(place, sha256, sizeBytes, 'hashed');
    return { sha256, sizeBytes, head };
  } finally {
    await file.close();
    await fs.rm(place, { force: true });
  }
}

/** Throws RangeError on anything but a SHA-256 in lower-case hexadecimal, before it becomes part of a path or an address. */
export function checksum(text: string): string {
  if (!/^[0-9a-f]{64}$/.test(text)) throw new RangeError('not a SHA-256');
  return text;
}

/** Whether these bytes, read to the end, have this checksum and size. Rejects when they cannot be read. */
export async function areBytesOf(bytes: Readable, sha256: string, sizeBytes: number): Promise<boolean> {
  const hash = createHash('sha256');
  let seen = 0;
  for await (const chunk of bytes as AsyncIterable<Buffer>) {
    hash.update(chunk);
    seen += chunk.length;
  }
  return seen === sizeBytes && hash.digest('hex') === sha256;
}

/** Rejects unless the file at `place` has this checksum and size: no caller can bring other bytes under a checksum. */
export async function demandBytes(place: string, sha256: string, sizeBytes: number): Promise<void> {
  if (!(await areBytesOf(createReadStream(place), sha256, sizeBytes))) throw new Error(`the file to be kept is not the ${sizeBytes} bytes of SHA-256 ${sha256}`);
}

/** Removes what `receiveInto` left in the folder of incoming files when its process died before `before`; files of other names are not ours. */
export async function tidyIncoming(incoming: string, before: Date): Promise<number> {
  let removed = 0;
  for (const name of await fs.readdir(incoming).catch(unlessMissing([]))) {
    if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(name)) continue;
    const place = path.join(incoming, name);
    const found = await fs.stat(place).catch(unlessMissing(null));
    if (!found || found.mtime >= before) continue;
    await fs.rm(place, { force: true });
    removed += 1;
  }
  return removed;
}

/** For `catch`: what stands for a file or folder that is not there. Any other error goes on. */
export function unlessMissing<T>(instead: T): (error: unknown) => T {
  return (error) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return instead;
    throw error;
  };
}
