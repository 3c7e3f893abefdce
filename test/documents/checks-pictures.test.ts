import { inflateSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { checkFile } from '../../src/documents/checks/check.ts';
import { firstPage } from '../../src/documents/checks/preview/preview.ts';
import { contentIs, kindOfName } from '../../src/documents/kind.ts';
import { fileWith, mostMemory, outcome } from './checking.ts';
import { catalog, deflatedBomb, onePage, pdf, stream, textPdf } from './made-pdf.ts';
import { exifTurned, heic, heicBox, jpeg, photo, photoTurned, png } from './made-pictures.ts';
import { docxParts, zip } from './made-zip.ts';

const smallZip = zip([{ name: 'a', data: 'a' }]);

describe.concurrent('a picture is whole, of a sane size, and nothing hangs behind it', () => {
  test.for<[string, 'png' | 'jpg' | 'heic', string, Buffer]>([
    ['a PNG', 'png', 'clean', png(10, 10)],
    ['a PNG of 900 megapixels', 'png', 'picture-too-large', png(30_000, 30_000)],
    ['a PNG cut off', 'png', 'unreadable', png(10, 10).subarray(0, 60)],
    ['a PNG of which a bit is another', 'png', 'unreadable', flipped(png(10, 10), 45)],
    ['a PNG with a zip file behind it', 'png', 'hidden-content', Buffer.concat([png(10, 10), smallZip])],
    ['a PNG without a pixel', 'png', 'unreadable', png(0, 10)],
    ['a JPEG that is called PNG', 'png', 'not-the-kind', jpeg(16, 16)],
    ['a JPEG', 'jpg', 'clean', jpeg(100, 50)],
    ['a JPEG with a smaller one behind it, as cameras write', 'jpg', 'clean', jpeg(100, 50, { after: jpeg(16, 16) })],
    ['a JPEG of 400 megapixels', 'jpg', 'picture-too-large', jpeg(20_000, 20_000).subarray(0, 3_000_000).fill(0, 2_999_998)],
    ['a JPEG cut off', 'jpg', 'unreadable', jpeg(800, 800).subarray(0, 400)],
    ['a JPEG with a zip file behind it', 'jpg', 'hidden-content', jpeg(100, 50, { after: smallZip })],
    ['a JPEG with a page of HTML behind it', 'jpg', 'hidden-content', jpeg(100, 50, { after: Buffer.from('<SCRIPT>alert(1)</SCRIPT>') })],
    ['a HEIC', 'heic', 'clean', heic(4_032, 3_024)],
    ['a HEIC of an older camera', 'heic', 'clean', heic(100, 100, { brand: 'mif1' })],
    ['a film that is called HEIC', 'heic', 'not-the-kind', heic(100, 100, { brand: 'isom' })],
    ['a HEIC of 900 megapixels', 'heic', 'picture-too-large', heic(30_000, 30_000)],
    ['a HEIC with other bytes behind it', 'heic', 'unreadable', heic(100, 100, { more: Buffer.from('PK\x03\x04 and more') })],
    ['a HEIC with a box of another kind', 'heic', 'hidden-content', heic(100, 100, { more: heicBox('evil', smallZip) })],
  ])('%s: %s', async ([, kind, expected, bytes], { expect: expects }) => {
    const ended = expected === 'picture-too-large' && kind === 'jpg' ? Buffer.concat([bytes, Buffer.from([0xff, 0xd9])]) : bytes;
    expects(await outcome(kind, ended)).toBe(expected);
  });

  test('the kind is told from the name and from the first bytes', ({ expect: expects }) => {
    expects([kindOfName('IMG_1.HEIC'), kindOfName('noter.txt'), kindOfName('a.exe'), kindOfName('a.pdf.js')]).toEqual(['heic', 'txt', null, null]);
    expects([contentIs('heic', heic(1, 1)), contentIs('heic', jpeg(8, 8)), contentIs('txt', Buffer.from('hej')), contentIs('txt', Buffer.from('h\0'))]).toEqual([
      true,
      false,
      true,
      false,
    ]);
  });
});

function flipped(bytes: Buffer, at: number): Buffer {
  const changed = Buffer.from(bytes);
  changed[at] = (changed[at] ?? 0) ^ 1;
  return changed;
}

/** A picture that firstPage made: its size, and the colour of a pixel. */
function opened(picture: Buffer | null): { width: number; height: number; at(x: number, y: number): number[] } {
  if (!picture) throw new Error('no picture');
  const [width, height] = [picture.readUInt32BE(16), picture.readUInt32BE(20)];
  const start = picture.indexOf('IDAT') + 4;
  const rows = inflateSync(picture.subarray(start, start + picture.readUInt32BE(start - 8)));
  return {
    width,
    height,
    at(x, y) {
      const sums = [0, 0, 0];
      for (let column = 0; column <= x; column += 1)
        for (let each = 0; each < 3; each += 1) sums[each] = ((sums[each] ?? 0) + (rows[y * (width * 3 + 1) + 1 + column * 3 + each] ?? 0)) & 255;
      return sums;
    },
  };
}

describe('the picture of a first page', () => {
  const shown = async (kind: 'pdf' | 'png' | 'jpg' | 'heic', bytes: Buffer) => opened(await firstPage(fileWith(bytes), kind));

  test('of a PDF is 1,200 pixels wide and shows what stands on it', async () => {
    const black = stream('', Buffer.from('0 0 297 842 re f'));
    const picture = await shown('pdf', pdf({ 1: catalog(), ...onePage('/Contents 4 0 R'), 4: black }));
    expect([picture.width, picture.height]).toEqual([1_200, 1_698]);
    expect([picture.at(100, 800), picture.at(1_000, 800)]).toEqual([
      [0, 0, 0],
      [255, 255, 255],
    ]);
  });

  test('of a PDF with a very long page stays within bounds', async () => {
    const picture = await shown('pdf', pdf({ 1: catalog(), 2: '<< /Type /Pages /Kids [3 0 R] /Count 1 >>', 3: '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 100 14000] >>' }));
    expect(picture.width).toBeLessThan(20);
    expect(picture.height).toBeLessThanOrEqual(1_800);
  });

  test('of a PNG is that picture, smaller, laid on white, whatever way its pixels are written', async () => {
    const row = (...samples: number[]): Buffer => Buffer.from([0, ...samples]);
    const red = await shown('png', png(2_400, 2, { rows: Buffer.concat([row(...Array(2_400).fill([255, 0, 0]).flat()), row(...Array(2_400).fill([255, 0, 0]).flat())]) }));
    expect([red.width, red.height, red.at(600, 0)]).toEqual([1_200, 1, [255, 0, 0]]);
    const one = async (options: Parameters<typeof png>[2]): Promise<number[]> => (await shown('png', png(1, 1, options))).at(0, 0);
    expect(await one({ colour: 6, rows: row(0, 0, 255, 0) })).toEqual([255, 255, 255]);
    expect(await one({ colour: 6, rows: row(0, 0, 255, 255) })).toEqual([0, 0, 255]);
    expect(await one({ colour: 4, rows: row(10, 255) })).toEqual([10, 10, 10]);
    expect(await one({ colour: 0, depth: 1, rows: row(0x80) })).toEqual([255, 255, 255]);
    expect(await one({ colour: 0, depth: 16, rows: row(7, 0) })).toEqual([7, 7, 7]);
    expect(await one({ colour: 3, depth: 4, palette: Buffer.from([1, 2, 3, 40, 50, 60]), rows: row(0x10) })).toEqual([40, 50, 60]);
    const filtered = await shown('png', png(3, 2, { colour: 0, rows: Buffer.from([1, 10, 10, 10, 2, 5, 5, 5]) }));
    expect([filtered.at(2, 0)[0], filtered.at(2, 1)[0]]).toEqual([30, 35]);
  });

  test('of a JPEG is that picture, turned as the camera was held', async () => {
    const plain = await shown('jpg', jpeg(160, 80));
    expect([plain.width, plain.height]).toEqual([1_200, 600]);
    expect(plain.at(600, 300)).toEqual([128, 128, 128]);
    const turned = await shown('jpg', jpeg(160, 80, { exif: exifTurned(6) }));
    expect(turned.width / turned.height).toBeCloseTo(0.5, 1);
  });

  test('of a HEIC, as phones make them, is that picture, turned as the phone was held', async () => {
    expect([await outcome('heic', photo), await outcome('heic', photoTurned)]).toEqual(['clean', 'clean']);
    const [lying, upright] = [await shown('heic', photo), await shown('heic', photoTurned)];
    expect([lying.width, lying.height, upright.width, upright.height]).toEqual([64, 48, 48, 64]);
    const colour = ([red = 0, , blue = 0]: number[]): string => (red > 200 && blue < 50 ? 'red' : blue > 200 && red < 50 ? 'blue' : `${red} ${blue}`);
    expect([lying.at(10, 10), lying.at(50, 10), lying.at(10, 40)].map(colour)).toEqual(['red', 'blue', 'red']);
    expect([upright.at(10, 10), upright.at(40, 10), upright.at(10, 50)].map(colour)).toEqual(['red', 'red', 'blue']);
    expect(await firstPage(fileWith(photo.subarray(0, -200)), 'heic')).toBeNull();
    expect(await firstPage(fileWith(heic(6_000, 6_000)), 'heic')).toBeNull();
  });

  test('is not made of other kinds, of what is broken, or of what asks for too much', async () => {
    expect(await firstPage(fileWith(zip(docxParts(['Hej']))), 'docx')).toBeNull();
    expect(await firstPage(fileWith(heic(10, 10)), 'heic')).toBeNull();
    expect(await firstPage(fileWith('%PDF-1.7'), 'pdf')).toBeNull();
    const { filter, data } = deflatedBomb(Buffer.from('BT ET '));
    const bomb = pdf({ 1: catalog(), ...onePage('/Contents 4 0 R'), 4: stream(filter, data) });
    const { result, mostMb } = await mostMemory(() => firstPage(fileWith(bomb), 'pdf'));
    expect(result).toBeNull();
    expect(mostMb).toBeLessThan(300);
    await expect(firstPage('/nowhere/at-all', 'pdf')).rejects.toMatchObject({ code: 'ENOENT' });
  });

  test('of several files at once is made two at a time', async () => {
    const file = fileWith(textPdf(['Hej']));
    const pictures = await Promise.all(Array.from({ length: 5 }, () => firstPage(file, 'pdf')));
    expect(new Set(pictures.map((picture) => picture?.toString('base64'))).size).toBe(1);
  });
});

test('a file that is not there is an error of the system, not of the file', async () => {
  await expect(checkFile('/nowhere/at-all', 'pdf')).rejects.toMatchObject({ code: 'ENOENT' });
});
