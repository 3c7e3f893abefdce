import { parse } from 'csv-parse/sync';
import ExcelJS from 'exceljs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type CheckContext, checkFile } from '../../src/returns/check.ts';
import { linesFile } from '../../src/returns/lines-file.ts';
import { markedFile } from '../../src/returns/marked.ts';
import type { CellValue } from '../../src/returns/reading/cells.ts';
import { fileOf } from '../spreadsheet/sheets.ts';
import { columnNames, context, csvOf, found, rightLine, table, valuesOf } from './support.ts';

/** Each run starts a process that reads a file, so these are few and their files long. */
const numRuns = 8;
const mostLines = 60;

const letters = 'abcdefghijklmnopqrstuvwxyzæøåABCDEFGÆØÅ';
const word = fc
  .tuple(fc.constantFrom(...letters), fc.string({ unit: fc.constantFrom(...letters, ...'0123456789 -;,"/&'), maxLength: 20 }))
  .map(([first, rest]) => (first + rest).trim());
const day = fc.date({ min: new Date('2026-07-01T12:00:00Z'), max: new Date('2026-09-30T12:00:00Z'), noInvalidDate: true }).map((date) => date.toISOString().slice(0, 10));
const two = (value: number): number => Math.round(value * 100) / 100;

/** A line as it is meant, by the Danish names of its columns. */
const meant: fc.Arbitrary<Record<string, CellValue>> = fc
  .record({
    kunde_navn: word,
    ordrenummer: fc.option(word),
    fakturanummer: word,
    fakturadato: day,
    varenummer: word,
    varetekst: word,
    enhed: word,
    cpv: fc.option(fc.constantFrom('30197643', '03110000')),
    antal: fc.integer({ min: -2_000, max: 2_000 }),
    cents: fc.integer({ min: 1, max: 500_000 }),
    paa_aftale: fc.boolean(),
    oekologisk: fc.option(fc.boolean()),
    miljoemaerke: fc.option(fc.constantFrom('svanemaerket', 'eu-blomsten', 'svanemaerket|eu-blomsten')),
    genbrugsindhold_pct: fc.option(fc.integer({ min: 1, max: 100 })),
    leveringsdato: fc.option(day),
    leveringsform: fc.option(fc.constantFrom('el', 'HVO', 'diesel')),
  })
  .map(({ cents, ...line }) => ({
    ...Object.fromEntries(columnNames.map((name) => [name, null])),
    periode: '2026-Q3',
    aftalenummer: 'HTK-2025-014',
    leverandoer_cvr: '90000004',
    kunde_gln: '5798999900016',
    ...line,
    enhedspris_ekskl_moms: cents / 100,
    beloeb_ekskl_moms: two((line.antal * cents) / 100),
  }));
const lines = fc.array(meant, { minLength: 1, maxLength: mostLines });

const names = table.columns.map(({ header, synonyms = [] }) => [header.da, header.en, header.da.toUpperCase(), header.da.replaceAll('_', ' '), ...synonyms]);
const dialect = fc.record({
  order: fc.shuffledSubarray(
    columnNames.map((_, place) => place),
    { minLength: columnNames.length },
  ),
  named: fc.tuple(...names.map((each) => fc.constantFrom(...each))),
  spelling: fc.array(fc.nat(), { minLength: 7, maxLength: 7 }),
});
const textDialect = fc.record({
  delimiter: fc.constantFrom(';', ',', '\t'),
  end: fc.constantFrom('\r\n', '\n', '\r'),
  encoding: fc.constantFrom('utf8', 'bom', 'latin1', 'utf16'),
  trailing: fc.boolean(),
});
type Dialect = typeof dialect extends fc.Arbitrary<infer Value> ? Value : never;

const dayForms = [
  (at: string) => at,
  (at: string) => at.split('-').reverse().join('-'),
  (at: string) => at.split('-').reverse().join('.'),
  (at: string) => at.split('-').reverse().map(Number).join('/'),
];
const numberForms = [
  (value: number) => String(value).replace('.', ','),
  (value: number) => value.toFixed(2).replace('.', ','),
  (value: number) => new Intl.NumberFormat('da-DK', { minimumFractionDigits: 2 }).format(value),
  (value: number) => `${value.toFixed(2).replace('.', ',')} kr.`,
  (value: number) => (value < 0 ? `${value.toFixed(2).slice(1).replace('.', ',')}-` : value.toFixed(2)),
];
const periodForms = ['2026-Q3', '2026-K3', 'K3 2026', '3. kvartal 2026'];
const yesForms = [
  ['ja', 'nej'],
  ['Ja', 'Nej'],
  ['J', 'N'],
  ['true', 'false'],
] as const;

