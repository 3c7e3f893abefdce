import type { TableColumn } from '../../followup/obligation-type.ts';
import type { Language } from '../../i18n/language.ts';
import { unguarded } from '../../spreadsheet/guard.ts';
import { type CheckContext, checkRows, type ReturnFile } from '../check.ts';
import type { Finding } from '../findings.ts';
import { spelled } from '../lines-file.ts';
import { readDay, readQuarter } from '../reading/days.ts';

/** So many lines can be typed or mended on a page; who has more has a spreadsheet. */
export const mostRows = 200;

/** A line as it stands in the sheet: by the place of the column in the return, what was written. */
export interface SheetRow {
  /** The line of the file, so that a message about another line leads to it; where none is kept yet, counted as if there were one. */
  readonly line: number;
  readonly cells: readonly string[];
  readonly findings: readonly Finding[];
}

export interface Sheet {
  readonly rows: readonly SheetRow[];
  /** What is wrong with the header, or with all of it. */
  readonly whole: readonly Finding[];
}

/** The lines of a file as a sheet; null when there are more than one can have. Sums below the lines are left out. Throws as the reading does. */
export async function sheetOf(file: ReturnFile, context: CheckContext, lang: Language): Promise<Sheet | null> {
  const { columns } = context.table;
  const { layout, headerFindings, batches } = await checkRows(file, context);
  const rows: SheetRow[] = [];
  for await (const batch of batches) {
    for (const { row, checked } of batch) {
      if (!checked.counts) continue;
      if (rows.length === mostRows) return null;
      const cells = columns.map((column, at) => {
        const text = unguarded(row.cells[layout.places[at] ?? -1]?.text.trim() ?? '');
        const value = checked.values[at] ?? null;
        if (column.type === 'date' && typeof value === 'string') return dayIn(lang, value);
        // A workbook holds numbers, not the words for them: 1234.5 is shown as 1234,5.
        return file.kind === 'xlsx' && value !== null ? asTyped(spelled(column, value)) : text;
      });
      rows.push({ line: row.line, cells, findings: checked.findings });
    }
  }
  return { rows, whole: headerFindings };
}

/** A day as one types it: 14-07-2026 in Danish. */
const dayIn = (lang: Language, day: string): string => (lang === 'da' ? day.split('-').reverse().join('-') : day);

/** What is kept of a typed cell: days and quarters as templates have them, so that nobody is told how theirs was read; all else as it was typed. */
export function keptCell({ type }: Pick<TableColumn, 'type'>, text: string): string {
  if (type === 'date') return readDay(text)?.day ?? text;
  return type === 'period' ? (readQuarter(text)?.quarter ?? text) : text;
}

const asTyped = (value: ReturnType<typeof spelled>): string => (typeof value === 'number' ? String(value).replace('.', ',') : String(value ?? ''));

/** The name of a cell's field in the form. */
export const cellName = (row: number, column: number): string => `c-${row}-${column}`;

/** The lines of a posted form, those included in which nothing stands. */
export function typedRows(fields: Readonly<Record<string, string>>, columns: number): string[][] {
  const last = Object.keys(fields).reduce((most, name) => Math.max(most, Number(/^c-(\d{1,3})-\d+$/.exec(name)?.[1] ?? -1)), -1);
  return Array.from({ length: Math.min(last + 1, mostRows) }, (_, row) => Array.from({ length: columns }, (__, column) => (fields[cellName(row, column)] ?? '').trim()));
}
