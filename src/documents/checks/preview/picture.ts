import fs from 'node:fs';
import type { FileKind } from '../../kind.ts';
import { openPdf, openPdfIn } from '../parsers/pdfium.ts';
import { checkPicture } from '../parsers/pictures.ts';
import { decodeHeic } from './heic.ts';
import { pdfAround } from './jpeg.ts';
import { decodePng, encodePng } from './png.ts';

const width = 1_200;
const height = 1_800;

/** The first page, or the picture, as PNG; no bytes when it is of a kind that we make no picture of. */
export async function pictureOf(place: string, kind: FileKind): Promise<Buffer> {
  if (kind === 'pdf') return encodePng(await (await openPdf(place)).render(0, width, height));
  if (kind === 'png') return encodePng(await decodePng(place, checkPicture('png', fs.openSync(place, 'r')), width, height));
  if (kind === 'jpg') return encodePng(await (await openPdfIn(pdfAround(fs.readFileSync(place), checkPicture('jpg', fs.openSync(place, 'r'))))).render(0, width, height));
  if (kind === 'heic') return encodePng(await decodeHeic(place, checkPicture('heic', fs.openSync(place, 'r')), width, height));
  return Buffer.alloc(0);
}
