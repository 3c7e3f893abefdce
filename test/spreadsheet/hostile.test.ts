import fs from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { strToU8, type Zippable, zipSync } from 'fflate';
import { describe, expect, test } from 'vitest';
import { describe as describeSheet, type ReadOptions, readRows } from '../../src/spreadsheet/read.ts';
import { csvStream, type Value, xlsxStream } from '../../src/spreadsheet/write.ts';
import { csvOutcome, fileOf, outcomeOf, readersAlive, workbookParts, xlsxFile } from './sheets.ts';

const xlsx: ReadOptions = { kind: 'xlsx' };
const ole = (rest: Buffer): Buffer => Buffer.concat([Buffer.from('d0cf11e0a1b11ae1', 'hex'), Buffer.alloc(1_000), rest]);
const sheet = (xml: string | Uint8Array): string => xlsxFile('', { 'xl/worksheets/sheet1.xml': typeof xml === 'string' ? strToU8(xml) : xml });

describe('a file that is no workbook is refused by its name', () => {
  test.each([
    ['an empty one', Buffer.alloc(0), 'empty'],
    ['a protected one', ole(Buffer.from('EncryptedPackage', 'utf16le')), 'encrypted'],
    ['one of Excel before 2007', ole(Buffer.from('Workbook', 'utf16le')), 'old-excel'],
    ['a CSV file', Buffer.from('a;b\n1;2\n'), 'not-a-spreadsheet'],
    ['a text document', zipSync({ ...workbookParts(''), 'xl/workbook.xml': strToU8('<document/>') }), 'not-a-spreadsheet'],
    ['a zip of something else', zipSync({ 'a.txt': strToU8('a') }), 'not-a-spreadsheet'],
    ['one that leads outside its folder', zipSync({ ...workbookParts(''), '../../etc/passwd': strToU8('a') }), 'broken'],
    ['one of ten thousand parts', zipSync(Object.fromEntries(Array.from({ length: 10_001 }, (_, index) => [`${index}`, new Uint8Array()]))), 'too-large'],
  ])('%s', async (_name, bytes, outcome) => {
    expect(await outcomeOf(fileOf(bytes), xlsx)).toBe(outcome);
  });
});

describe('a workbook that has been tampered with is broken', () => {
  const whole = zipSync(workbookParts('<row><c><v>1</v></c></row>'.repeat(2_000)));

  test('wherever it is cut off', async () => {
    for (const part of [0.2, 0.5, 0.9, 0.999]) expect(await outcomeOf(fileOf(whole.subarray(0, whole.length * part)), xlsx)).toBe('broken');
  });

  test('where its bytes are not those that were packed', async () => {
    const stored = zipSync(workbookParts('<row><c><v>12345</v></c></row>'), { level: 0 });
    const changed = Buffer.from(stored);
    changed.write('99999', changed.indexOf('12345'));
    expect(await outcomeOf(fileOf(stored), xlsx)).toBe('1 rows');
    expect(await outcomeOf(fileOf(changed), xlsx)).toMatch(/^broken/);
  });

  test('where two parts share their bytes', async () => {
    const changed = Buffer.from(whole);
    const directory = changed.readUInt32LE(changed.length - 6);
    const second = changed.indexOf('PK\x01\x02', directory + 4, 'latin1');
    changed.writeUInt32LE(changed.readUInt32LE(directory + 42), second + 42);
    expect(await outcomeOf(fileOf(changed), xlsx)).toBe('broken');
  });

  test('where it declares entities, or a document type at all', async () => {
    const laughs = Array.from({ length: 10 }, (_, index) => `<!ENTITY l${index + 1} "${`&l${index};`.repeat(10)}">`).join('');
    expect(await outcomeOf(sheet(`<!DOCTYPE w [<!ENTITY l0 "ha">${laughs}]><worksheet><sheetData><row><c t="str"><v>&l10;</v></c></row></sheetData></worksheet>`), xlsx)).toBe(
      'broken',
    );
    expect(await outcomeOf(sheet('<!DOCTYPE w SYSTEM "file:///etc/passwd"><worksheet/>'), xlsx)).toBe('broken');
    expect(await outcomeOf(sheet('<worksheet><sheetData><row><c t="str"><v>&e;</v></c></row></sheetData></worksheet>'), xlsx)).toMatch(/^broken/);
  });

  test('where its tags stand within each other without end', async () => {
    expect(await outcomeOf(sheet('<a>'.repeat(1_000_000)), xlsx)).toBe('broken');
  });
});

