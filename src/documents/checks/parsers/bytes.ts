import fs from 'node:fs';

/** Bytes of an open file; fewer where it ends. */
export function readAt(file: number, start: number, length: number): Buffer {
  const buffer = Buffer.alloc(length);
  let filled = 0;
  while (filled < length) {
    const got = fs.readSync(file, buffer, filled, length - filled, start + filled);
    if (got === 0) break;
    filled += got;
  }
  return buffer.subarray(0, filled);
}

const longestComment = 65_535;
const endSize = 22;

/** Whether a file of another kind is a zip file as well: those are read from their end, so one can be hung onto anything. */
export function archiveAtEnd(file: number, sizeBytes: number): boolean {
  const tail = readAt(file, Math.max(0, sizeBytes - endSize - longestComment), Math.min(sizeBytes, endSize + longestComment));
  for (let at = tail.indexOf('PK\x05\x06', 0, 'latin1'); at >= 0; at = tail.indexOf('PK\x05\x06', at + 1, 'latin1'))
    if (at + endSize <= tail.length && at + endSize + tail.readUInt16LE(at + 20) === tail.length) return true;
  return false;
}

const otherKinds = [
  'PK\x03\x04',
  'PK\x05\x06',
  'Rar!\x1a',
  '7z\xbc\xaf',
  '%PDF-',
  '<!doctype',
  '<html',
  '<script',
  '<svg',
  '<?php',
  '#!/',
  'MZ\x90\x00',
  '\x7fELF',
  '{\\rtf',
  '\xd0\xcf\x11\xe0',
];

/** Whether bytes that hang behind the end of a picture hold a file of a kind that can act. */
export function holdsOtherKind(bytes: Buffer): boolean {
  const text = bytes.toString('latin1').toLowerCase();
  return otherKinds.some((start) => text.includes(start.toLowerCase()));
}
