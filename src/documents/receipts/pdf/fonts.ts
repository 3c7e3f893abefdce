import fs from 'node:fs';
import path from 'node:path';
import { inflateSync } from 'node:zlib';
import { create, type Font } from 'fontkit';

/** The site's typeface with all its letters: names come from all of Europe. */
const files = { regular: 'ibm-plex-sans-400-whole.woff', bold: 'ibm-plex-sans-600-whole.woff' } as const;

export type Weight = keyof typeof files;
type Fonts = Readonly<Record<Weight, Font>>;

let opened: Fonts | undefined;

/** Opened once per process: reading a typeface takes longer than writing a receipt with it. */
export function receiptFonts(): Fonts {
  const open = (name: string): Font => create(unpacked(fs.readFileSync(path.resolve('public/fonts', name))));
  opened ??= { regular: open(files.regular), bold: open(files.bold) };
  return opened;
}

/** The text with each letter that the typeface does not have written as its number, such as [U+4E2D]: a box would tell nobody which it is. */
export function writable(text: string): string {
  const { regular } = receiptFonts();
  return [...text]
    .map((letter) => {
      const code = letter.codePointAt(0) ?? 0;
      return regular.hasGlyphForCodePoint(code) && code >= 0x20 ? letter : `[U+${code.toString(16).toUpperCase().padStart(4, '0')}]`;
    })
    .join('');
}

/** The typeface out of its packed form (WOFF 1.0), so that its tables are not unpacked anew each time one is looked at: a receipt takes 40 ms instead of 400. */
function unpacked(woff: Buffer): Buffer {
  const count = woff.readUInt16BE(12);
  const tables = Array.from({ length: count }, (_, index) => {
    const entry = woff.subarray(44 + index * 20);
    const [start, packed, size] = [4, 8, 12].map((at) => entry.readUInt32BE(at)) as [number, number, number];
    const bytes = woff.subarray(start, start + packed);
    return { tag: entry.subarray(0, 4), checksum: entry.subarray(16, 20), bytes: packed < size ? inflateSync(bytes) : bytes };
  });
  const head = Buffer.alloc(12 + count * 16);
  woff.copy(head, 0, 4, 8);
  head.writeUInt16BE(count, 4);
  let offset = head.length;
  const parts = [head];
  for (const [index, { tag, checksum, bytes }] of tables.entries()) {
    const at = 12 + index * 16;
    tag.copy(head, at);
    checksum.copy(head, at + 4);
    head.writeUInt32BE(offset, at + 8);
    head.writeUInt32BE(bytes.length, at + 12);
    // Tables begin at multiples of four.
    const padded = Buffer.concat([bytes, Buffer.alloc(-bytes.length & 3)]);
    parts.push(padded);
    offset += padded.length;
  }
  return Buffer.concat(parts);
}
