import type { Pixels } from '../parsers/pdfium.ts';
import type { PictureSize } from '../parsers/pictures.ts';

export type Colour = [red: number, green: number, blue: number];

/** Averages pixels into a picture of at most that size, a row at a time. */
export function shrinking(from: PictureSize, width: number, height: number): { addRow(y: number, colourAt: (x: number, to: Colour) => void): void; finish(): Pixels } {
  const scale = Math.min(1, width / from.width, height / from.height);
  const to = { width: Math.max(1, Math.floor(from.width * scale)), height: Math.max(1, Math.floor(from.height * scale)) };
  const rgba = new Uint8Array(to.width * to.height * 4).fill(255);
  let sums = new Float64Array(to.width * 4);
  let current = 0;
  const colour: Colour = [0, 0, 0];
  const flush = (): void => {
    for (let x = 0; x < to.width; x += 1)
      for (let each = 0; each < 3; each += 1) rgba[(current * to.width + x) * 4 + each] = (sums[x * 4 + each] ?? 0) / Math.max(1, sums[x * 4 + 3] ?? 1);
    sums = new Float64Array(to.width * 4);
  };
  return {
    addRow(y, colourOf) {
      const target = Math.floor((y * to.height) / from.height);
      if (target !== current) flush();
      current = target;
      for (let x = 0; x < from.width; x += 1) {
        colourOf(x, colour);
        const at = Math.floor((x * to.width) / from.width) * 4;
        for (let each = 0; each < 3; each += 1) sums[at + each] = (sums[at + each] ?? 0) + (colour[each] ?? 0);
        sums[at + 3] = (sums[at + 3] ?? 0) + 1;
      }
    },
    finish() {
      flush();
      return { ...to, rgba };
    },
  };
}
