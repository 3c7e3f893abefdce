import fs from 'node:fs';
import http from 'node:http';
import os from 'node:os';
import { beforeAll, describe, expect, test } from 'vitest';
import { startServer, type TestServer } from '../support/server.ts';
import { Visitor, visibleText } from '../support/visitor.ts';
import { columnNames, csvOf, sample } from './support.ts';

let server: TestServer;
let visitor: Visitor;
beforeAll(async () => {
  server = await startServer({ env: { MAX_FILE_MB: '2' } });
  visitor = new Visitor(server.base);
});

const api = '/api/v1/returns/salgsstatistik/check';
/** As a program sends it: no cookie, no origin. */
const send = (body: BodyInit, query = '', headers: Record<string, string> = {}): Promise<Response> =>
  fetch(`${server.base}${api}${query}`, { method: 'POST', body, headers: { 'content-type': 'text/csv', ...headers } });
const withFile = (content: BlobPart, fields: Record<string, string> = {}, name = 'salg.csv'): FormData => {
  const form = new FormData();
  for (const [key, value] of Object.entries(fields)) form.set(key, value);
  form.set('file', new Blob([content]), name);
  return form;
};
const inPassing = (): string[] => fs.readdirSync(os.tmpdir()).filter((name) => name.startsWith('portal-passing-'));
const storedFiles = (): string[] => fs.readdirSync(`${server.dataDir}/files`, { recursive: true }).map(String).sort();

describe('the door for programs', () => {
  test('answers with the lines, the totals and every finding in both languages', async () => {
    const response = await send(
      csvOf({}, { fakturanummer: 'F-2', antal: 'ti' }, { fakturanummer: 'F-3', paa_aftale: 'nej' }),
      '?supplier=90000004&agreement=HTK-2025-014&period=2026-Q3',
    );
    expect([response.status, response.headers.get('content-type'), response.headers.get('cache-control')]).toEqual([200, 'application/json', 'no-store']);
    expect(await response.json()).toMatchObject({
      rows: 3,
      agreementKnown: false,
      canBeFiled: false,
      errorCount: 1,
      warningCount: 0,
      totals: { totalOere: 282_000, ecolabelOere: 282_000, ecolabelPct: 100, offContractOere: 94_000, uniqueGln: 1, currency: 'DKK' },
      errors: [
        {
          row: 3,
          column: 'antal',
          header: 'antal',
          letter: 'O',
          code: 'not-a-number',
          severity: 'error',
          found: 'ti',
          message_da: 'Det er ikke et tal. Skriv tallet med cifre, for eksempel 1234,50.',
          message_en: 'This is no number. Write the number in digits, for example 1234,50.',
        },
      ],
    });
  });

  test('takes the sample that is full of faults, as the body and as the file of a form, and finds what is expected', async () => {
    const [file, expected] = [sample('salgsstatistik-fejl.csv'), sample('salgsstatistik-fejl.expected.json')];
    if (!file || !expected) return;
    const wanted = (JSON.parse(expected.toString()) as { expected: { line: number; column: string | null; code: string; severity: string }[] }).expected;
    const query = '?supplier=90000004&agreement=HTK-2025-014&period=2026-Q3';
    const form = await fetch(`${server.base}${api}${query}`, { method: 'POST', body: withFile(new Uint8Array(file)) });
    for (const response of [await send(new Uint8Array(file), query), form]) {
      const { errors } = (await response.json()) as { errors: { row: number; column: string | null; code: string; severity: string }[] };
      expect(errors.map(({ row, column, code, severity }) => ({ line: row, column, code, severity }))).toEqual(
        wanted.map(({ line, column, code, severity }) => ({ line, column, code, severity })),
      );
    }
  });

  test('knows the agreements of the register', async () => {
    const file = csvOf({ aftalenummer: '2024-031', periode: '2019-Q1', fakturadato: '2019-02-01' });
    const { agreementKnown, errors } = (await (await send(file, '?supplier=90000004&agreement=2024-031')).json()) as { agreementKnown: boolean; errors: { code: string }[] };
    expect(agreementKnown).toBe(true);
    expect(errors.map(({ code }) => code)).toContain('period-outside-agreement');
  });

  test.each<[string, () => Promise<Response>, number, string]>([
    ['a file that is no spreadsheet', () => send('%PDF-1.7'), 422, 'not-a-spreadsheet'],
    ['a list of something else', () => send('navn;by\r\nAnna;Aa\r\n'), 422, 'no-header'],
    ['nothing', () => send(''), 422, 'empty'],
    ['more than is taken', () => send('x'.repeat(2_100_000)), 413, 'too-large'],
    ['a CVR number that cannot be', () => send(csvOf({}), '?supplier=12345678'), 400, 'bad-supplier'],
    ['a quarter that cannot be', () => send(csvOf({}), '?period=sommer'), 400, 'bad-period'],
    ['a kind of return that has no lines', () => fetch(`${server.base}/api/v1/returns/forsikring/check`, { method: 'POST', body: 'x' }), 404, 'not-found'],
    ['GET', () => fetch(server.base + api), 405, 'method-not-allowed'],
  ])('says no to %s in the form of RFC 9457', async (_name, ask, status, code) => {
    const response = await ask();
    expect([response.status, response.headers.get('content-type')]).toEqual([status, 'application/problem+json']);
    const { errors, title } = (await response.json()) as { title: string; errors: { code: string; message_da: string; message_en: string }[] };
    expect(errors[0]?.code).toBe(code);
    expect([title, errors[0]?.message_da, errors[0]?.message_en].every((text) => (text ?? '').length > 5)).toBe(true);
  });

  test('is closed to the pages of others, which could use up what a visitor is allowed', async () => {
    expect((await send(csvOf({}), '', { origin: 'https://example.com' })).status).toBe(403);
    expect((await send(csvOf({}), '', { 'sec-fetch-site': 'cross-site' })).status).toBe(403);
  });
});

