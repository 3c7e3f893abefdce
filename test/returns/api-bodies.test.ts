import net from 'node:net';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { problemSchema } from '../../src/opendata/lists/schemas.ts';
import { readJson } from '../../src/platform/reading/json.ts';
import { type Program, pressMake, programOf, returnTask } from '../support/program.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { Visitor } from '../support/visitor.ts';
import { columnNames, csvOf, rightLine, table } from './support.ts';

let server: TestServer;
let visitor: Visitor;
let program: Program;
beforeAll(async () => {
  server = await startServer();
  visitor = new Visitor(server.base);
  await visitor.logIn('leverandoer@demo.example');
  program = await programOf(server, visitor);
});
const faultsInLog = () => server.log.filter(({ level }) => level === 'error');
const json = { 'content-type': 'application/json' };
const own = { ...rightLine, aftalenummer: '2024-031' };

describe('a body that is none', () => {
  const cell = (value: string): string => `{"lines":[{"antal":${value}}]}`;
  const bodies: Readonly<Record<string, readonly [body: BodyInit, status: number, code: string, place?: string]>> = {
    'nothing at all': ['', 400, 'not-json'],
    'half of it': ['{"lines":[{"antal":', 400, 'not-json'],
    'a text': ['"lines"', 400, 'body-object'],
    null: ['null', 400, 'body-object'],
    'bytes that are no UTF-8': [new Uint8Array([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d]), 400, 'not-utf8'],
    'a raw NUL byte': ['{"lines":[{"antal":"\0"}]}', 400, 'not-json'],
    'an escaped NUL': [cell('"1\\u0000"'), 400, 'text-or-number', 'lines[0].antal'],
    'half of a letter': [cell('"\\ud800"'), 400, 'text-or-number', 'lines[0].antal'],
    'a hundred thousand lists in each other': ['['.repeat(100_000) + ']'.repeat(100_000), 400, 'too-deep', '[0]'.repeat(8)],
    'a hundred thousand lists in a cell': [cell('['.repeat(100_000) + ']'.repeat(100_000)), 400, 'too-deep', 'lines[0].antal[0][0][0][0][0]'],
    'a million empty lists': [`{"lines":[${'[],'.repeat(1_000_000)}[]]}`, 413, 'too-many-parts'],
    'a key twice': ['{"lines":[{"antal":1,"ant\\u0061l":2}]}', 400, 'key-twice', 'lines[0].antal'],
    'a column by both of its names': ['{"lines":[{"antal":1,"quantity":1}]}', 400, 'column-twice', 'lines[0].antal'],
    'an unknown column': ['{"lines":[{"antal":1},{"antalx":1}]}', 400, 'unknown-field', 'lines[1].antalx'],
    'an unknown field': ['{"line":[]}', 400, 'unknown-field', 'line'],
    'a prototype as a field': ['{"__proto__":{"lines":[]}}', 400, 'unknown-field', '__proto__'],
    'a prototype as a column': ['{"lines":[{"antal":1,"__proto__":{"cpv":1}}]}', 400, 'unknown-field', 'lines[0].__proto__'],
    'a constructor as a column': ['{"lines":[{"antal":1,"constructor":"x"}]}', 400, 'unknown-field', 'lines[0].constructor'],
    'no lines': ['{"lines":[]}', 400, 'list-of-lines', 'lines'],
    'an empty line': ['{"lines":[{"antal":1},{"antal":" ","cpv":null}]}', 400, 'line-empty', 'lines[1]'],
    'lines that are one line': ['{"lines":{"antal":1}}', 400, 'list-of-lines', 'lines'],
    'a list in a cell': [cell('[1]'), 400, 'text-or-number', 'lines[0].antal'],
    'an object in a cell': [cell('{"a":1}'), 400, 'text-or-number', 'lines[0].antal'],
    'a number without end': [cell('1e999'), 400, 'text-or-number', 'lines[0].antal'],
    'a very long text': [cell(`"${'9'.repeat(10_001)}"`), 400, 'text-or-number', 'lines[0].antal'],
    'lines and nothing': ['{"lines":[{"antal":1}],"nothing":true}', 400, 'one-of'],
    'nothing that is false': ['{"nothing":false}', 400, 'nothing-true', 'nothing'],
    'an answer that nobody asked for': ['{"answers":{"svar":1}}', 400, 'unknown-field', 'answers.svar'],
  };

  test.each(Object.entries(bodies))('is refused with one clear answer: %s', async (_, [body, status, code, place]) => {
    const task = await returnTask(server);
    const response = await program.post(`${task.returns}?file=true`, body, json);
    const problem = problemSchema.parse(await response.json());
    expect([response.status, problem.errors[0]?.code, problem.errors[0]?.place]).toEqual([status, code, place]);
    expect(await server.database.owner.db.selectFrom('document').select('id').where('obligation_id', '=', task.id).execute()).toEqual([]);
    expect(faultsInLog()).toEqual([]);
  });

  test('is refused when it is too large, of an unknown type, or of none', async () => {
    const { returns } = await returnTask(server);
    const large = `{"lines":[{"antal":"${'9'.repeat(21_000_000)}"}]}`;
    expect((await program.post(returns, large, json)).status).toBe(413);
    expect((await program.post(returns, new TextEncoder().encode('{}'))).status).toBe(415);
    for (const type of ['application/x-www-form-urlencoded', 'text/html', 'application/ld+json'])
      expect([type, (await program.post(returns, '{}', { 'content-type': type })).status]).toEqual([type, 415]);
    const form = new FormData();
    form.set('file', new Blob(['a']), 'a.exe');
    expect((await program.post(returns, form)).status).toBe(422);
    form.set('file', new Blob([csvOf(own)]), 'a.csv');
    form.set('answers', '{}');
    expect((await program.post(returns, form)).status).toBe(400);
    expect((await program.post(returns, 'no form', { 'content-type': 'multipart/form-data; boundary=x' })).status).toBe(400);
    expect(faultsInLog()).toEqual([]);
  });

  test('leaves nothing behind when the line is cut in the middle, and no fault in the log', async () => {
    const task = await returnTask(server);
    const { secret } = await pressMake(visitor, 'cut');
    const { port } = new URL(server.base);
    for (const type of ['application/json', 'text/csv', 'multipart/form-data; boundary=x']) {
      const socket = net.connect(Number(port), '127.0.0.1');
      await new Promise((resolve) => socket.once('connect', resolve));
      const head = [`POST ${task.returns} HTTP/1.1`, `Host: localhost:${port}`, `Authorization: Bearer ${secret}`, `Content-Type: ${type}`, 'Content-Length: 100000'];
      socket.write(`${head.join('\r\n')}\r\n\r\n{"lines":[`);
      await new Promise((resolve) => setTimeout(resolve, 200));
      socket.destroy();
    }
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(faultsInLog()).toEqual([]);
    expect((await program.ask(task.returns)).status).toBe(200);
    expect(await server.database.owner.db.selectFrom('document').select('id').where('obligation_id', '=', task.id).execute()).toEqual([]);
  });
});

