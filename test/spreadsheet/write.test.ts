import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import ExcelJS from 'exceljs';
import { describe, expect, test } from 'vitest';
import { unguarded } from '../../src/spreadsheet/guard.ts';
import { csvStream, type Value, xlsxStream } from '../../src/spreadsheet/write.ts';
import { fileOf, rowsOf } from './sheets.ts';

const bytesOf = async (stream: ReadableStream<Uint8Array>): Promise<Buffer> => Buffer.concat(await Array.fromAsync(stream as unknown as AsyncIterable<Uint8Array>));
const csvOf = async (head: string[], rows: Value[][]): Promise<string> => (await bytesOf(csvStream(head, rows))).toString();

const nasty = [
  'a;b',
  'a"b',
  '"',
  '""',
  'to\nlinjer',
  'to\r\nlinjer',
  'vogn\rretur',
  '🙂 æøå ÆØÅ',
  '=1+1',
  '+45 1234',
  '-sælges-',
  '@navn',
  '\tindrykket',
  '\rretur',
  '＝1',
  '＠x',
  "'=1",
  "''+",
  "'a'",
  '007',
  '1,5',
  '1.5',
  'a,b|c\td',
  ' luft ',
  '_x000D_',
  '_x0041_b',
  '<b>&amp;</b>',
  ']]>',
  '2026-01-02',
  'TRUE',
  '\u0085linje',
  'a\u2028b',
];

