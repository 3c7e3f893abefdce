import fs from 'node:fs';
import { crc32, createInflate, deflateSync } from 'node:zlib';
import { readAt } from '../parsers/bytes.ts';
import type { Pixels } from '../parsers/pdfium.ts';
import type { PictureSize } from '../parsers/pictures.ts';
import { type Colour, shrinking } from './shrink.ts';

const channels: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };

interface Header extends PictureSize {
  readonly depth: number;
  readonly colour: number;
  readonly palette: Buffer;
  readonly opacity: Buffer;
}

/** Unpacks a PNG row by row and makes it smaller as it goes, so that a hundred megapixels need no more memory than one. Throws on interlaced ones, which nobody makes any more. */
export async function decodePng(place: string, size: PictureSize, width: number, height: number): Promise<Pixels> {
  const file = fs.openSync(place, 'r');
  const { header, data } = readChunks(file, size);
  const small = shrinking(size, width, height);
  const bitsPerPixel = (channels[header.colour] ?? 1) * header.depth;
  const bytesPerPixel = Math.max(1, bitsPerPixel >> 3);
  const rowBytes = Math.ceil((size.width * bitsPerPixel) / 8);
  let before = Buffer.alloc(rowBytes);
  let left = Buffer.alloc(0);
  let y = 0;
  const inflate = createInflate();
  for (const { start, length } of data) inflate.write(readAt(file, start, length));
  inflate.end();
  for await (const chunk of inflate as AsyncIterable<Buffer>) {
    let bytes = left.length > 0 ? Buffer.concat([left, chunk]) : chunk;
    while (bytes.length > rowBytes && y < size.height) {
      const row = Buffer.from(bytes.subarray(1, rowBytes + 1));
      unfilter(bytes[0] ?? 0, row, before, bytesPerPixel);
      small.addRow(y, (x, to) => colourAt(header, row, x, to));
      before = row;
      y += 1;
      bytes = bytes.subarray(rowBytes + 1);
    }
    left = Buffer.from(bytes);
  }
  fs.closeSync(file);
  return small.finish();
}

function readChunks(file: number, size: PictureSize): { header: Header; data: { start: number; length: number }[] } {
  const head = readAt(file, 0, 33);
  if (head[28] !== 0) throw new Error('interlaced');
  let palette: Buffer = Buffer.alloc(0);
  let opacity: Buffer = Buffer.alloc(0);
  const data: { start: number; length: number }[] = [];
  for (let at = 8; ; ) {
    const start = readAt(file, at, 8);
    const type = start.toString('latin1', 4, 8);
    const length = start.readUInt32BE(0);
    if (type === 'PLTE') palette = readAt(file, at + 8, length);
    if (type === 'tRNS') opacity = readAt(file, at + 8, length);
    if (type === 'IDAT') data.push({ start: at + 8, length });
    if (type === 'IEND') break;
    at += 12 + length;
  }
  return { header: { ...size, depth: head[24] ?? 8, colour: head[25] ?? 2, palette, opacity }, data };
}

/** Undoes what was done to a row so that it packs better (PNG, third edition, 9.2). */
function unfilter(filter: number, row: Buffer, above: Buffer, step: number): void {
  for (let at = 0; at < row.length; at += 1) {
    const a = at >= step ? (row[at - step] ?? 0) : 0;
    const b = above[at] ?? 0;
    const c = at >= step ? (above[at - step] ?? 0) : 0;
    const guess = filter === 1 ? a : filter === 2 ? b : filter === 3 ? (a + b) >> 1 : filter === 4 ? paeth(a, b, c) : 0;
    row[at] = (row[at] ?? 0) + guess;
  }
}

function paeth(a: number, b: number, c: number): number {
  const [toA, toB, toC] = [Math.abs(b - c), Math.abs(a - c), Math.abs(a + b - 2 * c)];
  return toA <= toB && toA <= toC ? a : toB <= toC ? b : c;
}

/** The colour of a pixel, laid on white. */
function colourAt({ depth, colour, palette, opacity }: Header, row: Buffer, x: number, to: Colour): void {
  const count = channels[colour] ?? 1;
  const sample = (channel: number): number => {
    if (depth === 8) return row[x * count + channel] ?? 0;
    if (depth === 16) return row[(x * count + channel) * 2] ?? 0;
    const bits = ((row[(x * depth) >> 3] ?? 0) >> (8 - depth - ((x * depth) & 7))) & ((1 << depth) - 1);
    return colour === 3 ? bits : Math.round((bits * 255) / ((1 << depth) - 1));
  };
  const first = sample(0);
  const alpha = (colour === 3 ? (opacity[first] ?? 255) : colour === 4 ? sample(1) : colour === 6 ? sample(3) : 255) / 255;
  for (let each = 0; each < 3; each += 1) {
    const value = colour === 3 ? (palette[first * 3 + each] ?? 0) : count >= 3 ? sample(each) : first;
    to[each] = value * alpha + 255 * (1 - alpha);
  }
}

/** Writes a PNG of red, green and blue; each byte as its difference from the pixel before. */
export function encodePng({ width, height, rgba }: Pixels): Buffer {
  const rows = Buffer.alloc((width * 3 + 1) * height);
  for (let y = 0, at = 0; y < height; y += 1) {
    rows[at++] = 1;
    for (let x = 0; x < width; x += 1)
      for (let each = 0; each < 3; each += 1) {
        const from = (y * width + x) * 4 + each;
        rows[at++] = (rgba[from] ?? 0) - (x > 0 ? (rgba[from - 4] ?? 0) : 0);
      }
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2, 0, 0, 0], 8);
  return Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), chunkOf('IHDR', header), chunkOf('IDAT', deflateSync(rows)), chunkOf('IEND', Buffer.alloc(0))]);
}

function chunkOf(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const chunk = Buffer.alloc(body.length + 8);
  chunk.writeUInt32BE(data.length, 0);
  body.copy(chunk, 4);
  chunk.writeUInt32BE(crc32(body), body.length + 4);
  return chunk;
}
