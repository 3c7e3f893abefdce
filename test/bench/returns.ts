import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parse } from 'csv-parse';
import ExcelJS from 'exceljs';
import { z } from 'zod';
import { cvrFits } from '../../src/agreements/cvr.ts';
import { loadContent } from '../../src/content/load.ts';
import { type TableField, tableOf } from '../../src/followup/obligation-type.ts';
import { checkFile } from '../../src/returns/check.ts';
import { checkedLines } from '../../src/returns/kept/checked-lines.ts';
import { gs1Fits } from '../../src/returns/reading/cells.ts';
import { readRows } from '../../src/spreadsheet/read.ts';
import { machine, table } from './measure.ts';

function salesTable(): TableField {
  const type = loadContent().content?.types.get('salgsstatistik');
  const lines = type && tableOf(type);
  if (!lines) throw new Error('there is no type salgsstatistik with lines');
  return lines;
}

/** A return of many lines checked, beside csv-parse and zod on the same file: fewer rules, one process, one Danish spelling. */
export async function returns(): Promise<void> {
  const count = Number(process.env['BENCH_LINES'] ?? 250_000);
  const lines = salesTable();
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'portal-bench-'));
  try {
    const file = path.join(folder, 'salg.csv');
    const names = lines.columns.map(({ header }) => header.da);
    await writeReturn(file, names, count);
    const context = { table: lines, asked: { supplier: '90000004', agreement: '2026-014', period: '2026-Q3' }, facts: { cpvCodes: null, agreement: null }, today: '2026-11-23' };
    const ours = await measured(async () => (await checkFile({ path: file, kind: 'csv' }, context, 200)).rows);
    const theirs = await measured(() => byZod(file, names));
    if (ours.rows !== count || theirs.rows !== count) throw new Error(`${ours.rows} and ${theirs.rows} lines of ${count}`);
    console.log(`\nreturns: ${machine()}; ${count} lines of ${names.length} columns, ${Math.round(fs.statSync(file).size / 1e6)} MB`);
    table(
      ['check of a return', 'lines a second', 'of the peer', 'lines per second of processor', 'peak MB above idle', 'peak MB of the reading process'],
      [ours, theirs].map((each, index) => [
        index === 0 ? 'ours: any spelling, all rules, a process of its own for reading' : 'peer: csv-parse and zod, types, check digits, product and duplicates',
        Math.round(each.rate),
        (each.rate / theirs.rate).toFixed(2),
        Math.round(each.perCpu),
        each.memory,
        each.child || 'none',
      ]),
    );
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

/** P13: a workbook of many lines read and checked for keeping, beside exceljs's streaming reader, which only reads it. */
export async function workbook(): Promise<void> {
  const count = Number(process.env['BENCH_LINES'] ?? 210_000);
  const lines = salesTable();
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'portal-bench-'));
  try {
    const csv = path.join(folder, 'salg.csv');
    const names = lines.columns.map(({ header }) => header.da);
    await writeReturn(csv, names, count);
    const file = path.join(folder, 'salg.xlsx');
    const out = new ExcelJS.stream.xlsx.WorkbookWriter({ filename: file, useSharedStrings: true });
    const sheet = out.addWorksheet('Salg');
    for await (const { cells } of readRows(csv, { kind: 'csv' }))
      sheet.addRow(cells.map(({ text }) => (/^\d+(,\d+)?$/.test(text) && text.length < 9 ? Number(text.replace(',', '.')) : text))).commit();
    await out.commit();
    const context = { table: lines, asked: { supplier: '90000004', agreement: '2026-014', period: '2026-Q3' }, facts: { cpvCodes: null, agreement: null }, today: '2026-11-23' };
    const ours = await measured(async () => {
      let rows = 0;
      const reading = checkedLines({ path: file, kind: 'xlsx' }, context, 200);
      for (let next = await reading.next(); !next.done; next = await reading.next()) rows += next.value.lines;
      return rows;
    });
    const theirs = await measured(async () => {
      let rows = -1;
      for await (const each of new ExcelJS.stream.xlsx.WorkbookReader(file, { sharedStrings: 'cache', worksheets: 'emit' })) for await (const _ of each) rows += 1;
      return rows;
    });
    if (ours.rows !== count || theirs.rows !== count) throw new Error(`${ours.rows} and ${theirs.rows} lines of ${count}`);
    console.log(`\nworkbook: ${machine()}; ${count} lines of ${names.length} columns, ${Math.round(fs.statSync(file).size / 1e6)} MB`);
    table(
      ['a workbook', 'lines a second', 'of the peer', 'peak MB above idle', 'peak MB of the reading process'],
      [ours, theirs].map((each, index) => [
        index === 0 ? 'ours: read, checked by every rule, ready for COPY' : 'peer: exceljs, streaming, read only',
        Math.round(each.rate),
        (each.rate / theirs.rate).toFixed(2),
        each.memory,
        each.child || 'none',
      ]),
    );
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

/** A dozen schools buy in turn, each its own things: as the lists of a wholesaler are, sorted by delivery and not by what is bought. */
const buyers = Array.from({ length: 12 }, (_, at) => {
  const digits = `5798999900${String(at * 7).padStart(2, '0')}`;
  return `${digits}${Array.from('0123456789').find((last) => gs1Fits(digits + last))}`;
});
const goods = [
  { cpv: '30197643', unit: 'pakke', ecolabel: 'svanemaerket', organic: 'nej' },
  { cpv: '15811100', unit: 'stk', ecolabel: '', organic: 'ja' },
  { cpv: '39831200', unit: 'liter', ecolabel: 'eu-blomsten', organic: 'nej' },
  { cpv: '33760000', unit: 'kasse', ecolabel: 'fsc', organic: 'nej' },
  { cpv: '03221000', unit: 'kg', ecolabel: '', organic: 'nej' },
];

/** Some hundred bytes a line, from the number of the line alone. */
export async function writeReturn(file: string, names: readonly string[], count: number, agreement = '2026-014'): Promise<void> {
  const out = fs.createWriteStream(file);
  out.write(`\ufeff${names.join(';')}\r\n`);
  for (let at = 0; at < count; at += 1) {
    const [quantity, cents] = [1 + (at % 40), 325 + (at % 977)];
    const day = `2026-0${7 + (at % 3)}-${String(1 + (at % 28)).padStart(2, '0')}`;
    const money = (value: number): string => (value / 100).toFixed(2).replace('.', ',');
    const { cpv, unit, ecolabel, organic } = goods[(at * 7 + (at >> 3)) % goods.length] ?? { cpv: '', unit: '', ecolabel: '', organic: '' };
    const cells = [
      ...['2026-Q3', agreement, '90000004', buyers[at % 12], `Eksempelskolen ${at % 12}`, `4500${at}`, `F-${Math.floor(at / 5)}`, day],
      ...[700_000 + (at % 500), '', `Vare nr. ${at % 500} til køkken og kontor`, '', cpv, unit, quantity, money(cents), money(quantity * cents)],
      ...[at % 9 === 0 ? 'nej' : 'ja', ecolabel, organic, at % 4 === 0 ? 100 : '', day, at % 3 === 0 ? 'el' : 'diesel', ''],
    ];
    if (!out.write(`${cells.join(';')}\r\n`)) await once(out, 'drain');
  }
  await new Promise<void>((resolve) => {
    out.end(() => resolve());
  });
}

interface Measured {
  readonly rows: number;
  readonly rate: number;
  readonly perCpu: number;
  readonly memory: number;
  readonly child: number;
}

async function measured(work: () => Promise<number>): Promise<Measured> {
  const idle = process.memoryUsage().rss;
  let [most, child, childCpu] = [idle, 0, 0];
  const timer = setInterval(() => {
    most = Math.max(most, process.memoryUsage().rss);
    const [id] = fs.readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8').split(' ').filter(Boolean);
    if (!id) return;
    try {
      child = Math.max(child, Number(/VmHWM:\s+(\d+)/.exec(fs.readFileSync(`/proc/${id}/status`, 'utf8'))?.[1] ?? 0) / 1_024);
      const fields = fs
        .readFileSync(`/proc/${id}/stat`, 'utf8')
        .replace(/^.*\) /, '')
        .split(' ');
      childCpu = Math.max(childCpu, (Number(fields[11]) + Number(fields[12])) / 100);
    } catch {
      // It has just ended.
    }
  }, 20);
  const before = process.cpuUsage();
  const startedAt = performance.now();
  const rows = await work();
  const seconds = (performance.now() - startedAt) / 1_000;
  clearInterval(timer);
  const { user, system } = process.cpuUsage(before);
  return { rows, rate: rows / seconds, perCpu: rows / ((user + system) / 1e6 + childCpu), memory: Math.round((most - idle) / 2 ** 20), child: Math.round(child) };
}

