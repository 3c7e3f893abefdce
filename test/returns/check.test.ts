import ExcelJS from 'exceljs';
import { describe, expect, test } from 'vitest';
import { openReturn } from '../../src/returns/check.ts';
import { readQuarter } from '../../src/returns/reading/days.ts';
import { readNumber } from '../../src/returns/reading/numbers.ts';
import { fileOf } from '../spreadsheet/sheets.ts';
import { columnNames, csvOf, found, outcome, report, rightLine, sample, table } from './support.ts';

/** What is found in each of some lines in which cells are changed. All are checked as one file. */
async function inLines(changes: readonly Readonly<Record<string, string>>[]): Promise<string[][]> {
  const all = await found(csvOf(...changes.map((change, index) => ({ fakturanummer: `F-${index}`, ...change }))));
  return changes.map((_, index) => all.filter((finding) => finding.startsWith(`${index + 2} `)).map((finding) => finding.replace(/^\d+ /, '')));
}

/** What is found in one line in which some cells are changed, without the line's number. */
const inLine = async (change: Readonly<Record<string, string>>, changed: Parameters<typeof found>[1] = {}): Promise<string[]> =>
  (await found(csvOf(change), changed)).map((finding) => finding.replace(/^2 /, ''));

async function workbook(rows: readonly (readonly unknown[])[], change: (sheet: ExcelJS.Worksheet, book: ExcelJS.Workbook) => void = () => {}): Promise<Buffer> {
  const book = new ExcelJS.Workbook();
  const sheet = book.addWorksheet('Salg');
  for (const row of rows) sheet.addRow([...row]);
  change(sheet, book);
  return Buffer.from(await book.xlsx.writeBuffer());
}
const rightCells = columnNames.map((name) => rightLine[name] ?? '');

describe('the sample returns', () => {
  test('the faulty one has exactly the findings that are expected of it', async () => {
    const [file, expected] = [sample('salgsstatistik-fejl.csv'), sample('salgsstatistik-fejl.expected.json')];
    if (!file || !expected) return;
    const { expected: wanted } = JSON.parse(expected.toString()) as { expected: { line: number; column: string | null; code: string; severity: string }[] };
    const { findings, errors, warnings } = await report(file);
    expect(findings.map(({ line, column, code }) => ({ line, column, code }))).toEqual(wanted.map(({ line, column, code }) => ({ line, column, code })));
    expect({ errors, warnings }).toEqual({
      errors: wanted.filter(({ severity }) => severity === 'error').length,
      warnings: wanted.filter(({ severity }) => severity === 'warning').length,
    });
  });

  test('the right one has no findings and adds up as expected, and its start in Windows-1252 is read the same', async () => {
    const [file, other, expected] = [sample('salgsstatistik-eksempel.csv'), sample('salgsstatistik-eksempel-windows1252.csv'), sample('salgsstatistik-eksempel.expected.json')];
    if (!file || !other || !expected) return;
    const { file: _, rows, ...totals } = JSON.parse(expected.toString()) as Record<string, unknown>;
    expect(await report(file)).toMatchObject({ rows, totals, errors: 0, warnings: 0 });
    expect(await report(other)).toMatchObject({ rows: 30, errors: 0, warnings: 0 });
  });
});

describe('numbers', () => {
  test.each([
    ['1234,5', 1234.5],
    ['1.234,50', 1234.5],
    ['1,234.50', 1234.5],
    ['12.345.678', 12_345_678],
    ['kr. 12,00', 12],
    ['12,50 kr.', 12.5],
    ['1 234,5', 1234.5],
    ['57,80-', -57.8],
    ['\u221257,80', -57.8],
    ['0,125', 0.125],
    ['1234.567', 1234.567],
    ['1,2340', 1.234],
    ['1.234', 'ambiguous-number'],
    ['-1,234', 'ambiguous-number'],
    ['ti', 'not-a-number'],
    ['1.23.4', 'not-a-number'],
    ['1,23E+05', 'number-too-large'],
    ['1e308', 'number-too-large'],
    [`1${'0'.repeat(308)}`, 'number-too-large'],
    ['', 'not-a-number'],
  ] as const)('%s is %s', (text, value) => expect(readNumber(text)).toBe(value));

  test('1.234 is asked about where it is a text, and is one and a bit where a workbook holds it as a number', async () => {
    expect(readNumber('1.234', true)).toBe(1.234);
    const change = (price: unknown): unknown[] =>
      rightCells.map((cell, place) => (columnNames[place] === 'enhedspris_ekskl_moms' ? price : columnNames[place] === 'beloeb_ekskl_moms' ? 49.36 : cell));
    expect(await found(await workbook([columnNames, change(1.234)]), { kind: 'xlsx' })).toEqual([]);
    expect(await found(await workbook([columnNames, change('1.234')]), { kind: 'xlsx' })).toEqual(['2 enhedspris_ekskl_moms ambiguous-number']);
  });
});