/** Seconds of processor that the processes begun here have had, in hundredths (proc(5)): what a busy machine does not stretch. */
function childSeconds(): number {
  // Behind the name, which stands in brackets and may have brackets of its own.
  const [user, system] = (fs.readFileSync('/proc/self/stat', 'utf8').split(')').at(-1) ?? '').split(' ').slice(14, 16).map(Number);
  return ((user ?? 0) + (system ?? 0)) / 100;
}

/** What reading comes to, how much of a processor it takes and by how much this process grows. */
async function cost(file: string, options: ReadOptions): Promise<{ outcome: string; seconds: number; grownMb: number }> {
  const before = process.memoryUsage().rss;
  const began = childSeconds();
  let most = before;
  const timer = setInterval(() => (most = Math.max(most, process.memoryUsage().rss)), 20);
  const outcome = await outcomeOf(file, options);
  clearInterval(timer);
  return { outcome, seconds: childSeconds() - began, grownMb: (most - before) / 2 ** 20 };
}

describe('a small file that unpacks to a huge one is refused within three seconds of one processor, and the site does not grow', () => {
  const huge = (before: string, filler: string, after: string): Uint8Array => Buffer.concat([Buffer.from(before), Buffer.alloc(300_000_000, filler), Buffer.from(after)]);
  const inSheet = (before: string, filler: string, after: string): Zippable => ({ 'xl/worksheets/sheet1.xml': huge(`<worksheet>${before}`, filler, `${after}</worksheet>`) });
  const inStrings = (before: string, filler: string, after: string): Zippable => ({ 'xl/sharedStrings.xml': huge(`<sst>${before}`, filler, `${after}</sst>`) });
  /** The same file, its directory saying that no part comes to more than 2 MB. */
  const lying = (file: string): string => {
    const bytes = fs.readFileSync(file);
    for (let at = bytes.indexOf('PK\x01\x02', 0, 'latin1'); at >= 0; at = bytes.indexOf('PK\x01\x02', at + 1, 'latin1'))
      bytes.writeUInt32LE(Math.min(2_000_000, bytes.readUInt32LE(at + 24)), at + 24);
    return fileOf(bytes);
  };

  test.each([
    ['a cell of 300 MB', inSheet('<sheetData><row r="1"><c t="str"><v>', 'x', '</v></c></row></sheetData>'), /^broken/],
    ['a comment of 300 MB', inSheet('<!--', 'x', '-->'), /^broken/],
    ['300 MB of empty rows', inSheet('<sheetData>', '<row/>', '</sheetData>'), /^broken/],
    ['300 MB of shared text', inStrings('<si><t>', 'x', '</t></si>'), /^broken/],
    ['60 million shared texts', inStrings('', '<si/>', ''), /^broken/],
  ])('%s, also when it says that it is small', async (_name, changed, whenLying) => {
    const file = xlsxFile('<row><c><v>1</v></c></row>', changed);
    const costs = [await cost(file, xlsx), await cost(lying(file), xlsx)];
    expect(costs.map(({ outcome }) => outcome)).toEqual(['too-large', expect.stringMatching(whenLying)]);
    expect(Math.max(...costs.map(({ seconds }) => seconds))).toBeLessThan(3);
    expect(Math.max(...costs.map(({ grownMb }) => grownMb))).toBeLessThan(50);
  });

  test.each([
    ['a cell', (text: string) => sheet(`<worksheet><sheetData><row r="1"><c t="str"><v>${text}</v></c></row></sheetData></worksheet>`), 'cell-too-long in line 1'],
    ['a comment', (text: string) => sheet(`<worksheet><!--${text}--></worksheet>`), 'cell-too-long'],
    ['a shared text', (text: string) => xlsxFile('<row><c t="s"><v>0</v></c></row>', { 'xl/sharedStrings.xml': strToU8(`<sst><si><t>${text}</t></si></sst>`) }), 'cell-too-long'],
  ])('%s of 20 MB', async (_name, make, outcome) => {
    const read = await cost(make('x'.repeat(20_000_000)), { kind: 'xlsx', limits: { memoryMb: 32 } });
    expect(read.outcome).toBe(outcome);
    expect(read.grownMb).toBeLessThan(50);
  });

  test('a shared text one character too long is refused where it is used', async () => {
    const strings = { 'xl/sharedStrings.xml': strToU8(`<sst><si><t>${'x'.repeat(100_001)}</t></si><si><t>${'y'.repeat(100_000)}</t></si></sst>`) };
    expect(await outcomeOf(xlsxFile('<row r="2"><c t="s"><v>1</v></c></row>', strings), xlsx)).toBe('1 rows');
    expect(await outcomeOf(xlsxFile('<row r="2"><c t="s"><v>0</v></c></row>', strings), xlsx)).toBe('cell-too-long in line 2');
  });

  test('a long text that a thousand cells point to is handed out row by row, and no further than the limit', async () => {
    const strings = { 'xl/sharedStrings.xml': strToU8(`<sst><si><t>${'x'.repeat(100_000)}</t></si></sst>`) };
    const file = xlsxFile('<row><c t="s"><v>0</v></c></row>'.repeat(10_000), strings);
    const { outcome, grownMb } = await cost(file, { kind: 'xlsx', limits: { uncompressedBytes: 200_000_000, memoryMb: 64 } });
    expect(outcome).toMatch(/^too-large in line \d+$/);
    expect(grownMb).toBeLessThan(50);
  });

  test('a quote in the first line of 50 MB that never closes', async () => {
    const { outcome, seconds, grownMb } = await cost(fileOf(`a;"b\n${'c;d\n'.repeat(12_500_000)}`), { kind: 'csv' });
    expect(outcome).toBe('cell-too-long in line 1');
    expect(seconds).toBeLessThan(3);
    expect(grownMb).toBeLessThan(50);
  });
});

