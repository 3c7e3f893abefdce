import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import fs from 'node:fs/promises';
import path from 'node:path';
import type { Readable } from 'node:stream';

export interface StoredFile {
  /** SHA-256 of the bytes, hexadecimal; also the address in the store. */
  readonly sha256: string;
  readonly sizeBytes: number;
  /** The first bytes, at most 4,096, from which the kind of file is told. */
  readonly head: Buffer;
}

/** Where the bytes of uploaded files lie. The database row is the truth; a file without a row is waste. */
export interface Files {
  /**
   * Reads `bytes` to the end. When it resolves, the file has reached the disk under its checksum and survives a power cut.
   * Resolves to 'too-large' and keeps nothing when there are more than `limitBytes` bytes (the rest is read and thrown away).
   */
  receive(bytes: Readable, limitBytes: number): Promise<StoredFile | 'too-large'>;
  /** The bytes of a stored file. Rejects when the store does not hold it. */
  read(sha256: string): Promise<Readable>;
}

/**
 * Files on a disk: written under a temporary name, synced, moved by rename to `ab/cd/<sha256>`, the folders synced.
 * The same bytes twice are stored once and never overwritten.
 */
export function filesOnDisk(root: string): Files {
  const incoming = path.join(root, 'incoming');
  const placeOf = (sha256: string): string => path.join(root, sha256.slice(0, 2), sha256.slice(2, 4), sha256);

  return {
    async receive(bytes, limitBytes) {
      await fs.mkdir(incoming, { recursive: true });
      const temporary = path.join(incoming, randomUUID());
      const file = await fs.open(temporary, 'wx', 0o600);
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
        await moveIntoPlace(temporary, placeOf(sha256), root);
        return { sha256, sizeBytes, head };
      } finally {
        await file.close();
        await fs.rm(temporary, { force: true });
      }
    },

    async read(sha256) {
      if (!/^[0-9a-f]{64}$/.test(sha256)) throw new RangeError('not a SHA-256');
      const place = placeOf(sha256);
      await fs.access(place);
      return createReadStream(place);
    },
  };
}

async function moveIntoPlace(temporary: string, place: string, root: string): Promise<void> {
  const folder = path.dirname(place);
  await fs.mkdir(folder, { recursive: true });
  await fs.rename(temporary, place);
  for (const changed of [folder, path.dirname(folder), root]) {
    const handle = await fs.open(changed, 'r');
    await handle.sync();
    await handle.close();
  }
}
