import { createHash, type Hash } from 'node:crypto';
import { constants, createReadStream } from 'node:fs';
import fs, { type FileHandle } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import path from 'node:path';
import { syncFolder } from '../../platform/files/disk.ts';
import { Refusal } from '../../platform/refusal.ts';
import { contentIs } from '../kind.ts';
import type { PartChecksum } from './protocol.ts';
import { pump } from './pump.ts';
import type { Upload, UploadRefusal } from './upload.ts';
import type { Writer } from './writers.ts';

/** SHA-256 of the first `offset` bytes, ready to go on. */
export interface Running {
  readonly offset: number;
  readonly hash: Hash;
}

/** The bytes of one request on their way to the disk. */
export interface Part {
  /** The file in the folder of incoming files. */
  readonly place: string;
  readonly upload: Upload;
  readonly running: Running | undefined;
  readonly checksum: PartChecksum | null;
  /** Notes that so many bytes are safe on the disk. Never called for the last byte: the end of the upload notes that. */
  advance(to: number): Promise<void>;
}

/** Written together: large enough that the number of writes does not count, small enough to keep two for each request in memory. */
const batchBytes = 2 ** 18;
/** Synced and noted at least this often, which is what a crash costs at most. */
const settleBytes = 16 * 2 ** 20;
const settleMs = 5_000;
/** From so many first bytes the kind of file is told. */
const headBytes = 4_096;

const quiet = (work: Promise<void>): Promise<void> => {
  work.catch(() => {});
  return work;
};

/**
 * Adds what a request brings to the file of an upload, from its offset on, and resolves to how far that is when all of it
 * has reached the disk. A request that is cut or stopped counts as far as it came; with a checksum it counts as a whole or
 * not at all. What lies on the disk beyond the offset is overwritten. Hashing and writing go on side by side.
 */
export async function receivePart(source: IncomingMessage, writer: Writer, { place, upload, running, checksum, advance }: Part): Promise<Running | { readonly offset: number }> {
  const { receivedBytes: offset, sizeBytes, kind } = upload;
  const file = await openIncoming(place, offset);
  const hash = offset === 0 ? createHash('sha256') : running?.offset === offset ? running.hash.copy() : undefined;
  const partHash = checksum && createHash(checksum.algorithm);
  const neededHead = Math.min(headBytes, sizeBytes);
  let head = offset < neededHead ? (await file.read(Buffer.alloc(offset), 0, offset, 0)).buffer : undefined;

  let batch: Buffer[] = [];
  let gathered = 0;
  let written = offset;
  let writing = Promise.resolve();
  let settling = Promise.resolve();
  let settled = offset;
  let [asked, askedAt] = [offset, Date.now()];

  async function settle(to: number, done: Promise<void>): Promise<void> {
    await done;
    await file.datasync();
    if (to === sizeBytes) return;
    if (offset === 0 && settled === 0) await syncFolder(path.dirname(place));
    await advance(to);
    settled = to;
  }

  async function write(): Promise<void> {
    const [buffers, at, length] = [batch, written, gathered];
    batch = [];
    gathered = 0;
    written += length;
    await writing;
    const done = writeFully(file, buffers, at, length);
    for (const buffer of buffers) hash?.update(buffer);
    writing = quiet(done.then(() => buffers.forEach(release)));
    if (checksum || (written - asked < settleBytes && Date.now() - askedAt < settleMs)) return;
    [asked, askedAt] = [written, Date.now()];
    await settling;
    settling = quiet(settle(written, writing));
  }

  function look(chunk: Buffer): void {
    if (!head) return;
    head = Buffer.concat([head, chunk.subarray(0, neededHead - head.length)]);
    if (head.length === neededHead && !checksum) judge();
  }

  function judge(): void {
    if (head && head.length === neededHead && !contentIs(kind, head)) throw new Refusal<UploadRefusal>('file-wrong-content');
    head = undefined;
  }

  try {
    await pump(source, writer.stop, (chunk) => {
      writer.heard();
      if (written + gathered + chunk.length > sizeBytes) throw new Refusal<UploadRefusal>('longer-than-declared');
      look(chunk);
      partHash?.update(chunk);
      batch.push(chunk);
      gathered += chunk.length;
      return gathered >= batchBytes || Date.now() - askedAt >= settleMs ? write() : undefined;
    });
    if (partHash && !source.readableEnded) return running ?? { offset };
    if (partHash && !partHash.digest().equals(checksum.digest)) throw new Refusal<UploadRefusal>('wrong-checksum');
    if (head?.length === neededHead) judge();
    if (gathered > 0) await write();
    await settling;
    if (written > settled) await settle(written, writing);
    return hash ? { offset: written, hash } : { offset: written };
  } catch (error) {
    await Promise.allSettled([writing, settling]);
    throw error;
  } finally {
    await file.close();
  }
}

/**
 * Opens the file of an upload with all bytes that were acknowledged, and beyond them whatever. A crash may have left it
 * shared with the store, where nothing is ever overwritten: then it goes on in a copy. Refuses with bytes-lost when the
 * file is shorter than what was acknowledged, which only a broken disk or a hand can have done.
 */
async function openIncoming(place: string, receivedBytes: number): Promise<FileHandle> {
  if (receivedBytes === 0) {
    const fresh = constants.O_CREAT | constants.O_EXCL | constants.O_RDWR;
    try {
      return await fs.open(place, fresh, 0o600);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      await fs.rm(place);
      return fs.open(place, fresh, 0o600);
    }
  }
  const { size, nlink } = await fs.stat(place).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return { size: 0, nlink: 0 };
    throw error;
  });
  if (size < receivedBytes) throw new Refusal<UploadRefusal>('bytes-lost');
  if (nlink > 1) await separate(place);
  return fs.open(place, 'r+');
}

async function separate(place: string): Promise<void> {
  const copy = `${place}.copy`;
  await fs.copyFile(place, copy, constants.COPYFILE_FICLONE);
  const file = await fs.open(copy, 'r+');
  try {
    await file.datasync();
  } finally {
    await file.close();
  }
  await fs.rename(copy, place);
  await syncFolder(path.dirname(place));
}

/**
 * Gives back the memory of bytes that nobody reads again. Left to the collector it is given back when there are so many
 * megabytes of it that everything stops for some ten milliseconds.
 */
function release({ buffer, byteLength }: Buffer): void {
  if (buffer instanceof ArrayBuffer && buffer.byteLength === byteLength) buffer.transfer(0);
}

/** A full disk takes a part of what it is given, and says so at the next write. */
async function writeFully(file: FileHandle, buffers: readonly Buffer[], at: number, length: number): Promise<void> {
  let { bytesWritten: done } = await file.writev(buffers, at);
  while (done < length) {
    const rest = Buffer.concat(buffers).subarray(done);
    const { bytesWritten } = await file.write(rest, 0, rest.length, at + done);
    if (bytesWritten === 0) throw new Error('the file system takes no more and says no reason');
    done += bytesWritten;
  }
}

/** SHA-256 of a whole file as it lies on the disk. */
export async function hashOf(place: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(place, { highWaterMark: batchBytes })) hash.update(chunk as Buffer);
  return hash.digest('hex');
}
