import type { FileHandle } from 'node:fs/promises';
import * as zip from '../../platform/reading/zip.ts';
import { ZipFault, type ZipFaultCode } from '../../platform/reading/zip.ts';
import { type SheetFault, UnreadableSheet } from '../sheet.ts';

export { stretch, type ZipPart } from '../../platform/reading/zip.ts';

const sheetFaults: Readonly<Partial<Record<ZipFaultCode, SheetFault>>> = { 'too-many-parts': 'too-large', 'too-large': 'too-large', encrypted: 'encrypted' };

function asSheetFault(error: unknown): unknown {
  return error instanceof ZipFault ? new UnreadableSheet(sheetFaults[error.code] ?? 'broken', null, { cause: error }) : error;
}

/** The parts of a workbook. What is wrong with it is said as of a sheet. */
export async function zipParts(file: FileHandle): Promise<ReadonlyMap<string, zip.ZipPart>> {
  try {
    return await zip.zipParts(file);
  } catch (error) {
    throw asSheetFault(error);
  }
}

/** The bytes of a part of a workbook. What is wrong with it is said as of a sheet. */
export async function* unpacked(file: FileHandle, part: zip.ZipPart, limitBytes: number): AsyncGenerator<Buffer> {
  try {
    yield* zip.unpacked(file, part, limitBytes);
  } catch (error) {
    throw asSheetFault(error);
  }
}
