import type { TableField } from '../followup/obligation-type.ts';
import { readBatches } from '../spreadsheet/read.ts';
import { type Against, type CheckedReturn, checkOpened, type OpenReturn, openRows, type Report, reportOn } from './check-rows.ts';

export interface ReturnFile {
  readonly path: string;
  readonly kind: 'csv' | 'xlsx';
}

export interface CheckContext extends Against {
  readonly signal?: AbortSignal | undefined;
}

/** A file that nobody has vouched for is read within these; a return of a million lines fits. */
export const limits = { columns: 200, cellLength: 20_000, seconds: 120 };

/** Opens a file in a process of its own, which ends when the iteration does. Throws UnreadableSheet, or NoHeader. */
export function openReturn({ path, kind }: ReturnFile, table: TableField, signal?: AbortSignal): Promise<OpenReturn> {
  return openRows(readBatches(path, { kind, limits, ...(signal && { signal }) }), table);
}

/** Every row of a file with what was found in it. Throws as openReturn and the reading do. */
export async function checkRows(file: ReturnFile, context: CheckContext): Promise<CheckedReturn> {
  return checkOpened(await openReturn(file, context.table, context.signal), context);
}

/** Reads a file to its end and tells what it holds. Memory does not grow with the file. Throws UnreadableSheet, or NoHeader. */
export async function checkFile(file: ReturnFile, context: CheckContext, mostFindings: number): Promise<Report> {
  const reading = reportOn(await checkRows(file, context), context, mostFindings);
  for (;;) {
    const { done, value } = await reading.next();
    if (done) return value;
  }
}