test('a file that needs more memory than the reading process may have is too large', async () => {
  const many = Array.from({ length: 400_000 }, (_, index) => `<xf numFmtId="${index}" a="${'x'.repeat(20)}"/>`).join('');
  const formats = Array.from({ length: 400_000 }, (_, index) => `<numFmt numFmtId="${index}" formatCode="${index}${'x'.repeat(40)}"/>`).join('');
  const file = xlsxFile('<row><c><v>1</v></c></row>', { 'xl/styles.xml': strToU8(`<styleSheet><numFmts>${formats}</numFmts><cellXfs>${many}</cellXfs></styleSheet>`) });
  expect(await outcomeOf(file, { kind: 'xlsx', limits: { memoryMb: 16 } })).toBe('too-large');
});

describe('the reading process', () => {
  const long = (rows: number): string => fileOf('a;b\n'.repeat(rows));

  test('is stopped when it takes too long, also when it gives no row', async () => {
    const blank = fileOf(';\n'.repeat(30_000_000));
    const stopped = await cost(blank, { kind: 'csv', limits: { seconds: 0.4 } });
    const whole = await cost(blank, { kind: 'csv', limits: { seconds: 120 } });
    expect([stopped.outcome, whole.outcome]).toEqual(['took-too-long', 'empty']);
    expect(stopped.seconds).toBeLessThan(whole.seconds / 2);
    expect(readersAlive()).toEqual([]);
  });

  test('is not blamed for the time in which its rows are used', async () => {
    let rows = 0;
    for await (const _ of readRows(long(300_000), { kind: 'csv', limits: { seconds: 5 } })) {
      rows += 1;
      if (rows === 10) await sleep(6_000);
    }
    expect(rows).toBe(300_000);
  });

  test('waits while its rows are used, and is gone when they are wanted no more', async () => {
    let rows = 0;
    for await (const _ of readRows(long(3_000_000), { kind: 'csv', limits: { rows: 5_000_000 } })) {
      rows += 1;
      if (rows < 5) continue;
      await sleep(1_000);
      const [reader] = readersAlive();
      const busy = (): number => Number(fs.readFileSync(`/proc/${reader}/stat`, 'utf8').split(' ')[13]);
      const before = busy();
      await sleep(500);
      expect(busy() - before).toBeLessThan(5);
      break;
    }
    expect(rows).toBe(5);
    expect(readersAlive()).toEqual([]);
  });

  test('is gone after a fault, after the end, and when it was called off', async () => {
    expect(await csvOutcome('a;"b')).toBe('broken in line 1');
    expect(await csvOutcome('a;b')).toBe('1 rows');
    const calledOff = new AbortController();
    const reading = outcomeOf(fileOf(';\n'.repeat(30_000_000)), { kind: 'csv', signal: calledOff.signal });
    setTimeout(() => calledOff.abort(new Error('called off')), 300);
    await expect(reading).rejects.toThrow('called off');
    await expect(outcomeOf(long(1), { kind: 'csv', signal: calledOff.signal })).rejects.toThrow('called off');
    expect(readersAlive()).toEqual([]);
  });

  test('that dies says so: the rows so far are never taken for the whole file', async () => {
    const rows = readRows(long(2_000_000), { kind: 'csv', limits: { rows: 5_000_000 } });
    await rows.next();
    for (const reader of readersAlive()) process.kill(Number(reader), 'SIGTERM');
    const reading = (async () => {
      for await (const _ of rows);
    })();
    await expect(reading).rejects.toMatchObject({ code: 'broken' });
  });

  test('a file that is not there is an error of the system, not of the file', async () => {
    await expect(describeSheet('/nowhere/at-all.csv', { kind: 'csv' })).rejects.toMatchObject({ code: 'ENOENT' });
  });
});

