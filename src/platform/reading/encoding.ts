import { isUtf8 } from 'node:buffer';

export type Encoding = 'utf-8' | 'utf-16le' | 'utf-16be' | 'windows-1252';

/** Thrown after the last text that could be decoded. */
export class UndecodableText extends Error {}

const windows1252 = new TextDecoder('windows-1252');

/** The encoding that a byte order mark names, and the mark's length in bytes. */
export function byteOrderMark(head: Buffer): { encoding: Encoding; length: number } | undefined {
  if (head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf) return { encoding: 'utf-8', length: 3 };
  if (head[0] === 0xff && head[1] === 0xfe) return { encoding: 'utf-16le', length: 2 };
  if (head[0] === 0xfe && head[1] === 0xff) return { encoding: 'utf-16be', length: 2 };
  return undefined;
}

/** UTF-8 when the head of the file is valid, else Windows-1252. A head that is not the whole file may end within a character. */
export function encodingWithoutMark(head: Buffer, isWholeFile: boolean): Encoding {
  return isUtf8(isWholeFile ? head : head.subarray(0, wholeCharacters(head, 'utf-8'))) ? 'utf-8' : 'windows-1252';
}

/**
 * Decodes piece by piece, also where a character lies across two pieces. `bytes` begin after the byte order mark.
 * Throws UndecodableText when bytes do not fit the encoding, after everything before them has been handed out.
 */
export async function* decoded(bytes: AsyncIterable<Buffer>, encoding: Encoding): AsyncGenerator<string> {
  let left: Buffer = Buffer.alloc(0);
  for await (const chunk of bytes) {
    const piece = left.length > 0 ? Buffer.concat([left, chunk]) : chunk;
    const end = wholeCharacters(piece, encoding);
    left = piece.subarray(end);
    const { text, faulty } = decode(piece.subarray(0, end), encoding);
    if (text) yield text;
    if (faulty) throw new UndecodableText();
  }
  if (left.length > 0) throw new UndecodableText();
}

/** What can be decoded up to the first byte that does not fit. */
export function decode(bytes: Buffer, encoding: Encoding): { text: string; faulty: boolean } {
  if (encoding === 'windows-1252') return { text: windows1252.decode(bytes), faulty: false };
  if (encoding === 'utf-8') {
    const end = isUtf8(bytes) ? bytes.length : validUtf8(bytes);
    return { text: bytes.toString('utf8', 0, end), faulty: end < bytes.length };
  }
  const text = (encoding === 'utf-16be' ? Buffer.from(bytes).swap16() : bytes).toString('utf16le');
  const lone = text.isWellFormed() ? -1 : text.search(/\p{Surrogate}/u);
  return lone < 0 ? { text, faulty: false } : { text: text.slice(0, lone), faulty: true };
}

/** How many bytes there are without a last character that has only begun. */
export function wholeCharacters(bytes: Buffer, encoding: Encoding): number {
  if (encoding === 'windows-1252') return bytes.length;
  if (encoding !== 'utf-8') {
    const even = bytes.length - (bytes.length % 2);
    const high = bytes[even - (encoding === 'utf-16le' ? 1 : 2)] ?? 0;
    return (high & 0xfc) === 0xd8 ? even - 2 : even;
  }
  for (let back = 1; back <= Math.min(3, bytes.length); back += 1) {
    const byte = bytes[bytes.length - back] ?? 0;
    if ((byte & 0xc0) === 0x80) continue;
    const needed = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
    return needed > back ? bytes.length - back : bytes.length;
  }
  return bytes.length;
}

function validUtf8(bytes: Buffer): number {
  const cut = (end: number): Buffer => bytes.subarray(0, wholeCharacters(bytes.subarray(0, end), 'utf-8'));
  let valid = 0;
  let beyond = bytes.length;
  while (valid < beyond) {
    const middle = Math.ceil((valid + beyond) / 2);
    if (isUtf8(cut(middle))) valid = middle;
    else beyond = middle - 1;
  }
  return cut(valid).length;
}
