import { parse } from 'csv-parse/sync';
import { describe, expect, test } from 'vitest';
import { csvParser } from '../../src/spreadsheet/csv/parser.ts';
import { describe as describeSheet, readSheetNames } from '../../src/spreadsheet/read.ts';
import { defaultLimits } from '../../src/spreadsheet/sheet.ts';
import { csvOutcome, csvRows, fileOf } from './sheets.ts';

const danish = 'Vare;Pris\r\nRødgrød på æbler;12,50 €\r\n';
const danishRows = [
  [1, ['Vare', 'Pris']],
  [2, ['Rødgrød på æbler', '12,50 €']],
];

describe('the encoding of a CSV file is found', () => {
  const utf16 = (littleEndian: boolean): Buffer => {
    const bytes = Buffer.from(`\uFEFF${danish}`, 'utf16le');
    return littleEndian ? bytes : bytes.swap16();
  };
  const windows = Buffer.from(danish.replaceAll('€', '\x80'), 'latin1');
  test.each([
    ['utf-8', Buffer.from(danish)],
    ['utf-8', Buffer.from(`\uFEFF${danish}`)],
    ['utf-16le', utf16(true)],
    ['utf-16be', utf16(false)],
    ['windows-1252', windows],
  ])('%s', async (encoding, bytes) => {
    expect(await csvRows(bytes)).toEqual(danishRows);
    expect(await describeSheet(fileOf(bytes), { kind: 'csv' })).toEqual({ delimiter: ';', encoding, sheets: [{ name: 'CSV', hidden: false }], mergedRanges: [] });
  });

  test('a character that lies across two pieces of the file, or across the end of the part that is looked at first, is read whole', async () => {
    for (const shift of [0, 1, 2, 3]) {
      const text = `a;b\n${'x'.repeat(shift)}${'🙂é'.repeat(200_000)};slut\n`;
      expect(await csvRows(text, { cellLength: 1_000_000 })).toEqual([
        [1, ['a', 'b']],
        [2, [text.slice(4, -6), 'slut']],
      ]);
    }
  });

  test('bytes that are no UTF-8 after a megabyte that is are a fault in their line, and what stands before is read', async () => {
    const bytes = Buffer.concat([Buffer.from('æ;1\r\n'.repeat(250_000)), Buffer.from('b\xe6r;1\r\n', 'latin1'), Buffer.from('æ;1\r\n'.repeat(10))]);
    expect(await csvOutcome(bytes)).toBe('broken in line 250001');
  });

  test('half a pair of UTF-16 is a fault in its line', async () => {
    expect(await csvOutcome(Buffer.from('\uFEFFa;b\n1;\ud800x\n', 'utf16le'))).toBe('broken in line 2');
  });
});

describe('the delimiter of a CSV file is found', () => {
  const lines = [
    ['navn', 'pris'],
    ['a', '1'],
    ['b', '2'],
  ];
  test.each([[';'], [','], ['\t'], ['|']])('%j', async (delimiter) => {
    const file = fileOf(lines.map((line) => line.join(delimiter)).join('\n'));
    expect((await describeSheet(file, { kind: 'csv' })).delimiter).toBe(delimiter);
  });

  test('decimal commas in every line do not make the comma a delimiter', async () => {
    expect(await csvRows('1,5;a\n2,5;b\n')).toEqual([
      [1, ['1,5', 'a']],
      [2, ['2,5', 'b']],
    ]);
    expect(await csvRows('1,5\ta\n2,5\tb\n')).toMatchObject([[1, ['1,5', 'a']], {}]);
  });

  test('what stands in quotes, and a title above the table, do not count', async () => {
    expect(await csvRows('Prisliste\n\n"a;b;c",x\n"d;e;f",y\n')).toEqual([
      [1, ['Prisliste']],
      [3, ['a;b;c', 'x']],
      [4, ['d;e;f', 'y']],
    ]);
  });

  test("Excel's line sep= decides, is no row, and is not counted, as Excel does not show it", async () => {
    expect(await csvRows('sep=,\r\na;b,c\r\n1;2,3\r\n')).toEqual([
      [1, ['a;b', 'c']],
      [2, ['1;2', '3']],
    ]);
  });
});

describe('rows are numbered as a spreadsheet numbers them', () => {
  test('with line ends of three kinds, also within quotes, and empty rows left out', async () => {
    expect(await csvRows('a;b\r\n\r\n;; \r"x\r\ny\nz\rø";1\n\n\rsidst;2')).toEqual([
      [1, ['a', 'b']],
      [4, ['x\r\ny\nz\rø', '1']],
      [7, ['sidst', '2']],
    ]);
  });

  test('a line end that lies across two pieces is one', () => {
    const parser = csvParser(';', defaultLimits);
    const rows = ['a;1\r', '\nb;"x\r', '\ny"\r', '\n', '\r', '\nc'].flatMap((piece) => parser.write(piece));
    expect([...rows, ...parser.end()].map(({ line, cells }) => [line, ...cells.map(({ text }) => text)])).toEqual([
      [1, 'a', '1'],
      [2, 'b', 'x\r\ny'],
      [4, 'c'],
    ]);
  });
});

