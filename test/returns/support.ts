import fs from 'node:fs';
import path from 'node:path';
import { type TableField, tableOf } from '../../src/followup/obligation-type.ts';
import { type CheckContext, checkFile, checkRows } from '../../src/returns/check.ts';
import type { Report } from '../../src/returns/check-rows.ts';
import type { CellValue } from '../../src/returns/reading/cells.ts';
import { UnreadableSheet } from '../../src/spreadsheet/read.ts';
import { fileOf } from '../spreadsheet/sheets.ts';
import { writtenContent } from '../support/content.ts';

const type = writtenContent().types.get('salgsstatistik');
if (!type) throw new Error('there is no type salgsstatistik');
export const table: TableField = tableOf(type) as TableField;
export const columnNames: readonly string[] = table.columns.map(({ header }) => header.da);

export const context: CheckContext = {
  table,
  asked: { supplier: '90000004', agreement: 'HTK-2025-014', period: '2026-Q3' },
  facts: { cpvCodes: null, agreement: null },
  today: '2026-11-23',
};

/** The sample returns that the project was given, where they are. */
const samples = path.resolve(process.env['SHARED_DATA'] ?? '../shared/data', 'catalogue');

/** A sample as bytes; null, said aloud, where it is not. */
export function sample(name: string): Buffer | null {
  const file = path.join(samples, name);
  if (fs.existsSync(file)) return fs.readFileSync(file);
  console.log(`skipped: ${name} is not on this machine`);
  return null;
}

export function report(content: string | Uint8Array, { kind = 'csv', ...changed }: Partial<CheckContext> & { kind?: 'csv' | 'xlsx' } = {}): Promise<Report> {
  return checkFile({ path: fileOf(content), kind }, { ...context, ...changed }, 100_000);
}

/** Findings as 'line column code'. */
export async function found(content: string | Uint8Array, changed: Partial<CheckContext> & { kind?: 'csv' | 'xlsx' } = {}): Promise<string[]> {
  return (await report(content, changed)).findings.map(({ line, column, code }) => `${line} ${column ?? '-'} ${code}`);
}

/** What reading came to: the fault as 'code' or 'code in line n', the name of another refusal, or 'read'. */
export async function outcome(content: string | Uint8Array, kind: 'csv' | 'xlsx' = 'csv'): Promise<string> {
  try {
    await report(content, { kind });
    return 'read';
  } catch (error) {
    if (error instanceof UnreadableSheet) return error.message;
    return (error as Error).constructor.name;
  }
}

/** What each line was read as, in the order of the return's columns. */
export async function valuesOf(content: string | Uint8Array, kind: 'csv' | 'xlsx' = 'csv'): Promise<(readonly CellValue[])[]> {
  const values: (readonly CellValue[])[] = [];
  const { batches } = await checkRows({ path: fileOf(content), kind }, context);
  for await (const batch of batches) values.push(...batch.map(({ checked }) => checked.values));
  return values;
}

/** One right line by the Danish names of its columns. */
export const rightLine: Readonly<Record<string, string>> = {
  periode: '2026-Q3',
  aftalenummer: 'HTK-2025-014',
  leverandoer_cvr: '90000004',
  kunde_gln: '5798999900016',
  kunde_navn: 'Eksempelskolen',
  ordrenummer: '4500012345',
  fakturanummer: 'F-1',
  fakturadato: '2026-07-14',
  varenummer: '712345',
  gtin: '5700000000011',
  varetekst: 'Kopipapir A4 80 g',
  unspsc: '14111507',
  cpv: '30197643',
  enhed: 'pakke',
  antal: '40',
  enhedspris_ekskl_moms: '23,50',
  beloeb_ekskl_moms: '940,00',
  paa_aftale: 'ja',
  miljoemaerke: 'svanemaerket',
  oekologisk: 'nej',
  genbrugsindhold_pct: '100',
  leveringsdato: '2026-07-10',
  leveringsform: 'el',
  bemaerkning: '',
};

const quoted = (text: string): string => (/[;"\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

/** A return of these lines, each the right line with some cells changed. */
export function csvOf(...changes: Readonly<Record<string, string>>[]): string {
  const lines = changes.map((change) => ({ ...rightLine, ...change }));
  return [columnNames, ...lines.map((line) => columnNames.map((name) => line[name] ?? ''))].map((cells) => cells.map(quoted).join(';')).join('\r\n');
}
