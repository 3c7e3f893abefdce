import type { FileHandle } from 'node:fs/promises';
import { pipeline, Readable } from 'node:stream';
import { crc32, createInflateRaw } from 'node:zlib';

export interface ZipPart {
  readonly name: string;
  /** Where its header stands in the file. */
  readonly offset: number;
  readonly packedSize: number;
  readonly size: number;
  readonly crc: number;
  readonly method: number;
  readonly isEncrypted: boolean;
  /** A link to another file (Unix), instead of a file. */
  readonly isLink: boolean;
}

/**
 * What is wrong with a zip file. 'outside': a name that leads out of the folder; 'overlap': parts that lie over each other;
 * 'other-bytes': a part that is not what the directory says of it.
 */
export type ZipFaultCode = 'broken' | 'too-many-parts' | 'too-large' | 'encrypted' | 'outside' | 'twice' | 'overlap' | 'other-bytes';

export class ZipFault extends Error {
  readonly code: ZipFaultCode;
  constructor(code: ZipFaultCode, options?: ErrorOptions) {
    super(code, options);
    this.code = code;
  }
}

const mostParts = 10_000;
const largestDirectory = 20_000_000;
const longestComment = 65_535;
const endSize = 22;
const pieceBytes = 65_536;

/** The parts of a zip file by their name in lower case, from the directory at its end. Throws ZipFault; for more than ten thousand parts too. */
export async function zipParts(file: FileHandle): Promise<ReadonlyMap<string, ZipPart>> {
  const { start, size, count } = await findDirectory(file);
  if (count > mostParts || size > largestDirectory) throw new ZipFault('too-many-parts');
  const directory = await readAt(file, start, size);
  const parts = new Map<string, ZipPart>();
  let at = 0;
  for (let index = 0; index < count; index += 1) {
    if (at + 46 > size || directory.readUInt32LE(at) !== 0x02014b50) throw new ZipFault('broken');
    const nameEnd = at + 46 + directory.readUInt16LE(at + 28);
    const extraEnd = nameEnd + directory.readUInt16LE(at + 30);
    if (extraEnd > size) throw new ZipFault('broken');
    const part = partAt(directory, at, nameEnd, extraEnd);
    if (part.name.split(/[/\\]/).includes('..')) throw new ZipFault('outside');
    if (parts.has(part.name.toLowerCase())) throw new ZipFault('twice');
    parts.set(part.name.toLowerCase(), part);
    at = extraEnd + directory.readUInt16LE(at + 32);
  }
  refuseOverlaps([...parts.values()], start);
  return parts;
}

/**
 * The unpacked bytes of a part, piece by piece. Throws ZipFault: 'too-large' when the part says that it comes to more than `limitBytes`, or to more than
 * fifty megabytes and two hundred times what they are packed in; 'other-bytes' as soon as there are more bytes than the part says, or at the end others.
 */
export async function* unpacked(file: FileHandle, part: ZipPart, limitBytes: number): AsyncGenerator<Buffer> {
  if (part.isEncrypted) throw new ZipFault('encrypted');
  if (part.method !== 0 && part.method !== 8) throw new ZipFault('broken');
  if (part.size > limitBytes || (part.size > 50_000_000 && part.size > 200 * part.packedSize)) throw new ZipFault('too-large');
  const { start } = await headerOf(file, part);
  const packed = Readable.from(stretch(file, start, part.packedSize), { objectMode: false });
  const stream = part.method === 0 ? packed : inflated(packed);
  let size = 0;
  let crc = 0;
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > part.size) throw new ZipFault('other-bytes');
      crc = crc32(chunk, crc);
      yield chunk;
    }
  } catch (error) {
    throw error instanceof ZipFault ? error : new ZipFault('broken', { cause: error });
  } finally {
    stream.destroy();
  }
  if (size !== part.size || crc !== part.crc) throw new ZipFault('other-bytes');
}

/** What stands before the bytes of a part: the name that readers see which pass over the directory, and where the bytes begin. Throws ZipFault('broken'). */
export async function headerOf(file: FileHandle, part: ZipPart): Promise<{ readonly name: string; readonly method: number; readonly start: number }> {
  const header = await readAt(file, part.offset, 30);
  if (header.readUInt32LE(0) !== 0x04034b50) throw new ZipFault('broken');
  const nameLength = header.readUInt16LE(26);
  const name = (await readAt(file, part.offset + 30, nameLength)).toString();
  return { name, method: header.readUInt16LE(8), start: part.offset + 30 + nameLength + header.readUInt16LE(28) };
}

