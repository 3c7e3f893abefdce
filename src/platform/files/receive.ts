import { createHash, randomUUID } from 'node:crypto';
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
    await keep(place, sha256, sizeBytes);
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
