import fs from 'node:fs';
import path from 'node:path';
import { PDFiumDocument, PDFiumLibrary } from '@hyzyla/pdfium';
import { readAt } from './bytes.ts';

/** The parser has used up its WebAssembly memory. */
export class OutOfMemory extends Error {}

export interface Pixels {
  readonly width: number;
  readonly height: number;
  /** Red, green, blue and opacity, a byte each, row by row from the top. */
  readonly rgba: Uint8Array;
}

/** A PDF opened by pdfium, which runs as WebAssembly: it reaches its own memory and nothing else. */
interface OpenPdf {
  readonly pages: number;
  /** The text of a page, counted from 0. Throws OutOfMemory, or another error when there is no such page. */
  text(page: number): string;
  /** A picture of a page, at most so many pixels wide and high. */
  render(page: number, width: number, height: number): Promise<Pixels>;
}

export async function openPdf(place: string): Promise<OpenPdf> {
  return opened(fs.statSync(place).size, (memory) => {
    const file = fs.openSync(place, 'r');
    const piece = 1 << 20;
    for (let at = 0; at < memory.length; at += piece) memory.set(readAt(file, at, Math.min(piece, memory.length - at)), at);
    fs.closeSync(file);
  });
}

export async function openPdfIn(bytes: Buffer): Promise<OpenPdf> {
  return opened(bytes.length, (memory) => memory.set(bytes));
}

/** The bytes are written straight into pdfium's memory, so that a large file is held once. */
async function opened(sizeBytes: number, fill: (memory: Uint8Array) => void): Promise<OpenPdf> {
  const wasm = fs.readFileSync(path.resolve(import.meta.dirname, '../../../../node_modules/@hyzyla/pdfium/dist/pdfium.wasm'));
  const library = await PDFiumLibrary.init({ wasmBinary: wasm.buffer });
  const module = library['module'];
  return guarded(() => {
    const documentPtr = module.wasmExports.malloc(sizeBytes);
    if (documentPtr === 0) throw new OutOfMemory();
    fill(module.HEAPU8.subarray(documentPtr, documentPtr + sizeBytes));
    const documentIdx = module._FPDF_LoadMemDocument(documentPtr, sizeBytes, 0);
    if (documentIdx === 0) throw new Error(`pdfium says ${module._FPDF_GetLastError()}`);
    const document = new PDFiumDocument({ module, documentPtr, documentIdx });
    return {
      pages: document.getPageCount(),
      text: (number) =>
        guarded(() => {
          const page = document.getPage(number);
          try {
            return page.getText();
          } finally {
            module._FPDF_ClosePage(page['pageIdx']);
          }
        }),
      render: (number, width, height) =>
        guarded(async () => {
          const page = document.getPage(number);
          const size = page.getOriginalSize();
          const scale = Math.min(width / size.originalWidth, height / size.originalHeight);
          const picture = await page.render({ width: size.originalWidth, height: size.originalHeight, scale, renderFormFields: true });
          return { width: picture.width, height: picture.height, rgba: picture.data };
        }),
    };
  });
}

/** pdfium aborts when it cannot have more memory; other traps of WebAssembly are faults of its own. */
function guarded<T>(work: () => T): T {
  const told = (error: unknown): unknown =>
    error instanceof WebAssembly.RuntimeError && error.message.startsWith('Aborted') ? new OutOfMemory('pdfium aborted', { cause: error }) : error;
  try {
    const result = work();
    return result instanceof Promise ? (result.catch((error: unknown) => Promise.reject(told(error))) as T) : result;
  } catch (error) {
    throw told(error);
  }
}