describe('the page', () => {
  test('says in one sentence whether the file can be filed, and shows each fault where the person sees it', async () => {
    const html = visibleText(
      await (await visitor.post('/tjek-fil', withFile(csvOf({}, { fakturanummer: 'F-2', antal: '<b>ti</b>' }), { agreement: 'HTK-2025-014', period: '2026-K3' }))).text(),
    );
    expect(html).toContain('Ret én fejl, før du indsender');
    expect(html).toMatch(/3 O antal &lt;b&gt;ti&lt;\/b&gt;.*Det er ikke et tal.*Skriv tallet med cifre/s);
    expect(html).toContain('1.880,00 kr.');
    expect(html).toContain('Vi kender ikke aftalen HTK-2025-014');
    const good = visibleText(await (await visitor.post('/en/check-file', withFile(csvOf({}), { intent: 'check' }))).text());
    expect(good).toContain('The file can be filed');
  });

  test('gives the file back with each fault marked, and the list of them, as files', async () => {
    const faulty = csvOf({}, { fakturanummer: 'F-2', antal: 'ti' });
    const marked = await visitor.post('/tjek-fil', withFile(faulty, { intent: 'marked' }));
    expect([marked.status, marked.headers.get('content-disposition'), marked.headers.get('cache-control')]).toEqual([
      200,
      expect.stringContaining('salg-med-fejl-markeret.csv'),
      'no-store',
    ]);
    const lines = (await marked.text()).split('\r\n');
    expect(lines[0]).toBe(`${columnNames.join(';')};fundet_ved_tjek`);
    expect(lines[2]).toMatch(/antal: Det er ikke et tal\. Skriv tallet med cifre, for eksempel 1234,50\.$/);
    const list = await (await visitor.post('/en/check-file', withFile(faulty, { intent: 'list' }))).text();
    expect(list.split('\r\n')[1]).toBe('3;O;antal;Error;ti;This is no number;Write the number in digits, for example 1234,50.;not-a-number');
  });

  test.each<[string, () => FormData, number, string]>([
    ['no file', () => withFile('', {}, ''), 400, 'Vælg den fil, du vil tjekke.'],
    ['a Word file', () => withFile('x', {}, 'salg.docx'), 400, 'Filen er ikke en CSV-fil eller en Excel-fil'],
    ['a PDF by another name', () => withFile('%PDF-1.7', {}, 'salg.csv'), 422, 'Filen er ikke et regneark.'],
    ['an open quotation mark', () => withFile(`"${csvOf({})}`), 422, 'Et anførselstegn bliver aldrig lukket. Se efter, om der mangler et. Det er i linje 1.'],
    ['a quarter that is none', () => withFile(csvOf({}), { period: 'sommer' }), 400, 'Skriv kvartalet som 2026-Q3.'],
  ])('says what is wrong with %s', async (_name, form, status, words) => {
    const response = await visitor.post('/tjek-fil', form());
    expect(response.status).toBe(status);
    const html = await response.text();
    expect(html).toContain('<title>Fejl:');
    expect(visibleText(html)).toContain(words);
  });

  test('gives an empty template that is itself read without a fault of its columns', async () => {
    for (const address of ['/tjek-fil/skabelon/salgsstatistik.csv', '/en/check-file/template/salgsstatistik.xlsx']) {
      const template = new Uint8Array(await (await visitor.get(address)).arrayBuffer());
      const { rows, errors } = (await (await send(template, '', { 'content-type': 'application/octet-stream' })).json()) as { rows: number; errors: { code: string }[] };
      expect([address, rows, errors.map(({ code }) => code)]).toEqual([address, 0, ['no-lines']]);
    }
    expect((await visitor.get('/tjek-fil/skabelon/forsikring.csv')).status).toBe(404);
  });
});

describe('what is sent to be checked', () => {
  test('is kept nowhere, also when it is refused, given back, or cut off', async () => {
    const before = storedFiles();
    await send(csvOf({}));
    await send('%PDF-1.7');
    await (await visitor.post('/tjek-fil', withFile(csvOf({}), { intent: 'marked' }))).text();
    const { port } = new URL(server.base);
    const cut = http.request({ host: '127.0.0.1', port, path: api, method: 'POST', headers: { host: `localhost:${port}`, 'content-type': 'text/csv', 'content-length': 100_000 } });
    cut.on('error', () => {}).write(csvOf({}));
    await expect.poll(inPassing, { timeout: 10_000 }).toHaveLength(1);
    cut.destroy();
    await expect.poll(inPassing, { timeout: 10_000 }).toEqual([]);
    expect(storedFiles()).toEqual(before);
    expect(server.log.filter(({ level }) => level === 'error')).toEqual([]);
  });

  test('is counted by where it comes from: the hundred and twenty-first file within a quarter of an hour is refused in words', async () => {
    await server.database.owner.db.updateTable('log_in_guess').set({ count: 120 }).where('key', 'like', 'check:%').execute();
    const refused = await send(csvOf({}));
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '900']);
    const page = await visitor.post('/tjek-fil', withFile(csvOf({})));
    expect(page.status).toBe(429);
    expect(visibleText(await page.text())).toContain('Der er tjekket mange filer herfra. Prøv igen om et kvarter.');
  });
});