describe('days and quarters', () => {
  test.each(['2026-K3', '2026K3', 'K3 2026', 'q3-2026', '3. kvartal 2026', '3. Kvt. 2026', '2026 kvartal 3'])('%s is the third quarter of 2026', (text) =>
    expect(readQuarter(text)).toEqual({ quarter: '2026-Q3', isCanonical: false }),
  );
  test.each(['2026-Q5', '2026', 'Q3', '3 2026', 'juli 2026'])('%s is no quarter', (text) => expect(readQuarter(text)).toBeNull());

  test('an invoice date is read in the ways in which people write it, and an error takes the place of the warning about that', async () => {
    const cases = {
      '14-07-2026': 'date-format-accepted-da',
      '14/7/2026': 'date-format-accepted-da',
      '46217': 'date-number-accepted',
      '20260714': 'date-format-accepted',
      '31-09-2026': 'not-a-date',
      '14-07-26': 'not-a-date',
      '1900-01-01': 'date-outside-period',
      '2099-12-31': 'date-outside-period',
      '14-10-2026': 'date-outside-period',
    };
    expect(await inLines(Object.keys(cases).map((fakturadato) => ({ fakturadato })))).toEqual(Object.values(cases).map((code) => [`fakturadato ${code}`]));
  });

  test('a delivery in 1900 or 2099 cannot be right, and a quarter that has not begun is refused', async () => {
    expect([await inLine({ leveringsdato: '1900-01-01' }), await inLine({ leveringsdato: '2099-01-01' })]).toEqual(Array(2).fill(['leveringsdato date-implausible']));
    expect(await inLine({ periode: '2027-Q1', fakturadato: '2027-01-05' }, { asked: {} })).toEqual(['periode period-in-future']);
  });
});

describe('one line', () => {
  const cases: readonly [Record<string, string>, string[]][] = [
    [{}, []],
    [{ antal: '-40', beloeb_ekskl_moms: '-940,00', bemaerkning: 'Retur' }, []],
    [{ beloeb_ekskl_moms: '940,05' }, []],
    [{ beloeb_ekskl_moms: '940,06' }, ['beloeb_ekskl_moms amount-mismatch']],
    [{ kunde_gln: '' }, ['kunde_gln required']],
    [{ kunde_gln: '5,799E+12' }, ['kunde_gln number-shortened']],
    [{ kunde_gln: '579899990001' }, ['kunde_gln gln-format']],
    [{ leverandoer_cvr: 'DK 90 00 00 04' }, []],
    [{ leverandoer_cvr: '9000000' }, ['leverandoer_cvr cvr-format']],
    [{ gtin: '5700000000010' }, ['gtin gtin-check-digit']],
    [{ cpv: '30197643-7' }, []],
    [{ cpv: '3019764' }, ['cpv cpv-format']],
    [{ cpv: '99999999' }, ['cpv unknown-cpv']],
    [{ miljoemaerke: 'Svanemærket | EU-Blomsten' }, []],
    [{ miljoemaerke: 'svanemaerket|groen-stjerne' }, ['miljoemaerke unknown-ecolabel']],
    [{ leveringsform: 'hest' }, ['leveringsform enum']],
    [{ paa_aftale: 'måske' }, ['paa_aftale enum']],
    [{ genbrugsindhold_pct: '101' }, ['genbrugsindhold_pct not-a-percentage']],
    [{ genbrugsindhold_pct: '0,8' }, ['genbrugsindhold_pct percent-as-fraction']],
    [{ varetekst: '@SUM(1)' }, ['varetekst formula-injection']],
    [{ varetekst: 'x'.repeat(501) }, ['varetekst text-too-long']],
    [{ leverandoer_cvr: '90002740' }, ['leverandoer_cvr wrong-organisation']],
    [{ aftalenummer: 'HTK-2025-015' }, ['aftalenummer wrong-agreement']],
    [{ periode: '2026-Q2', fakturadato: '2026-05-05' }, ['periode wrong-period']],
    [{ antal: '1e308' }, ['antal number-too-large']],
  ];
  test('has the finding that belongs to each fault, and none where it is only written differently', async () => {
    const all = await inLines(cases.map(([change]) => change));
    expect(cases.map(([change], index) => [change, all[index]])).toEqual(cases);
  });

  test('is held against supplier, agreement and period only where they are given', async () => {
    expect(await inLine({ leverandoer_cvr: '90002740', aftalenummer: 'X', periode: '2026-Q2', fakturadato: '2026-05-05' }, { asked: {} })).toEqual([]);
  });

  test('is held against the register: the codes that exist, the period and the suppliers of the agreement', async () => {
    expect(await inLine({}, { facts: { cpvCodes: new Set(['30197644']), agreement: null } })).toEqual(['cpv unknown-cpv']);
    const facts = { cpvCodes: null, agreement: { from: '2026-10-01', to: '2028-09-30', suppliers: ['90002740'] } };
    expect(await found(csvOf({}), { facts })).toEqual(['1 - supplier-not-on-agreement', '2 periode period-outside-agreement']);
    expect(await inLine({}, { facts: { ...facts, agreement: { from: '2026-09-15', to: '2028-09-30', suppliers: ['90000004'] } } })).toEqual([]);
  });
});

