import fs from 'node:fs';
import path from 'node:path';
import startLibheif from 'libheif-js/libheif-wasm/libheif.js';
import type { Pixels } from '../parsers/pdfium.ts';
import type { PictureSize } from '../parsers/pictures.ts';
import { shrinking } from './shrink.ts';

/** What the package adds in JavaScript, which its types leave out. */
interface Libheif {
  readonly HeifDecoder: new () => { decode(file: Uint8Array): HeifImage[] };
}

interface HeifImage {
  get_width(): number;
  get_height(): number;
  is_primary(): boolean;
  display(target: PictureSize & { readonly data: Uint8ClampedArray }, done: (filled: unknown) => void): void;
}

/** Cameras make twelve or twenty-four megapixels; unpacked, each takes twelve bytes. */
const mostPixels = 25_000_000;

/**
 * The main picture of a HEIC, turned as the camera was held, made smaller, laid on white. libheif runs as WebAssembly: it reaches its own memory and nothing else.
 * Throws on larger ones than cameras make, and on what it cannot unpack.
 */
export async function decodeHeic(place: string, size: PictureSize, width: number, height: number): Promise<Pixels> {
  if (size.width * size.height > mostPixels) throw new Error('too large for a picture');
  const wasmBinary = fs.readFileSync(path.resolve(import.meta.dirname, '../../../../node_modules/libheif-js/libheif-wasm/libheif.wasm'));
  const { HeifDecoder } = startLibheif({ wasmBinary }) as unknown as Libheif;
  const pictures = new HeifDecoder().decode(fs.readFileSync(place));
  const picture = pictures.find((each) => each.is_primary()) ?? pictures[0];
  if (!picture) throw new Error('no picture in it');
  const whole = { width: picture.get_width(), height: picture.get_height() };
  if (whole.width * whole.height > mostPixels) throw new Error('larger than it said');
  const data = new Uint8ClampedArray(whole.width * whole.height * 4);
  await new Promise<void>((resolve, reject) => picture.display({ ...whole, data }, (filled) => (filled ? resolve() : reject(new Error('cannot be unpacked')))));
  const small = shrinking(whole, width, height);
  for (let y = 0; y < whole.height; y += 1)
    small.addRow(y, (x, to) => {
      const at = (y * whole.width + x) * 4;
      const opacity = (data[at + 3] ?? 255) / 255;
      for (let each = 0; each < 3; each += 1) to[each] = (data[at + each] ?? 0) * opacity + 255 * (1 - opacity);
    });
  return small.finish();
}
