import { createReadStream, type Dirent } from 'node:fs';
import fs from 'node:fs/promises';
import path from 'node:path';
import type { Files, HeldFile } from './files.ts';
import { checksum, receiveInto } from './receive.ts';

/**
 * Files on a disk: written under a temporary name, synced, linked to `ab/cd/<sha256>`, the folders synced.
 * The same bytes twice are stored once and never overwritten.
 */
export function filesOnDisk(root: string): Files {
  const incoming = path.join(root, 'incoming');
  const placeOf = (sha256: string): string => path.join(root, checksum(sha256).slice(0, 2), sha256.slice(2, 4), sha256);

  async function stat(sha256: string): Promise<HeldFile | null> {
    try {
      const { size, mtime } = await fs.stat(placeOf(sha256));
      return { sha256, sizeBytes: size, storedAt: mtime };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
      throw error;
    }
  }

  async function keep(from: string, sha256: string, sizeBytes: number): Promise<void> {
    const place = placeOf(sha256);
    const folder = path.dirname(place);
    await fs.mkdir(folder, { recursive: true });
    try {
      await fs.link(from, place);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      const held = await stat(sha256);
      if (held?.sizeBytes !== sizeBytes) throw new Error(`the store holds ${held?.sizeBytes} bytes under ${sha256} where there should be ${sizeBytes}`, { cause: error });
    }
    for (const changed of [folder, path.dirname(folder), root]) await syncFolder(changed);
    await fs.rm(from, { force: true });
  }

  const files: Files = {
    incoming,
    receive: (bytes, limitBytes) => receiveInto(files, bytes, limitBytes),
    keep,
    async read(sha256, range) {
      const place = placeOf(sha256);
      await fs.access(place);
      return createReadStream(place, range && { start: range.start, end: range.end });
    },
    stat,
    local: (sha256, use) => use(placeOf(sha256)),
    async *list() {
      for (const first of await foldersIn(root))
        for (const second of await foldersIn(path.join(root, first)))
          for (const { name } of await fs.readdir(path.join(root, first, second), { withFileTypes: true })) {
            const held = /^[0-9a-f]{64}$/.test(name) ? await stat(name) : null;
            if (held) yield held;
          }
    },
    async remove(sha256) {
      const place = placeOf(sha256);
      await fs.rm(place, { force: true });
      if (await exists(path.dirname(place))) await syncFolder(path.dirname(place));
    },
  };
  return files;
}

/** Makes the names in a folder survive a power cut. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await fs.open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function foldersIn(folder: string): Promise<string[]> {
  if (!(await exists(folder))) return [];
  const entries: Dirent[] = await fs.readdir(folder, { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory() && /^[0-9a-f]{2}$/.test(entry.name)).map(({ name }) => name);
}

const exists = (place: string): Promise<boolean> =>
  fs.access(place).then(
    () => true,
    () => false,
  );
