import type { PictureSize } from '../parsers/pictures.ts';

/**
 * A PDF of one page that is this JPEG, turned as the camera says: so that pdfium, which cannot leave its WebAssembly memory,
 * unpacks it, and no machine code ever reads a stranger's picture.
 */
export function pdfAround(jpeg: Buffer, { width, height }: PictureSize): Buffer {
  const { components, isInverted, turned } = readHeaders(jpeg);
  const space = components === 1 ? '/DeviceGray' : components === 4 ? '/DeviceCMYK' : '/DeviceRGB';
  const decode = components === 4 && isInverted ? '/Decode [1 0 1 0 1 0 1 0]' : '';
  // A page is at most 14,400 points wide and high; only the proportion counts.
  const [w, h] = width > height ? [1_000, (1_000 * height) / width] : [(1_000 * width) / height, 1_000];
  const content = `${w} 0 0 ${h} 0 0 cm /P Do`;
  const objects = [
    '<< /Type /Catalog /Pages 2 0 R >>',
    '<< /Type /Pages /Kids [3 0 R] /Count 1 >>',
    `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 ${w} ${h}] /Rotate ${turned} /Contents 4 0 R /Resources << /XObject << /P 5 0 R >> >> >>`,
    `<< /Length ${content.length} >>\nstream\n${content}\nendstream`,
    `<< /Type /XObject /Subtype /Image /Width ${width} /Height ${height} /ColorSpace ${space} ${decode} /BitsPerComponent 8 /Filter /DCTDecode /Length ${jpeg.length} >>\nstream\n`,
  ];
  const before = `%PDF-1.4\n${objects.map((object, index) => `${index + 1} 0 obj\n${object}`).join('\nendobj\n')}`;
  return Buffer.concat([Buffer.from(before), jpeg, Buffer.from('\nendstream\nendobj\ntrailer << /Root 1 0 R /Size 6 >>\n%%EOF\n')]);
}

/** Degrees clockwise by the orientation that cameras write (Exif 2.32, tag 274); mirrored ones do not come from cameras. */
const turns: Readonly<Record<number, number>> = { 3: 180, 6: 90, 8: 270 };

function readHeaders(jpeg: Buffer): { components: number; isInverted: boolean; turned: number } {
  let [components, isInverted, turned] = [3, false, 0];
  for (let at = 2; at + 10 < jpeg.length; ) {
    const marker = jpeg[at + 1] ?? 0;
    if (marker === 0xda) break;
    const segment = jpeg.subarray(at + 4, at + 2 + jpeg.readUInt16BE(at + 2));
    if (marker >= 0xc0 && marker <= 0xc2) components = segment[5] ?? 3;
    if (marker === 0xee && segment.toString('latin1', 0, 5) === 'Adobe') isInverted = true;
    if (marker === 0xe1 && segment.toString('latin1', 0, 4) === 'Exif') turned = turns[orientationIn(segment.subarray(6))] ?? 0;
    at += 2 + jpeg.readUInt16BE(at + 2);
  }
  return { components, isInverted, turned };
}

function orientationIn(tiff: Buffer): number {
  if (tiff.length < 14) return 1;
  const isLittle = tiff.toString('latin1', 0, 2) === 'II';
  const short = (at: number): number => (at + 2 > tiff.length ? 0 : isLittle ? tiff.readUInt16LE(at) : tiff.readUInt16BE(at));
  const directory = isLittle ? tiff.readUInt32LE(4) : tiff.readUInt32BE(4);
  for (let entry = 0; entry < Math.min(short(directory), 100); entry += 1) if (short(directory + 2 + entry * 12) === 274) return short(directory + 10 + entry * 12);
  return 1;
}