describe('a return as JSON and as CSV', () => {
  const byKey = new Map(table.columns.map((column) => [column.header.da, column]));
  const letters = 'abcdefghijklmnopqrstuvwxyzæøåÆØÅ';
  const word = fc
    .tuple(fc.constantFrom(...letters), fc.string({ unit: fc.constantFrom(...letters, ...'0123456789 -;,"/&=+@\''), maxLength: 20 }))
    .map(([first, rest]) => (first + rest).trim());
  const day = fc.date({ min: new Date('2026-07-01T12:00:00Z'), max: new Date('2026-09-30T12:00:00Z'), noInvalidDate: true }).map((date) => date.toISOString().slice(0, 10));
  /** A right line by the Danish names of its columns, as JSON has its values. */
  const meant = fc
    .record({
      kunde_navn: word,
      ordrenummer: fc.option(fc.oneof(word, fc.integer({ min: 1, max: 4_500_099_999 }))),
      fakturadato: day,
      varetekst: word,
      cpv: fc.option(fc.constantFrom('30197643', 30_197_643)),
      antal: fc.integer({ min: -2_000, max: 2_000 }),
      cents: fc.integer({ min: 1, max: 500_000 }),
      paa_aftale: fc.constantFrom(true, false, 'ja', 'nej'),
      oekologisk: fc.option(fc.boolean()),
      miljoemaerke: fc.option(fc.constantFrom<(string | string[])[]>('svanemaerket', ['svanemaerket', 'eu-blomsten'], [])),
      genbrugsindhold_pct: fc.option(fc.double({ min: 1, max: 100, noNaN: true }).map((value) => Math.round(value * 1_000) / 1_000)),
      leveringsform: fc.option(fc.constantFrom('el', 'HVO', 'diesel')),
    })
    .map(({ cents, ...line }) => ({ ...line, enhedspris_ekskl_moms: cents / 100, beloeb_ekskl_moms: Math.round(line.antal * cents) / 100 }));

  /** As a person would write it into a Danish file. */
  const asFile = (value: unknown): string => {
    if (Array.isArray(value)) return value.join('|');
    if (typeof value === 'boolean') return value ? 'ja' : 'nej';
    // Three decimals might be thousands.
    if (typeof value === 'number') return /\.\d{3}$/.test(String(value)) ? `${String(value).replace('.', ',')}0` : String(value).replace('.', ',');
    return value === null || value === undefined ? '' : String(value);
  };

  test('gives the same lines whichever way it comes', async () => {
    const linesOf = async (id: string) =>
      server.database.owner.db
        .selectFrom('return_line as l')
        .innerJoin('return_file as f', 'f.id', 'l.return_file_id')
        .select(['l.line', 'l.cells'])
        .where('f.obligation_id', '=', id)
        .orderBy('l.line')
        .execute();
    await fc.assert(
      fc.asyncProperty(fc.array(meant, { minLength: 1, maxLength: 40 }), fc.boolean(), async (lines, danish) => {
        const [asJson, asCsv] = [await returnTask(server), await returnTask(server)];
        const whole = lines.map((line, at) => ({ ...own, ...line, fakturanummer: `F-${at}` }));
        const named = whole.map((line) => Object.fromEntries(Object.entries(line).map(([name, value]) => [danish ? name : (byKey.get(name)?.key ?? name), value])));
        const [first, second] = [
          await program.send(asJson.returns, { lines: named }),
          await program.post(asCsv.returns, csvOf(...whole.map((line) => Object.fromEntries(columnNames.map((name) => [name, asFile((line as Record<string, unknown>)[name])])))), {
            'content-type': 'text/csv',
          }),
        ];
        const [told, toldCsv] = (await Promise.all([first.json(), second.json()])) as { draft: { canBeFiled: boolean; totals: object; errors: object[] } }[];
        expect([told?.draft.canBeFiled, told?.draft.totals]).toEqual([true, toldCsv?.draft.totals]);
        const kept = await linesOf(asJson.id);
        expect(kept).toHaveLength(lines.length);
        expect(kept).toEqual(await linesOf(asCsv.id));
      }),
      { numRuns: 8 },
    );
  }, 180_000);
});

describe('JSON as strangers write it', () => {
  const limits = { depth: 20, parts: 10_000 };
  test('is read as JSON.parse reads it, whatever it holds', async () => {
    await fc.assert(
      fc.asyncProperty(fc.json({ maxDepth: 6 }), async (text) => {
        expect(await readJson(text, limits)).toEqual({ value: JSON.parse(text) });
      }),
    );
  });

  test('is refused when a key comes twice, however it is spelt and wherever it stands', async () => {
    const key = fc.string({ minLength: 1 });
    const escaped = (text: string): string =>
      `"${[...text].map((letter) => [...Array(letter.length).keys()].map((at) => `\\u${letter.charCodeAt(at).toString(16).padStart(4, '0')}`).join('')).join('')}"`;
    await fc.assert(
      fc.asyncProperty(key, fc.json({ maxDepth: 2 }), async (name, value) => {
        expect(await readJson(`[1,{"a{":${value},${JSON.stringify(name)}:${value},"b\\"":"}",${escaped(name)}:1}]`, limits)).toMatchObject({ fault: 'key-twice' });
      }),
    );
  });
});