function inflated(packed: Readable): Readable {
  const inflate = createInflateRaw({ chunkSize: pieceBytes });
  pipeline(packed, inflate, () => {
    // The reader of the stream gets the error.
  });
  return inflate;
}

/** The bytes of a stretch of the file, piece by piece. Throws ZipFault('broken') when the file ends before. */
export async function* stretch(file: FileHandle, start: number, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < size; at += pieceBytes) yield await readAt(file, start + at, Math.min(pieceBytes, size - at));
}

function partAt(directory: Buffer, at: number, nameEnd: number, extraEnd: number): ZipPart {
  const extra = wideNumbers(directory.subarray(nameEnd, extraEnd));
  const number = (position: number): number => {
    const value = directory.readUInt32LE(position);
    return value === 0xffffffff ? extra() : value;
  };
  // The order in which the wide numbers stand in the extra field.
  const size = number(at + 24);
  const packedSize = number(at + 20);
  const offset = number(at + 42);
  return {
    name: directory.toString('utf8', at + 46, nameEnd),
    size,
    packedSize,
    offset,
    crc: directory.readUInt32LE(at + 16),
    method: directory.readUInt16LE(at + 10),
    isEncrypted: (directory.readUInt16LE(at + 8) & 1) === 1,
    isLink: (directory.readUInt16LE(at + 40) & 0xf000) === 0xa000,
  };
}

/** The 64-bit numbers of the zip64 extra field, one per call. */
function wideNumbers(extra: Buffer): () => number {
  let at = 0;
  while (at + 4 <= extra.length && extra.readUInt16LE(at) !== 1) at += 4 + extra.readUInt16LE(at + 2);
  at += 4;
  return () => {
    if (at + 8 > extra.length) throw new ZipFault('broken');
    at += 8;
    return Number(extra.readBigUInt64LE(at - 8));
  };
}

async function findDirectory(file: FileHandle): Promise<{ start: number; size: number; count: number }> {
  const { size: fileSize } = await file.stat();
  const tailStart = Math.max(0, fileSize - endSize - longestComment);
  const tail = await readAt(file, tailStart, fileSize - tailStart);
  let at = tail.length - endSize;
  while (at >= 0 && !(tail.readUInt32LE(at) === 0x06054b50 && at + endSize + tail.readUInt16LE(at + 20) === tail.length)) at -= 1;
  if (at < 0) throw new ZipFault('broken');
  let found = { start: tail.readUInt32LE(at + 16), size: tail.readUInt32LE(at + 12), count: tail.readUInt16LE(at + 10) };
  if (found.start === 0xffffffff || found.size === 0xffffffff || found.count === 0xffff) {
    if (at < 20 || tail.readUInt32LE(at - 20) !== 0x07064b50) throw new ZipFault('broken');
    const wide = await readAt(file, Number(tail.readBigUInt64LE(at - 12)), 56);
    if (wide.readUInt32LE(0) !== 0x06064b50) throw new ZipFault('broken');
    found = { start: Number(wide.readBigUInt64LE(48)), size: Number(wide.readBigUInt64LE(40)), count: Number(wide.readBigUInt64LE(32)) };
  }
  if (found.start + found.size > tailStart + at) throw new ZipFault('broken');
  return found;
}

/** Parts that share bytes are how a small file unpacks to a huge one without a high ratio in any of them. */
function refuseOverlaps(parts: readonly ZipPart[], directoryStart: number): void {
  let free = 0;
  for (const part of parts.toSorted((a, b) => a.offset - b.offset)) {
    if (part.offset < free) throw new ZipFault('overlap');
    free = part.offset + 30 + Buffer.byteLength(part.name) + part.packedSize;
  }
  if (free > directoryStart) throw new ZipFault('overlap');
}

async function readAt(file: FileHandle, start: number, length: number): Promise<Buffer> {
  if (!Number.isSafeInteger(start)) throw new ZipFault('broken');
  const buffer = Buffer.alloc(length);
  let filled = 0;
  while (filled < length) {
    const { bytesRead } = await file.read(buffer, filled, length - filled, start + filled);
    if (bytesRead === 0) throw new ZipFault('broken');
    filled += bytesRead;
  }
  return buffer;
}
