import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { strToU8, type Zippable, zipSync } from 'fflate';
import { type ReadOptions, readRows, UnreadableSheet } from '../../src/spreadsheet/read.ts';
import { atEnd } from '../support/clean-up.ts';

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'portal-sheets-'));
atEnd(() => fs.rmSync(folder, { recursive: true, force: true }));
let files = 0;

/** A file with these bytes, removed when the tests of the file have ended. */
export function fileOf(content: string | Uint8Array): string {
  files += 1;
  const file = path.join(folder, String(files));
  fs.writeFileSync(file, content);
  return file;
}

/** The rows as [line, texts]. */
export async function rowsOf(file: string, options: ReadOptions): Promise<[number, string[]][]> {
  const rows: [number, string[]][] = [];
  for await (const { line, cells } of readRows(file, options)) rows.push([line, cells.map(({ text }) => text)]);
  return rows;
}

export const csvRows = (content: string | Uint8Array, limits: ReadOptions['limits'] = {}): Promise<[number, string[]][]> => rowsOf(fileOf(content), { kind: 'csv', limits });

/** What the reading came to: the fault as 'code' or 'code in line n', or how many rows. */
export async function outcomeOf(file: string, options: ReadOptions): Promise<string> {
  let rows = 0;
  try {
    for await (const _ of readRows(file, options)) rows += 1;
  } catch (error) {
    if (error instanceof UnreadableSheet) return error.message;
    throw error;
  }
  return `${rows} rows`;
}

export const csvOutcome = (content: string | Uint8Array, limits: ReadOptions['limits'] = {}): Promise<string> => outcomeOf(fileOf(content), { kind: 'csv', limits });

const office = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';

const relationship = (id: string, kind: string, target: string): string => `<Relationship Id="${id}" Type="${office}/${kind}" Target="${target}"/>`;

/** The parts of a workbook of one sheet, written by hand, to be zipped as they are or with others in their place. */
export function workbookParts(sheetData: string, changed: Zippable = {}): Zippable {
  return {
    'xl/worksheets/sheet1.xml': strToU8(`<worksheet><sheetData>${sheetData}</sheetData></worksheet>`),
    '_rels/.rels': strToU8(`<Relationships>${relationship('a', 'officeDocument', '/xl/workbook.xml')}</Relationships>`),
    'xl/workbook.xml': strToU8('<workbook><sheets><sheet name="Ark1" sheetId="1" r:id="a"/></sheets></workbook>'),
    'xl/_rels/workbook.xml.rels': strToU8(
      `<Relationships>${relationship('a', 'worksheet', 'worksheets/sheet1.xml')}${relationship('b', 'sharedStrings', 'sharedStrings.xml')}${relationship('c', 'styles', '/xl/styles.xml')}</Relationships>`,
    ),
    'xl/styles.xml': strToU8('<styleSheet/>'),
    'xl/sharedStrings.xml': strToU8('<sst/>'),
    ...changed,
  };
}

export const xlsxFile = (sheetData: string, changed: Zippable = {}): string => fileOf(zipSync(workbookParts(sheetData, changed)));

/** Processes that this one has started and that read spreadsheets. */
export function readersAlive(): string[] {
  return fs.readdirSync('/proc').filter((pid) => {
    try {
      const parent = /\nPPid:\t(\d+)/.exec(fs.readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
      return parent === String(process.pid) && fs.readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('spreadsheet/reader.ts');
    } catch {
      return false;
    }
  });
}