test('blank cells at the end of a row are cut off, those before are kept', async () => {
  expect(await csvRows(';a;;b;; ;\n')).toEqual([[1, ['', 'a', '', 'b']]]);
});

test('quotes that do not open a cell are read as they stand', async () => {
  expect(await csvRows('6" rør;a"b"c;"a""b";"a"x"y\n')).toEqual([[1, ['6" rør', 'a"b"c', 'a"b', '"a"x"y']]]);
});

test('ten thousand texts of quotes, delimiters and line ends are read as csv-parse reads them, wherever the pieces are cut', () => {
  let seed = 7;
  const random = (below: number): number => {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor((seed / 2_147_483_648) * below);
  };
  let compared = 0;
  for (let round = 0; round < 10_000; round += 1) {
    const ending = ['\n', '\r\n', '\r'][random(3)] ?? '';
    const text = Array.from({ length: random(14) }, () => ['a', 'b', ';', '"', '""', ' ', ending, '";"'][random(8)]).join('');
    let expected: string[][];
    try {
      expected = parse(text, { delimiter: ';', relax_quotes: true, relax_column_count: true, record_delimiter: ending });
    } catch {
      continue;
    }
    compared += 1;
    const parser = csvParser(';', defaultLimits);
    const cut = random(text.length + 1);
    const rows = [...parser.write(text.slice(0, cut)), ...parser.write(text.slice(cut)), ...parser.end()].map(({ cells }) => cells.map((cell) => cell.text));
    const shown = expected.map((row) => row.slice(0, row.findLastIndex((cell) => cell.trim() !== '') + 1)).filter((row) => row.length > 0);
    expect(rows, JSON.stringify(text)).toEqual(shown);
  }
  expect(compared).toBeGreaterThan(5_000);
});

describe('what is no CSV is refused by its name', () => {
  test.each([
    ['a PDF', '%PDF-1.7\nnoget;andet\n'],
    ['a zip', 'PK\x03\x04rest'],
    ['a picture', Buffer.from('\x89PNG\r\n\x1a\n', 'latin1')],
    ['an old Excel file', Buffer.from('\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1', 'latin1')],
    ['a page that calls itself CSV', '<html><table></table></html>'],
    ['a NUL', 'a;b\n1;\0\n'],
  ])('%s', async (_name, content) => {
    expect(await csvOutcome(content)).toBe('not-a-spreadsheet');
  });

  test('a NUL far into the file is refused at its line', async () => {
    expect(await csvOutcome(`${'a;b\n'.repeat(500_000)}a;\0\n`)).toMatch(/^not-a-spreadsheet in line \d+$/);
  });

  test('a file without a byte, and one without anything but blanks', async () => {
    expect(await csvOutcome('')).toBe('empty');
    expect(await csvOutcome('\r\n;;\r\n  ;\r\n')).toBe('empty');
  });
});

describe('the limits hold', () => {
  test('for rows', async () => {
    expect(await csvOutcome('a\n\nb\n', { rows: 2 })).toBe('2 rows');
    expect(await csvOutcome('a\n\nb\nc\n', { rows: 2 })).toBe('too-large in line 4');
  });
  test('for columns, but a thousand blank ones do not count', async () => {
    expect(await csvOutcome(`a;b${'; '.repeat(1_000)}\n`)).toBe('1 rows');
    expect(await csvOutcome(`a\n${';'.repeat(499)}b\n`)).toBe('2 rows');
    expect(await csvOutcome(`a\n${';'.repeat(500)}b\n`)).toBe('too-many-columns in line 2');
  });
  test('for a cell, and for a row of long cells', async () => {
    expect(await csvOutcome(`a;b\n${'x'.repeat(100)};c\n`, { cellLength: 100 })).toBe('2 rows');
    expect(await csvOutcome(`a;b\n${'x'.repeat(101)};c\n`, { cellLength: 100 })).toBe('cell-too-long in line 2');
    expect(await csvOutcome(`a;b\n${`${'x'.repeat(100)};`.repeat(11)}\n`, { cellLength: 100 })).toBe('cell-too-long in line 2');
  });
});

test('a quote that never closes is a fault in the line where it opens', async () => {
  expect(await csvOutcome('a;b\n"x";1\n2;"åben\n3;4\n')).toBe('broken in line 3');
});

test('a CSV file is one sheet', async () => {
  expect(await readSheetNames(fileOf('a;b\n'), { kind: 'csv' })).toEqual([{ name: 'CSV', hidden: false }]);
});