/** How somebody writes a value in a column. */
function written(name: string, value: CellValue, [d = 0, n = 0, p = 0, y = 0, c = 0, e = 0]: readonly number[]): string {
  if (value === null) return '';
  if (typeof value === 'boolean') return yesForms[y % yesForms.length]?.[value ? 0 : 1] ?? '';
  if (typeof value === 'number') return (numberForms[name === 'antal' ? n % 3 : n % numberForms.length] as (value: number) => string)(value);
  if (name === 'periode') return periodForms[p % periodForms.length] ?? '';
  if (name === 'leverandoer_cvr') return ['90000004', 'DK90000004', '90 00 00 04'][c % 3] ?? '';
  if (name === 'miljoemaerke') return e % 2 ? value.replace('svanemaerket', 'Svanemærket').replace('|', ' | ') : value;
  return /dato$/.test(name) ? (dayForms[d % dayForms.length] as (at: string) => string)(value) : value;
}

function csvIn(
  rows: readonly Record<string, CellValue>[],
  { order, named, spelling }: Dialect,
  { delimiter, end, encoding, trailing }: typeof textDialect extends fc.Arbitrary<infer T> ? T : never,
): Buffer {
  const cell = (text: string): string => (text.includes('"') || text.includes(delimiter) ? `"${text.replaceAll('"', '""')}"` : text);
  const all = [
    order.map((place) => named[place] ?? ''),
    ...rows.map((row) => order.map((place) => written(columnNames[place] ?? '', row[columnNames[place] ?? ''] ?? null, spelling))),
  ];
  const empty = delimiter.repeat(order.length + 2);
  const text = all.map((cells) => cells.map(cell).join(delimiter) + (trailing ? delimiter.repeat(3) : '')).join(end) + (trailing ? end + empty + end + empty : '');
  if (encoding === 'latin1') return Buffer.from(text, 'latin1');
  if (encoding === 'utf16') return Buffer.from(`\ufeff${text}`, 'utf16le');
  return Buffer.from(encoding === 'bom' ? `\ufeff${text}` : text);
}

async function xlsxIn(rows: readonly Record<string, CellValue>[], { order, named, spelling }: Dialect): Promise<Buffer> {
  const book = new ExcelJS.Workbook();
  const sheet = book.addWorksheet('Ark1');
  sheet.addRow(order.map((place) => named[place] ?? ''));
  for (const row of rows)
    sheet.addRow(
      order.map((place) => {
        const name = columnNames[place] ?? '';
        const value = row[name] ?? null;
        if (typeof value === 'number' || value === null) return value;
        if (/dato$/.test(name) && (spelling[6] ?? 0) % 2 === 0) return new Date(`${value}T00:00:00Z`);
        if (/^(leverandoer_cvr|kunde_gln|cpv)$/.test(name) && (spelling[6] ?? 0) % 3 === 0) return name === 'cpv' && String(value).startsWith('0') ? value : Number(value);
        return written(name, value, spelling);
      }),
    );
  return Buffer.from(await book.xlsx.writeBuffer());
}

const canonical = (rows: readonly Record<string, CellValue>[]): CellValue[][] => rows.map((row) => columnNames.map((name) => row[name] ?? null));

