import { createReadStream } from 'node:fs';
import fs from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import type { Files, HeldFile } from './files.ts';
import { areBytesOf, checksum, demandBytes, receiveInto, tidyIncoming, unlessMissing } from './receive.ts';

/**
 * Files on a disk: written under a temporary name, synced, linked to `ab/cd/<sha256>`, the folders synced.
 * The same bytes twice are stored once and never overwritten, unless the stored copy has been damaged.
 */
export function filesOnDisk(root: string): Files {
  const incoming = path.join(root, 'incoming');
  /** Folders whose own names have been synced since this process began. */
  const lasting = new Set<string>();
  const placeOf = (sha256: string): string => path.join(root, checksum(sha256).slice(0, 2), sha256.slice(2, 4), sha256);

  async function stat(sha256: string): Promise<HeldFile | null> {
    const found = await fs.stat(placeOf(sha256)).catch(unlessMissing(null));
    return found && { sha256, sizeBytes: found.size, storedAt: found.mtime };
  }

  async function keep(from: string, sha256: string, sizeBytes: number, hashed?: 'hashed'): Promise<void> {
    const place = placeOf(sha256);
    if (!hashed) await demandBytes(from, sha256, sizeBytes);
    const folder = path.dirname(place);
    if (await fs.mkdir(folder, { recursive: true })) lasting.delete(folder);
    while (!(await isLinked(from, place))) {
      const whole = await isWhole(place, sha256, sizeBytes).catch(unlessMissing(null));
      if (whole === null) continue; // Removed meanwhile.
      // A rename replaces in one step: whoever reads has the damaged copy or the whole one, never none.
      if (!whole) await fs.rename(from, place);
      break;
    }
    await Promise.all((lasting.has(folder) ? [folder] : [folder, path.dirname(folder), root]).map(syncFolder));
    lasting.add(folder);
    await fs.unlink(from).catch(unlessMissing(undefined));
  }

  const files: Files = {
    incoming,
    receive: (bytes, limitBytes) => receiveInto(files, bytes, limitBytes),
    keep,
    async read(sha256, range) {
      const file = await fs.open(placeOf(sha256));
      if (range && range.start >= (await file.stat()).size) {
        await file.close();
        return Readable.from([]);
      }
      return file.createReadStream(range && { start: range.start, end: range.end });
    },
    stat,
    local: (sha256, use) => use(placeOf(sha256)),
    async *list() {
      for (const first of await foldersIn(root))
        for (const second of await foldersIn(path.join(root, first)))
          for (const name of await fs.readdir(path.join(root, first, second)).catch(unlessMissing([]))) {
            const held = /^[0-9a-f]{64}$/.test(name) ? await stat(name) : null;
            if (held) yield held;
          }
    },
    async remove(sha256) {
      const place = placeOf(sha256);
      await fs.rm(place, { force: true });
      await syncFolder(path.dirname(place)).catch(unlessMissing(undefined));
    },
    tidy: (before) => tidyIncoming(incoming, before),
  };
  return files;
}

/** Gives a file its name in the store; false when there is a file of that name. */
async function isLinked(from: string, place: string): Promise<boolean> {
  try {
    await fs.link(from, place);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** A copy that the disk cannot give back is as bad as one that is not what it was. */
async function isWhole(place: string, sha256: string, sizeBytes: number): Promise<boolean> {
  try {
    return await areBytesOf(createReadStream(place), sha256, sizeBytes);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EIO') return false;
    throw error;
  }
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

/** Names of the two-letter folders within a folder. */
async function foldersIn(folder: string): Promise<string[]> {
  const entries = await fs.readdir(folder, { withFileTypes: true }).catch(unlessMissing([]));
  return entries.filter((entry) => entry.isDirectory() && /^[0-9a-f]{2}$/.test(entry.name)).map(({ name }) => name);
}
