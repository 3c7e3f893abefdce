import ExcelJS from 'exceljs';
import { strToU8, unzipSync, type Zippable, zipSync } from 'fflate';
import { describe, expect, test } from 'vitest';
import { describe as describeSheet, type ReadOptions, type Row, readRows, readSheetNames } from '../../src/spreadsheet/read.ts';
import { fileOf, outcomeOf, rowsOf, workbookParts, xlsxFile } from './sheets.ts';

const xlsx: ReadOptions = { kind: 'xlsx' };

async function made(fill: (workbook: ExcelJS.Workbook) => void): Promise<Buffer> {
  const workbook = new ExcelJS.Workbook();
  fill(workbook);
  return Buffer.from((await workbook.xlsx.writeBuffer()) as ArrayBuffer);
}

const sheetOf = async (rows: unknown[][]): Promise<string> => fileOf(await made((workbook) => workbook.addWorksheet('Ark1').addRows(rows)));

/** The texts of the cells of one row, written by hand. */
const cellsOf = async (cells: string, changed: Zippable = {}): Promise<string[] | undefined> => (await rowsOf(xlsxFile(`<row>${cells}</row>`, changed), xlsx))[0]?.[1];

const stylesPart = (formats: readonly string[]): Zippable => ({
  'xl/styles.xml': strToU8(
    `<styleSheet><numFmts>${formats.map((code, index) => `<numFmt numFmtId="${200 + index}" formatCode="${code.replaceAll('"', '&quot;')}"/>`).join('')}</numFmts>
    <cellStyleXfs><xf numFmtId="14"/></cellStyleXfs><cellXfs><xf numFmtId="0"/>${formats.map((_, index) => `<xf numFmtId="${200 + index}"/>`).join('')}<xf numFmtId="14"/><xf numFmtId="22"/><xf numFmtId="46"/></cellXfs></styleSheet>`,
  ),
});

describe('a workbook that another program wrote', () => {
  test('gives its texts, numbers, days, truths and errors', async () => {
    const rows = await rowsOf(
      await sheetOf([
        ['æøå 🙂', 'a\nb', '<&>', '007'],
        [12.5, -3, 1e-7, 123456789012],
        [new Date('2026-02-28T00:00:00Z'), new Date('2026-02-28T13:45:30Z'), true, false],
        [{ error: '#REF!' }, { richText: [{ text: 'to ' }, { font: { bold: true }, text: 'dele' }] }, { text: 'vejle', hyperlink: 'https://example.org' }],
      ]),
      xlsx,
    );
    expect(rows.map(([, cells]) => cells)).toEqual([
      ['æøå 🙂', 'a\nb', '<&>', '007'],
      ['12.5', '-3', '0.0000001', '123456789012'],
      ['2026-02-28', '2026-02-28T13:45:30', 'true', 'false'],
      ['#REF!', 'to dele', 'vejle'],
    ]);
  });

  test('gives what formulas came to, and says that they are formulas', async () => {
    const file = await sheetOf([[1, { formula: 'A1+1', result: 2 }, { formula: 'UPPER("a")', result: 'A' }, { formula: 'A1/0', result: { error: '#DIV/0!' } }]]);
    const rows: Row[] = await Array.fromAsync(readRows(file, xlsx));
    expect(rows[0]?.cells).toEqual([{ text: '1' }, { text: '2', formula: true }, { text: 'A', formula: true }, { text: '#DIV/0!', formula: true }]);
  });

  test('keeps row numbers and columns where rows and cells are missing', async () => {
    const file = fileOf(
      await made((workbook) => {
        const sheet = workbook.addWorksheet('Ark1');
        sheet.getCell('C3').value = 'c3';
        sheet.getCell('A7').value = 'a7';
        sheet.getCell('AB7').value = 'ab7';
        sheet.getCell('B9').value = '  ';
      }),
    );
    expect(await rowsOf(file, xlsx)).toEqual([
      [3, ['', '', 'c3']],
      [7, ['a7', ...Array<string>(26).fill(''), 'ab7']],
    ]);
  });

  test('gives a merged cell its text at the top left only, and tells the ranges', async () => {
    const file = fileOf(
      await made((workbook) => {
        const sheet = workbook.addWorksheet('Ark1');
        sheet.addRow(['Overskrift']);
        sheet.addRow(['a', 'b', 'c']);
        sheet.mergeCells('A1:C1');
      }),
    );
    expect(await rowsOf(file, xlsx)).toEqual([
      [1, ['Overskrift']],
      [2, ['a', 'b', 'c']],
    ]);
    expect(await describeSheet(file, xlsx)).toEqual({ sheets: [{ name: 'Ark1', hidden: false }], mergedRanges: ['A1:C1'] });
  });

  test('tells at most a hundred merged ranges', async () => {
    const merged = Array.from({ length: 150 }, (_, index) => `<mergeCell ref="A${index + 1}:B${index + 1}"/>`).join('');
    const file = xlsxFile('', { 'xl/worksheets/sheet1.xml': strToU8(`<worksheet><sheetData/><mergeCells>${merged}</mergeCells></worksheet>`) });
    expect((await describeSheet(file, xlsx)).mergedRanges).toHaveLength(100);
  });

  test('is read from its first sheet that is not hidden, or from the one that is named', async () => {
    const file = fileOf(
      await made((workbook) => {
        workbook.addWorksheet('Skjult', { state: 'veryHidden' }).addRow(['skjult']);
        workbook.addWorksheet('Gemt', { state: 'hidden' }).addRow(['gemt']);
        workbook.addWorksheet('Priser & æbler').addRow(['priser']);
        workbook.addWorksheet('Andet').addRow(['andet']);
      }),
    );
    expect(await readSheetNames(file, xlsx)).toEqual([
      { name: 'Skjult', hidden: true },
      { name: 'Gemt', hidden: true },
      { name: 'Priser & æbler', hidden: false },
      { name: 'Andet', hidden: false },
    ]);
    expect(await rowsOf(file, xlsx)).toEqual([[1, ['priser']]]);
    expect(await rowsOf(file, { kind: 'xlsx', sheet: 'Andet' })).toEqual([[1, ['andet']]]);
    expect(await rowsOf(file, { kind: 'xlsx', sheet: 'Skjult' })).toEqual([[1, ['skjult']]]);
    expect(await outcomeOf(file, { kind: 'xlsx', sheet: 'Ukendt' })).toBe('no-such-sheet');
  });

  test('is read alike whatever the order of its parts, and with macros beside them', async () => {
    const parts = Object.entries(unzipSync(await made((workbook) => workbook.addWorksheet('Ark1').addRow(['tekst', new Date('2026-01-31T00:00:00Z'), 5]))));
    for (const order of [parts, parts.toReversed()]) {
      const file = fileOf(zipSync({ ...Object.fromEntries(order), 'xl/vbaProject.bin': new Uint8Array(1_000) }));
      expect(await rowsOf(file, xlsx)).toEqual([[1, ['tekst', '2026-01-31', '5']]]);
    }
  });
});

describe('days and hours', () => {
  const serials =
    '<c s="1"><v>1</v></c><c s="1"><v>59</v></c><c s="1"><v>60</v></c><c s="1"><v>61</v></c><c s="1"><v>46000</v></c><c s="1"><v>46000.5</v></c><c s="1"><v>46000.999999</v></c><c s="1"><v>0.25</v></c>';
  test('are counted from 1900 with the leap day that Excel invented', async () => {
    expect(await cellsOf(serials, stylesPart(['dd-mm-yyyy']))).toEqual([
      '1900-01-01',
      '1900-02-28',
      '1900-02-29',
      '1900-03-01',
      '2025-12-09',
      '2025-12-09T12:00:00',
      '2025-12-10',
      '06:00:00',
    ]);
  });

  test('are counted from 1904 where the workbook says so', async () => {
    const workbook = { 'xl/workbook.xml': strToU8('<workbook><workbookPr date1904="1"/><sheets><sheet name="Ark1" r:id="a"/></sheets></workbook>') };
    const cells = await cellsOf('<c s="1"><v>0</v></c><c s="1"><v>1</v></c><c s="1"><v>44538</v></c>', { ...stylesPart(['dd-mm-yyyy']), ...workbook });
    expect(cells).toEqual(['1904-01-01', '1904-01-02', '2025-12-09']);
  });

  test.each([
    ['yyyy\\-mm\\-dd;@', '2025-12-09T12:00:00'],
    ['[$-406]d. mmmm yyyy', '2025-12-09T12:00:00'],
    ['[h]:mm', '1104012:00:00'],
    ['General', '46000.5'],
    ['0.00 "dage"', '46000.5'],
    ['#,##0\\d', '46000.5'],
    ['0;[Red]-0', '46000.5'],
    ['0.00;"d"', '46000.5'],
    ['@', '46000.5'],
  ])('the format %s', async (format, text) => {
    expect(await cellsOf('<c s="1"><v>46000.5</v></c>', stylesPart([format]))).toEqual([text]);
  });

  test('the formats that every workbook has', async () => {
    expect(await cellsOf('<c s="1"><v>46000</v></c><c s="2"><v>46000.5</v></c><c s="3"><v>1.5</v></c>', stylesPart([]))).toEqual(['2025-12-09', '2025-12-09T12:00:00', '36:00:00']);
  });

  test('numbers that are no day stay numbers', async () => {
    expect(await cellsOf('<c s="1"><v>-1</v></c><c s="1"><v>3000000</v></c>', stylesPart(['dd-mm-yyyy']))).toEqual(['-1', '3000000']);
  });
});

describe('cells as the format allows them', () => {
  test('of every type, with and without addresses, in any order', async () => {
    const strings = {
      'xl/sharedStrings.xml': strToU8(
        '<x:sst xmlns:x="u"><x:si><x:t>nul</x:t></x:si><x:si><x:r><x:t>e</x:t></x:r><x:r><x:t>n</x:t></x:r><x:rPh><x:t>lyd</x:t></x:rPh></x:si></x:sst>',
      ),
    };
    expect(
      await cellsOf(
        '<c t="s"><v>0</v></c><c t="s"><v>1</v></c><c t="inlineStr"><is><r><t>in</t></r><r><t>line</t></r><rPh><t>lyd</t></rPh></is></c><c t="str"><f>A1</f><v>a_x000D_b</v></c>',
        strings,
      ),
    ).toEqual(['nul', 'en', 'inline', 'a\rb']);
    expect(
      await cellsOf('<c t="b"><v>1</v></c><c t="b"><v>0</v></c><c t="e"><v>#N/A</v></c><c t="d"><v>2026-01-02T00:00:00Z</v></c><c t="d"><v>2026-01-02T03:04:05.000</v></c>'),
    ).toEqual(['true', 'false', '#N/A', '2026-01-02', '2026-01-02T03:04:05']);
    expect(await cellsOf('<c r="C1"><v>3</v></c><c r="A1"><v>1</v></c><c><v>2</v></c>')).toEqual(['1', '2', '3']);
    expect(await cellsOf('<c><v>1234.5599999999999</v></c><c><v>1E5</v></c><c><v>12345678901234567890</v></c><c><v>1.5E-9</v></c><c><v><![CDATA[7]]></v></c>')).toEqual([
      '1234.56',
      '100000',
      '12345678901234567890',
      '0.0000000015',
      '7',
    ]);
  });

  test('in rows that have no number, and with prefixes of names', async () => {
    const sheet =
      '<x:worksheet xmlns:x="u"><x:sheetData><x:row><x:c><x:v>1</x:v></x:c></x:row><x:row/><x:row><x:c><x:v>3</x:v></x:c></x:row><x:row r="10"><x:c><x:v>10</x:v></x:c></x:row></x:sheetData></x:worksheet>';
    expect(await rowsOf(xlsxFile('', { 'xl/worksheets/sheet1.xml': strToU8(sheet) }), xlsx)).toEqual([
      [1, ['1']],
      [3, ['3']],
      [10, ['10']],
    ]);
  });

  test('an XML part in UTF-16', async () => {
    const sheet = Buffer.from('\uFEFF<worksheet><sheetData><row><c t="str"><v>æ🙂</v></c></row></sheetData></worksheet>', 'utf16le');
    expect(await rowsOf(fileOf(zipSync(workbookParts('', { 'xl/worksheets/sheet1.xml': sheet }))), xlsx)).toEqual([[1, ['æ🙂']]]);
  });

  test.each([
    ['a text that is not there', '<row r="4"><c t="s"><v>9</v></c></row>', 'broken in line 4'],
    ['a column that no sheet has', '<row r="4"><c r="ZZZ4"><v>9</v></c></row>', 'broken in line 4'],
    ['a row that no sheet has', '<row r="1048577"><c><v>9</v></c></row>', 'too-large in line 1048577'],
    ['a row of no number', '<row r="x"><c><v>9</v></c></row>', 'broken'],
    ['tags that do not fit', '<row r="1"><c><v>9</v></c></row><row r="2"></c>', 'broken in line 2'],
    ['too many columns', '<row r="3"><c r="SG3"><v>1</v></c></row>', 'too-many-columns in line 3'],
    ['nothing', '<row r="3"><c r="A3"/></row>', 'empty'],
  ])('%s is refused', async (_name, rows, outcome) => {
    expect(await outcomeOf(xlsxFile(rows), xlsx)).toBe(outcome);
  });
});