describe('a return', () => {
  test('gives the same lines in whatever spelling, order, encoding and dialect its CSV is written', async () => {
    await fc.assert(
      fc.asyncProperty(lines, dialect, textDialect, async (rows, how, text) => {
        expect(await valuesOf(csvIn(rows, how, text))).toEqual(canonical(rows));
      }),
      { numRuns },
    );
  });

  test('gives the same lines when they are written here: as values, or as somebody spells them', async () => {
    await fc.assert(
      fc.asyncProperty(lines, dialect, fc.boolean(), async (rows, { spelling }, asValues) => {
        const given = rows.map((row) => columnNames.map((name) => (asValues ? (row[name] ?? null) : written(name, row[name] ?? null, spelling))));
        const kept = Buffer.from(await new Response(linesFile(table, given)).arrayBuffer());
        expect(await valuesOf(kept)).toEqual(canonical(rows));
        if (asValues) expect(await found(kept)).toEqual([]);
      }),
      { numRuns },
    );
  });

  test('keeps what would be misread, were it written as it is', async () => {
    const odd = { antal: 1.234, enhedspris_ekskl_moms: -2.5, beloeb_ekskl_moms: '-3,09', varetekst: 'to\r\nlinjer', bemaerkning: "'=1+1" };
    const given = columnNames.map((name) => ({ ...rightLine, ...odd })[name] ?? null);
    const [values = []] = await valuesOf(Buffer.from(await new Response(linesFile(table, [given])).arrayBuffer()));
    expect(Object.keys(odd).map((name) => values[columnNames.indexOf(name)])).toEqual([1.234, -2.5, -3.09, 'to linjer', "'=1+1"]);
  });

  test('gives the same lines from a workbook, with numbers and days as such or as texts', async () => {
    await fc.assert(
      fc.asyncProperty(lines, dialect, async (rows, how) => {
        expect(await valuesOf(await xlsxIn(rows, how), 'xlsx')).toEqual(canonical(rows));
      }),
      { numRuns },
    );
  });
});

/** What can be wrong in each column, and what is found then. */
const faults: Readonly<Record<string, readonly (readonly [text: string, code: string])[]>> = {
  periode: [
    ['2026', 'not-a-period'],
    ['', 'required'],
    ['2026-K3', 'period-format-accepted-da'],
  ],
  aftalenummer: [
    ['2024-001', 'wrong-agreement'],
    ['', 'required'],
  ],
  leverandoer_cvr: [
    ['90000005', 'cvr-check-digit'],
    ['90002740', 'wrong-organisation'],
    ['1234', 'cvr-format'],
    ['', 'required'],
  ],
  kunde_gln: [
    ['5798999900017', 'gln-check-digit'],
    ['57989999', 'gln-format'],
    ['5,8E+12', 'number-shortened'],
    ['', 'required'],
  ],
  kunde_navn: [
    ['', 'required'],
    ['=1+1', 'formula-injection'],
  ],
  fakturadato: [
    ['2026-10-01', 'date-outside-period'],
    ['30-02-2026', 'not-a-date'],
    ['14-07-2026', 'date-format-accepted-da'],
    ['', 'required'],
  ],
  gtin: [
    ['5700000000012', 'gtin-check-digit'],
    ['12', 'gtin-format'],
  ],
  varetekst: [
    ['+45 12', 'formula-injection'],
    ['@x', 'formula-injection'],
    ['x'.repeat(600), 'text-too-long'],
    ['', 'required'],
  ],
  unspsc: [['141115', 'unspsc-format']],
  cpv: [
    ['99000000', 'unknown-cpv'],
    ['301', 'cpv-format'],
  ],
  antal: [
    ['ti', 'not-a-number'],
    ['1.234', 'ambiguous-number'],
    ['', 'required'],
  ],
  enhedspris_ekskl_moms: [
    ['1e999', 'number-too-large'],
    ['-', 'not-a-number'],
  ],
  beloeb_ekskl_moms: [
    ['939,94', 'amount-mismatch'],
    ['-940,00', 'amount-mismatch'],
    ['n/a', 'not-a-number'],
    ['', 'required'],
  ],
  paa_aftale: [
    ['måske', 'enum'],
    ['', 'required'],
  ],
  miljoemaerke: [['groen-stjerne', 'unknown-ecolabel']],
  genbrugsindhold_pct: [
    ['101', 'not-a-percentage'],
    ['-1', 'not-a-percentage'],
    ['0,5', 'percent-as-fraction'],
  ],
  leveringsdato: [
    ['1900-01-01', 'date-implausible'],
    ['i går', 'not-a-date'],
  ],
  leveringsform: [['hest', 'enum']],
};
const unreadableNumber = new Set(['not-a-number', 'ambiguous-number', 'number-too-large', 'required']);

