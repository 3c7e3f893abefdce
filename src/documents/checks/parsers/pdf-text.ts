import fs from 'node:fs';
import { type Finding, tooMuch, Unfit } from '../finding.ts';
import { textReader } from '../words/reader.ts';
import { OutOfMemory, openPdf } from './pdfium.ts';

/** More than any document that a person wrote; what follows is not read. */
const mostPages = 2_000;

/** Reads the text of a PDF for what must not be in it. Throws Unfit('text-not-read') when it cannot be read. */
export async function checkPdfText(place: string): Promise<Finding> {
  const words = textReader();
  try {
    const pdf = await openPdf(place);
    for (let page = 0; page < Math.min(pdf.pages, mostPages); page += 1) words.add(`${pdf.text(page)}\n`);
  } catch (error) {
    if (error instanceof OutOfMemory) throw new Unfit(tooMuch(fs.statSync(place).size, 'took-too-much-memory'), { cause: error });
    throw new Unfit('text-not-read', { cause: error });
  }
  return words.finish();
}
