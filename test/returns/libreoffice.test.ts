import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import ExcelJS from 'exceljs';
import { SaxesParser } from 'saxes';
import { afterAll, describe, expect, test } from 'vitest';
import { checkFile } from '../../src/returns/check.ts';
import { markedFile, template } from '../../src/returns/marked.ts';
import { letterOf } from '../../src/returns/reading/columns.ts';
import { sentenceOf } from '../../src/returns/words/words.ts';
import { fileOf } from '../spreadsheet/sheets.ts';
import { columnNames, context, rightLine, table, valuesOf } from './support.ts';

const office = ['/usr/bin/soffice', '/usr/bin/libreoffice'].find((file) => fs.existsSync(file));
if (!office) console.log('skipped: there is no LibreOffice on this machine, so nothing opens our workbooks in it');
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'portal-office-'));
afterAll(() => fs.rmSync(folder, { recursive: true, force: true }));

/** A file as LibreOffice saves it when it has opened it. */
function savedAs(kind: 'fods' | 'xlsx', bytes: Uint8Array): Buffer {
  const name = `${kind}-${crypto.randomUUID()}`;
  fs.writeFileSync(path.join(folder, `${name}.xlsx`), bytes);
  const out = path.join(folder, 'out');
  execFileSync(office ?? '', ['--headless', `-env:UserInstallation=file://${folder}/profile`, '--convert-to', kind, '--outdir', out, path.join(folder, `${name}.xlsx`)], {
    stdio: 'pipe',
    timeout: 120_000,
  });
  return fs.readFileSync(path.join(out, `${name}.${kind}`));
}

interface SeenCell {
  readonly note: string;
  readonly isFormula: boolean;
  readonly style: string;
}

/** Cells with a note or a formula by their names such as B2, in the first sheet of a flat OpenDocument spreadsheet. */
function cellsIn(document: Buffer): Map<string, SeenCell> {
  const found = new Map<string, SeenCell>();
  const parser = new SaxesParser();
  let [row, column, sheets] = [0, 0, 0];
  let cell: { note: string; isFormula: boolean; style: string } | null = null;
  let isNote = false;
  const repeated = (attributes: Record<string, string>, name: string): number => Number(attributes[name] ?? 1);
  parser.on('opentag', ({ name, attributes }) => {
    const given = attributes as Record<string, string>;
    if (name === 'table:table') sheets += 1;
    if (name === 'table:table-row') column = 0;
    if (name === 'table:table-cell') cell = { note: '', isFormula: 'table:formula' in given, style: given['table:style-name'] ?? '' };
    if (name === 'office:annotation') isNote = true;
    if (name === 'text:p' && isNote && cell) cell.note += '\n';
  });
  parser.on('text', (text) => {
    if (isNote && cell) cell.note += text;
  });
  parser.on('closetag', ({ name, attributes }) => {
    const given = attributes as Record<string, string>;
    if (name === 'office:annotation') isNote = false;
    if (name === 'table:table-cell') {
      if (cell && sheets === 1 && (cell.note !== '' || cell.isFormula)) found.set(`${letterOf(column)}${row + 1}`, { ...cell, note: cell.note.trim() });
      cell = null;
    }
    if (name === 'table:table-cell' || name === 'table:covered-table-cell') column += repeated(given, 'table:number-columns-repeated');
    if (name === 'table:table-row') row += repeated(given, 'table:number-rows-repeated');
  });
  parser.write(document.toString()).close();
  return found;
}

async function workbook(...changes: Readonly<Record<string, string | number>>[]): Promise<Uint8Array> {
  const book = new ExcelJS.Workbook();
  const sheet = book.addWorksheet('Salg');
  sheet.addRow(['Vores salg i kvartalet']);
  sheet.addRow([]);
  sheet.addRow([...columnNames]);
  for (const change of changes) sheet.addRow(columnNames.map((name) => ({ ...rightLine, ...change })[name] ?? ''));
  return new Uint8Array(await book.xlsx.writeBuffer());
}

const bytesOf = async (stream: ReadableStream<Uint8Array>): Promise<Uint8Array> => new Uint8Array(await new Response(stream).arrayBuffer());

describe.runIf(office)('in LibreOffice', () => {
  test('a marked workbook opens with each remark at its cell, in colour, and nothing in it is a formula', async () => {
    const file = {
      path: fileOf(
        await workbook({ antal: 'ti' }, {}, { kunde_gln: '5798999900017', varetekst: '=HYPERLINK("http://x";"y")', fakturanummer: '-1+1' }, { beloeb_ekskl_moms: '939,00' }),
      ),
      kind: 'xlsx' as const,
    };
    const report = await checkFile(file, context, 1_000);
    const marked = await bytesOf(await markedFile(file, context, { width: report.width, sheet: 'Linjer', lang: 'da' }));
    const seen = cellsIn(savedAs('fods', marked));
    const atCells = report.findings.filter(({ place }) => place !== null);
    expect(atCells.map(({ code }) => code).sort()).toEqual(['amount-mismatch', 'formula-injection', 'formula-injection', 'gln-check-digit', 'not-a-number']);
    expect(Object.fromEntries([...seen].map(([at, { note }]) => [at, note]))).toEqual(
      Object.fromEntries(atCells.map((finding) => [`${letterOf(finding.place ?? 0)}${finding.line}`, expect.stringContaining(sentenceOf(finding, 'da'))])),
    );
    const styles = new Set([...seen.values()].map(({ style }) => style));
    expect([...seen.values()].some(({ isFormula }) => isFormula)).toBe(false);
    expect([...styles].every((style) => style !== '' && style !== 'Default')).toBe(true);
  });

  test('a template opens with a note on every header; filled in and saved there, it is read as what was typed', async () => {
    const empty = await bytesOf(template(table, 'xlsx', 'da'));
    const seen = cellsIn(savedAs('fods', empty));
    expect([...seen.keys()]).toEqual(columnNames.map((_, at) => `${letterOf(at)}1`));
    const book = new ExcelJS.Workbook();
    await book.xlsx.load(empty.buffer as ArrayBuffer);
    book.worksheets[0]?.addRow(columnNames.map((name) => (name === 'antal' ? 40 : name === 'fakturadato' ? new Date('2026-07-14T00:00:00Z') : (rightLine[name] ?? ''))));
    const saved = savedAs('xlsx', new Uint8Array(await book.xlsx.writeBuffer()));
    const [line = []] = await valuesOf(saved, 'xlsx');
    expect(Object.fromEntries(columnNames.map((name, at) => [name, line[at]]))).toMatchObject({
      kunde_gln: rightLine['kunde_gln'],
      antal: 40,
      enhedspris_ekskl_moms: 23.5,
      fakturadato: '2026-07-14',
      paa_aftale: true,
      miljoemaerke: 'svanemaerket',
    });
  });
});