const danish = z
  .string()
  .regex(/^-?\d+(,\d+)?$/)
  .transform((text) => Number(text.replace(',', '.')));
const maybe = <Schema extends z.ZodType>(schema: Schema) => z.literal('').or(schema);
const yesNo = z.enum(['ja', 'nej']);
const shape = z
  .object({
    periode: z.literal('2026-Q3'),
    aftalenummer: z.literal('2026-014'),
    leverandoer_cvr: z.literal('90000004').refine(cvrFits),
    kunde_gln: z
      .string()
      .regex(/^\d{13}$/)
      .refine(gs1Fits),
    kunde_navn: z.string().min(1).max(500),
    ordrenummer: z.string().max(500),
    fakturanummer: z.string().min(1).max(500),
    fakturadato: z.iso.date().refine((day) => day >= '2026-07-01' && day <= '2026-09-30'),
    varenummer: z.string().min(1).max(500),
    gtin: maybe(
      z
        .string()
        .regex(/^\d{8,14}$/)
        .refine(gs1Fits),
    ),
    varetekst: z.string().min(1).max(500),
    unspsc: maybe(z.string().regex(/^\d{8}$/)),
    cpv: maybe(z.string().regex(/^\d{8}$/)),
    enhed: z.string().min(1).max(500),
    antal: danish,
    enhedspris_ekskl_moms: danish,
    beloeb_ekskl_moms: danish,
    paa_aftale: yesNo,
    miljoemaerke: maybe(z.enum(['svanemaerket', 'eu-blomsten'])),
    oekologisk: maybe(yesNo),
    genbrugsindhold_pct: maybe(danish),
    leveringsdato: maybe(z.iso.date()),
    leveringsform: maybe(z.enum(['el', 'brint', 'biogas', 'HVO', 'diesel', 'benzin', 'cykel', 'post'])),
    bemaerkning: z.string().max(500),
  })
  .refine((line) => Math.abs(line.antal * line.enhedspris_ekskl_moms - line.beloeb_ekskl_moms) <= 0.0501);

async function byZod(file: string, names: readonly string[]): Promise<number> {
  const seen = new Set<string>();
  let rows = 0;
  let total = 0;
  for await (const line of fs.createReadStream(file).pipe(parse({ delimiter: ';', bom: true, columns: true }))) {
    const { beloeb_ekskl_moms } = shape.parse(line);
    const words = names.map((name) => (line as Record<string, string>)[name]).join('\u001f');
    if (seen.has(words)) throw new Error('a line that comes twice');
    seen.add(words);
    total += Math.round(beloeb_ekskl_moms * 100);
    rows += 1;
  }
  return total > 0 ? rows : 0;
}