interface Faulty {
  readonly csv: string;
  readonly expected: string[];
}
const faultyReturn: fc.Arbitrary<Faulty> = fc
  .record({
    count: fc.integer({ min: 1, max: mostLines }),
    injected: fc.uniqueArray(fc.tuple(fc.nat(mostLines - 1), fc.constantFrom(...Object.keys(faults)), fc.nat()), {
      selector: ([line, column]) => `${line} ${column}`,
      maxLength: 30,
    }),
  })
  .map(({ count, injected }) => {
    const rows: Record<string, string>[] = Array.from({ length: count }, (_, index) => ({ ordrenummer: `O-${index}` }));
    const expected: [number, number, string][] = [];
    for (const [line, column, which] of injected) {
      const [text, code] = faults[column]?.[which % faults[column].length] ?? ['', ''];
      const row = rows[line];
      if (!row) continue;
      row[column] = text;
      expected.push([line + 2, columnNames.indexOf(column), code]);
    }
    // Without a quantity or a price, an amount cannot be held against them.
    const hasNone = (line: number): boolean =>
      expected.some(([at, column, code]) => at === line && /^(antal|enhedspris)/.test(columnNames[column] ?? '') && unreadableNumber.has(code));
    return {
      csv: csvOf(...rows),
      expected: expected
        .filter(([line, , code]) => code !== 'amount-mismatch' || !hasNone(line))
        .sort((a, b) => a[0] - b[0] || a[1] - b[1])
        .map(([line, column, code]) => `${line} ${columnNames[column]} ${code}`),
    };
  });

const findsThemAll = (changed: Partial<CheckContext> = {}) =>
  fc.asyncProperty(faultyReturn, async ({ csv, expected }) => {
    expect(await found(csv, changed)).toEqual(expected);
  });

describe('any set of faults', () => {
  test('is found at exactly its cells, and nothing else is', async () => {
    await fc.assert(findsThemAll(), { numRuns });
  });

  test('this test would notice a rule that is missing, and one that is wrong', async () => {
    const withoutProduct = { ...table, checks: { ...table.checks, product: undefined } };
    const glnAsText = { ...table, columns: table.columns.map((column) => (column.type === 'gln' ? { ...column, type: 'text' as const } : column)) };
    const many = { numRuns: 100, endOnFailure: true };
    for (const broken of [withoutProduct, glnAsText]) expect((await fc.check(findsThemAll({ table: broken }), many)).failed).toBe(true);
    expect(Object.keys(rightLine)).toEqual(columnNames);
  });

  test('is found again at the same cells in the file that comes back marked, in which no cell begins a formula', async () => {
    await fc.assert(
      fc.asyncProperty(faultyReturn, fc.constantFrom('da' as const, 'en' as const), async ({ csv, expected }, lang) => {
        const file = { path: fileOf(csv), kind: 'csv' as const };
        const { width } = await checkFile(file, context, 1);
        const marked = await new Response(await markedFile(file, context, { width, sheet: 'Salg', lang })).text();
        expect(await found(marked)).toEqual(expected);
        const cells = (parse(marked, { delimiter: ';', bom: true }) as string[][]).flat();
        expect(cells.filter((text) => /^[=+@\t\r]/.test(text) || /^-(?![\d.,]+$)/.test(text))).toEqual([]);
      }),
      { numRuns: 4 },
    );
  });

  test('is marked at its cells in a workbook, by colour and note', async () => {
    await fc.assert(
      fc.asyncProperty(faultyReturn, async ({ csv, expected }) => {
        const rows = parse(csv, { delimiter: ';' }) as string[][];
        const book = new ExcelJS.Workbook();
        book.addWorksheet('Ark1').addRows(rows);
        const file = { path: fileOf(Buffer.from(await book.xlsx.writeBuffer())), kind: 'xlsx' as const };
        const { width, findings } = await checkFile(file, context, 1_000);
        const marked = new ExcelJS.Workbook();
        await marked.xlsx.load(await new Response(await markedFile(file, context, { width, sheet: 'Salg', lang: 'da' })).arrayBuffer());
        const [sheet] = marked.worksheets;
        const cells: string[] = [];
        sheet?.eachRow({ includeEmpty: true }, (row, line) =>
          row.eachCell({ includeEmpty: true }, (cell, column) => {
            if (cell.fill?.type === 'pattern' && cell.fill.pattern === 'solid') cells.push(`${line} ${columnNames[column - 1]} ${cell.note ? 'noted' : 'mute'}`);
          }),
        );
        expect(cells).toEqual(findings.map(({ line, column }) => `${line} ${column} noted`));
        expect(findings.map(({ line, column, code }) => `${line} ${column} ${code}`)).toEqual(expected);
      }),
      { numRuns: 4 },
    );
  });
});