describe('the lines together', () => {
  test('a line that comes again, also in another spelling, is told with the line it repeats', async () => {
    const { findings } = await report(csvOf({}, { fakturanummer: 'F-2' }, { fakturadato: '2026-07-14', beloeb_ekskl_moms: '940,0', leverandoer_cvr: 'DK90000004' }));
    expect(findings.map(({ line, code, detail }) => [line, code, detail])).toEqual([[4, 'duplicate-line', '2']]);
  });

  test('a sum below the lines is not counted, empty lines and columns are not there, and a text that was cut in two is noticed', async () => {
    const sum = `I alt${';'.repeat(16)}1.880,00`;
    const file = `${csvOf({}, { fakturanummer: 'F-2' })}\r\n${';'.repeat(23)}\r\n\r\n${sum};;;\r\n`;
    expect(await report(file)).toMatchObject({ rows: 2, errors: 0, totals: { totalOere: 188_000 } });
    expect(await found(file)).toEqual(['6 - total-line']);
    expect(await found(`${csvOf({})}x;mere`)).toEqual(['2 - cells-beyond']);
  });

  test('a header without a column that must be there, with one twice, and with one that nobody knows', async () => {
    const [header = '', line = ''] = csvOf({}).split('\r\n');
    const without = header.replace('kunde_gln', 'rabatkode').replace('bemaerkning', 'CPV-kode');
    expect(await found(`${without}\r\n${line}`)).toEqual(['1 - unknown-column', '1 cpv column-twice', '1 kunde_gln missing-column']);
    expect(await found(header)).toEqual(['1 - no-lines']);
  });

  test('a header is found below a title, and its columns in another order and by other names', async () => {
    const named = csvOf({})
      .replace('leverandoer_cvr', 'Leverandørens CVR')
      .replace('kunde_gln', 'EAN-nummer')
      .replace('antal', 'Qty')
      .replace('beloeb_ekskl_moms', 'Beløb ekskl. moms (kr.)');
    const reversed = named
      .split('\r\n')
      .map((line) => line.split(';').reverse().join(';'))
      .join('\r\n');
    expect(await found(`Salgsstatistik 3. kvartal\r\n\r\n${reversed}`)).toEqual([]);
    const { layout, batches } = await openReturn({ path: fileOf(`Salgsstatistik\r\n\r\n${reversed}`), kind: 'csv' }, table);
    await batches.return(undefined);
    expect(layout.headerLine).toBe(3);
  });
});

describe('a file that is no return gets one clear answer', () => {
  test.each<[string, string | Buffer, 'csv' | 'xlsx', string]>([
    ['a quotation mark that is never closed, before fifty megabytes', `"${'x;'.repeat(25_000_000)}`, 'csv', 'cell-too-long in line 1'],
    ['a short one', `"${csvOf({})}`, 'csv', 'broken in line 1'],
    ['NUL bytes', csvOf({}).replace('Kopi', '\0'), 'csv', 'not-a-spreadsheet'],
    ['ten thousand columns', `${Array.from({ length: 10_000 }, (_, at) => `k${at}`).join(';')}\r\n1`, 'csv', 'too-many-columns in line 1'],
    ['a PDF by the name of CSV', '%PDF-1.7\nx;y\n', 'csv', 'not-a-spreadsheet'],
    ['a workbook locked by a password', Buffer.from('d0cf11e0a1b11ae1'.padEnd(8_192, '0'), 'hex'), 'xlsx', 'old-excel'],
    ['another list', 'navn;adresse\r\nAnna;Vej 1\r\n', 'csv', 'NoHeader'],
    ['nothing', '', 'csv', 'empty'],
  ])('%s', async (_name, content, kind, said) => expect(await outcome(content, kind)).toBe(said));

  test('lines that end in different ways are lines all the same, as a person counts them', async () => {
    const [header, ...lines] = csvOf({}, { fakturanummer: 'F-2' }, { antal: 'ti' }).split('\r\n');
    expect(await found(`${header}\n${lines[0]}\r${lines[1]}\r\n${lines[2]}`)).toEqual(['4 antal not-a-number']);
  });

  test('a workbook with formulas, hidden sheets and merged cells is read as it shows', async () => {
    const place = (name: string): number => columnNames.indexOf(name);
    const cells = (amount: unknown): unknown[] => rightCells.map((cell, at) => (at === place('beloeb_ekskl_moms') ? amount : at === place('antal') ? 40 : cell));
    const file = await workbook([columnNames, cells({ formula: 'O2*P2', result: 940 }), cells({ formula: 'O3/0', result: { error: '#DIV/0!' } }), rightCells], (sheet, book) => {
      sheet.mergeCells('E3:E4');
      const hidden = book.addWorksheet('Skjult', { state: 'hidden' });
      hidden.addRow(['noget', 'andet']);
    });
    expect(await found(file, { kind: 'xlsx' })).toEqual(['3 beloeb_ekskl_moms formula-error', '4 kunde_navn required']);
  });
});
