import fs from 'node:fs';
import { crc32 } from 'node:zlib';
import { Unfit } from '../finding.ts';
import { holdsOtherKind, readAt } from './bytes.ts';

/** A hundred megapixels; more than cameras make, less than what it takes to fill a reader's memory (ASVS 5.0 5.2.6). */
export const mostPixels = 100_000_000;

export interface PictureSize {
  readonly width: number;
  readonly height: number;
}

/** Throws Unfit unless the picture is whole, of a sane size, and nothing hangs behind it. */
export function checkPicture(kind: 'png' | 'jpg' | 'heic', file: number): PictureSize {
  const size = { png: readPng, jpg: readJpeg, heic: readHeic }[kind](file, fs.fstatSync(file).size);
  if (size.width === 0 || size.height === 0) throw new Unfit('unreadable');
  if (size.width * size.height > mostPixels) throw new Unfit('picture-too-large');
  return size;
}

const pngStart = '\x89PNG\r\n\x1a\n';
const pieceBytes = 1 << 20;

/** Walks the chunks to IEND and counts each checksum again (PNG, third edition, 5.3). */
function readPng(file: number, sizeBytes: number): PictureSize {
  const head = readAt(file, 0, 33);
  if (!head.toString('latin1').startsWith(pngStart)) throw new Unfit('not-the-kind');
  if (head.toString('latin1', 12, 16) !== 'IHDR' || head.length < 33) throw new Unfit('unreadable');
  let hasPixels = false;
  for (let at = 8; ; ) {
    const start = readAt(file, at, 8);
    if (start.length < 8) throw new Unfit('unreadable');
    const length = start.readUInt32BE(0);
    const type = start.toString('latin1', 4, 8);
    const end = at + 12 + length;
    if (end > sizeBytes || !/^[A-Za-z]{4}$/.test(type)) throw new Unfit('unreadable');
    let sum = 0;
    for (let from = at + 4; from < end - 4; from += pieceBytes) sum = crc32(readAt(file, from, Math.min(pieceBytes, end - 4 - from)), sum);
    if (sum !== readAt(file, end - 4, 4).readUInt32BE(0)) throw new Unfit('unreadable');
    hasPixels ||= type === 'IDAT';
    at = end;
    if (type !== 'IEND') continue;
    if (!hasPixels) throw new Unfit('unreadable');
    if (end !== sizeBytes) throw new Unfit('hidden-content');
    return { width: head.readUInt32BE(16), height: head.readUInt32BE(20) };
  }
}

/** Markers that stand alone, without a length. */
const isLone = (marker: number): boolean => (marker >= 0xd0 && marker <= 0xd7) || marker === 0x01;
/** Frame headers; between them stand tables of other kinds. */
const isFrame = (marker: number): boolean => marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);

/** Walks the markers to the end of the picture (ITU-T T.81, B). What cameras hang behind it (previews, films) may stay, unless it is of a kind that can act. */
function readJpeg(file: number, sizeBytes: number): PictureSize {
  if (readAt(file, 0, 3).toString('latin1') !== '\xff\xd8\xff') throw new Unfit('not-the-kind');
  let size: PictureSize | undefined;
  let at = 2;
  for (;;) {
    const [start = 0, marker = 0] = readAt(file, at, 2);
    if (start !== 0xff || at + 2 > sizeBytes) throw new Unfit('unreadable');
    if (marker === 0xff) {
      at += 1;
      continue;
    }
    if (marker === 0xd9) break;
    if (isLone(marker)) {
      at += 2;
      continue;
    }
    const segment = readAt(file, at + 2, 7);
    if (segment.length < 7) throw new Unfit('unreadable');
    if (isFrame(marker)) size ??= { height: segment.readUInt16BE(3), width: segment.readUInt16BE(5) };
    at += 2 + segment.readUInt16BE(0);
    if (marker === 0xda) at = endOfScan(file, at, sizeBytes);
  }
  if (!size) throw new Unfit('unreadable');
  for (let from = at + 2; from < sizeBytes; from += pieceBytes) if (holdsOtherKind(readAt(file, from, pieceBytes + 16))) throw new Unfit('hidden-content');
  return size;
}

/** Where the next marker stands behind packed pixels, in which FF is followed by 00 or a restart marker. */
function endOfScan(file: number, start: number, sizeBytes: number): number {
  for (let at = start; at < sizeBytes; at += pieceBytes) {
    const bytes = readAt(file, at, pieceBytes + 1);
    for (let place = bytes.indexOf(0xff); place >= 0 && place < pieceBytes && place + 1 < bytes.length; place = bytes.indexOf(0xff, place + 1)) {
      const next = bytes[place + 1] ?? 0;
      if (next !== 0 && next !== 0xff && !isLone(next)) return at + place;
    }
  }
  throw new Unfit('unreadable');
}

const heicBrands = /^(?:heic|heix|heim|heis|mif1|msf1)$/;
/** Boxes of a still picture, or of one with a preview (ISO/IEC 23008-12). */
const heicBoxes = new Set(['ftyp', 'meta', 'mdat', 'moov', 'free', 'skip', 'uuid', 'idat', 'mpvd', 'meco', 'pdin']);

/** Walks the boxes, which must fill the file to its last byte, and takes the largest size that any picture in it has. */
function readHeic(file: number, sizeBytes: number): PictureSize {
  let size: PictureSize | undefined;
  let at = 0;
  while (at < sizeBytes) {
    const { type, start, end } = boxAt(file, at, sizeBytes);
    if (at === 0 && type !== 'ftyp') throw new Unfit('not-the-kind');
    if (at === 0) {
      const brands =
        readAt(file, start, Math.min(end - start, 400))
          .toString('latin1')
          .match(/.{4}/gs) ?? [];
      if (!brands.some((brand, place) => place !== 1 && heicBrands.test(brand))) throw new Unfit('not-the-kind');
    }
    if (!heicBoxes.has(type)) throw new Unfit('hidden-content');
    if (type === 'meta') size ??= largestIn(file, start + 4, end);
    at = end;
  }
  if (!size) throw new Unfit('unreadable');
  return size;
}

function boxAt(file: number, at: number, limit: number): { type: string; start: number; end: number } {
  const head = readAt(file, at, 16);
  if (head.length < 8) throw new Unfit('unreadable');
  const short = head.readUInt32BE(0);
  if (short === 1 && head.length < 16) throw new Unfit('unreadable');
  const length = short === 1 ? Number(head.readBigUInt64BE(8)) : short === 0 ? limit - at : short;
  const start = at + (short === 1 ? 16 : 8);
  if (at + length < start || at + length > limit) throw new Unfit('unreadable');
  return { type: head.toString('latin1', 4, 8), start, end: at + length };
}

/** The largest of the sizes that stand in iprp/ipco/ispe. */
function largestIn(file: number, start: number, end: number): PictureSize | undefined {
  let largest: PictureSize | undefined;
  for (let at = start; at < end; ) {
    const box = boxAt(file, at, end);
    let size: PictureSize | undefined;
    if (box.type === 'iprp' || box.type === 'ipco') size = largestIn(file, box.start, box.end);
    else if (box.type === 'ispe') {
      const bytes = readAt(file, box.start, 12);
      if (bytes.length === 12) size = { width: bytes.readUInt32BE(4), height: bytes.readUInt32BE(8) };
    }
    if (size && size.width * size.height > (largest ? largest.width * largest.height : 0)) largest = size;
    at = box.end;
  }
  return largest;
}