describe('a CSV file', () => {
  test('is what Danish Excel opens without asking: byte order mark, semicolons, CRLF, decimal comma, quotes only where needed', async () => {
    const day = new Date('2026-11-23T00:00:00Z');
    expect(
      await csvOf(
        ['Vare', 'Pris; netto'],
        [
          ['Æble', 12.5],
          ['a,b', -3],
          ['sagde "ja"', 1e-7],
          [day, true],
          [null, Number.NaN],
          ['', 1e21],
        ],
      ),
    ).toBe('\uFEFFVare;"Pris; netto"\r\nÆble;12,5\r\na,b;-3\r\n"sagde ""ja""";0,0000001\r\n2026-11-23;true\r\n;\r\n;1000000000000000000000\r\n');
  });

  test('has no cell that begins a formula, but a negative number is a number', async () => {
    for (const text of ['=1', '+1', '-1', '@a', '\t=1', '\r=1', '＝1', '＋1', '－1', '＠a', '=a;b']) expect(await csvOf([text], [])).toMatch(/^\uFEFF"?'/);
    expect(await csvOf(['a'], [[-1]])).toBe('\uFEFFa\r\n-1\r\n');
  });

  test('gives back every text when it is read and the guard is taken off', async () => {
    for (const columns of [1, 3]) {
      const rows = nasty.map((text) => Array<string>(columns).fill(text));
      const file = fileOf(await csvOf(Array<string>(columns).fill('hoved'), rows));
      const read = (await rowsOf(file, { kind: 'csv' })).map(([, cells]) => cells.map(unguarded));
      expect(read.slice(1)).toEqual(rows);
    }
  });

  test('the guard is taken off only where it was put', () => {
    expect(["'=1", "''=1", "'a", "'", "' =1", '=1'].map(unguarded)).toEqual(['=1', "'=1", "'a", "'", "' =1", '=1']);
  });
});

describe('an XLSX file', () => {
  const head = ['Tekst', 'Tal', 'Dag', 'Valg'];
  const day = new Date('2026-02-28T00:00:00Z');
  const write = async (rows: Value[][], sheet = 'Ark'): Promise<Buffer> => bytesOf(xlsxStream(head, rows, { sheet, widths: [30, 12] }));
  const opened = async (bytes: Buffer): Promise<ExcelJS.Workbook> => {
    const workbook = new ExcelJS.Workbook();
    await workbook.xlsx.load(bytes as unknown as ArrayBuffer);
    return workbook;
  };

  test('is opened by another program with the same texts, numbers, days and truths', async () => {
    const values: Value[][] = [
      ['=1+1', 12.5, day, true],
      ['æ\nø', -1e-7, new Date('1900-01-05T00:00:00Z'), false],
      [null, 1e21, null, null],
    ];
    const sheet = (await opened(await write(values))).worksheets[0];
    const read = [1, 2, 3, 4].map((row) => [1, 2, 3, 4].map((column) => sheet?.getCell(row, column).value));
    expect(read).toEqual([head, ['=1+1', 12.5, day, true], ['æ\nø', -1e-7, expect.any(Date), false], [null, 1e21, null, null]]);
    expect(sheet?.getCell('A2').type).toBe(ExcelJS.ValueType.String);
  });

  test('has a bold head that stays in view and can be filtered, and the widths asked for', async () => {
    const sheet = (await opened(await write([['a', 1, day, true]]))).worksheets[0];
    expect(sheet?.getCell('A1').font.bold).toBe(true);
    expect(sheet?.getCell('A2').font?.bold).not.toBe(true);
    expect(sheet?.views[0]).toMatchObject({ state: 'frozen', ySplit: 1 });
    expect(sheet?.autoFilter).toBe('A1:D2');
    expect([sheet?.getColumn(1).width, sheet?.getColumn(2).width]).toEqual([30, 12]);
  });

  test('gives back every text, number and day when it is read', async () => {
    const file = fileOf(
      await write([
        ...nasty.map((text) => [text]),
        ['tal', 0.1 + 0.2, day, true],
        ['små', 1e-7, new Date('1900-01-05T00:00:00Z'), false],
        ['før', 1, new Date('1899-12-31T00:00:00Z')],
      ]),
    );
    const read = (await rowsOf(file, { kind: 'xlsx' })).map(([, cells]) => cells);
    expect(read).toEqual([
      head,
      ...nasty.map((text) => [text]),
      ['tal', '0.30000000000000004', '2026-02-28', 'true'],
      ['små', '0.0000001', '1900-01-05', 'false'],
      ['før', '1', '1899-12-31'],
    ]);
  });

  test('is without the characters that XML forbids, and without texts longer than a cell', async () => {
    const file = fileOf(await write([['a\0\x01\x1f\ufffe\ud800b'], ['x'.repeat(40_000)]]));
    expect((await rowsOf(file, { kind: 'xlsx' })).slice(1)).toEqual([
      [2, ['ab']],
      [3, ['x'.repeat(32_767)]],
    ]);
  });

  test.each([
    ['Priser/2026: [nye]?*', 'Priser 2026   nye'],
    ["'citat'", 'citat'],
    ['', 'Ark1'],
    ['History', 'Ark1'],
    ['x'.repeat(40), 'x'.repeat(31)],
    ['<A&B>', '<A&B>'],
  ])('has a sheet name that Excel accepts: %s', async (wanted, name) => {
    expect((await opened(await write([], wanted))).worksheets[0]?.name).toBe(name);
  });

  test('is never begun with more rows than a sheet can hold', async () => {
    const rows = Readable.from(
      (function* () {
        for (let row = 0; row < 1_048_576; row += 1) yield [];
      })(),
    );
    await expect(bytesOf(xlsxStream(['a'], rows, { sheet: 'Ark' }))).rejects.toThrow(RangeError);
  });
});

describe.each([
  ['CSV', csvStream],
  ['XLSX', (head: string[], rows: Iterable<Value[]>) => xlsxStream(head, rows, { sheet: 'Ark' })],
])('writing %s', (_name, write) => {
  test('asks for rows only as fast as they are read, and stops asking when the reader leaves', async () => {
    let asked = 0;
    let ended = false;
    function* endless(): Generator<Value[]> {
      try {
        for (; ; asked += 1) yield [asked, Math.sin(asked), `række ${asked}`];
      } finally {
        ended = true;
      }
    }
    const reader = write(['a', 'b', 'c'], endless()).getReader();
    await reader.read();
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(asked).toBeLessThan(20_000);
    await reader.cancel();
    expect(ended).toBe(true);
  });

  test('keeps nothing of half a million rows', async () => {
    const collect = garbageCollector();
    function* rows(): Generator<Value[]> {
      for (let row = 0; row < 500_000; row += 1) yield [row, row / 7, `Vare ${row}`];
    }
    collect();
    const before = process.memoryUsage();
    let chunks = 0;
    const kept: number[] = [];
    for await (const _ of write(['a', 'b', 'c'], rows()) as unknown as AsyncIterable<Uint8Array>) {
      chunks += 1;
      if (chunks % 50 !== 0) continue;
      collect();
      // Buffers are given back only after the collection.
      await sleep(5);
      const now = process.memoryUsage();
      kept.push(now.heapUsed + now.arrayBuffers - before.heapUsed - before.arrayBuffers);
    }
    expect(chunks).toBeGreaterThan(50);
    // What is kept never shrinks, so the least of the later half is it, however late buffers are given back.
    expect(Math.min(...kept.slice(kept.length / 2))).toBeLessThan(8_000_000);
  });
});

function garbageCollector(): () => void {
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc') as () => void;
}