describe('a large file is read whole within the memory that the process may have', () => {
  function* rows(count: number): Generator<Value[]> {
    for (let row = 1; row <= count; row += 1) yield [row, `Vare "${row}"; æ`, row / 8, new Date('2026-11-23T00:00:00Z'), null, 'slut'];
  }
  const head = ['nr', 'navn', 'pris', 'dag', 'tom', 'slut'];

  test.each([
    ['200,000 rows of CSV', 'csv', 200_000, (count: number) => csvStream(head, rows(count))],
    ['100,000 rows of XLSX', 'xlsx', 100_000, (count: number) => xlsxStream(head, rows(count), { sheet: 'Ark' })],
  ] as const)('%s', async (name, kind, count, write) => {
    const file = fileOf(Buffer.concat(await Array.fromAsync(write(count) as unknown as AsyncIterable<Uint8Array>)));
    const began = performance.now();
    let expected = 0;
    let mostMb = 0;
    for await (const { line, cells } of readRows(file, { kind, limits: { memoryMb: 48 } })) {
      if (expected % 10_000 === 5_000)
        for (const reader of readersAlive()) mostMb = Math.max(mostMb, Number(/VmHWM:\s+(\d+)/.exec(fs.readFileSync(`/proc/${reader}/status`, 'utf8'))?.[1]) / 1_024);
      expected += 1;
      if (line !== expected || (line > 1 && (cells[0]?.text !== String(line - 1) || cells[5]?.text !== 'slut'))) throw new Error(`row ${expected} is not what was written`);
    }
    expect(expected).toBe(count + 1);
    expect(mostMb).toBeGreaterThan(20);
    expect(mostMb).toBeLessThan(160);
    console.log(`${name}: ${Math.round(count / ((performance.now() - began) / 1_000))} rows a second, at most ${Math.round(mostMb)} MB`);
  });
});
