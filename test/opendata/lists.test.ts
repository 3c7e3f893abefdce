import ExcelJS from 'exceljs';
import { beforeAll, describe, expect, test } from 'vitest';
import { guessMapping } from '../../src/agreements/import/columns.ts';
import { listContext } from '../../src/opendata/context.ts';
import { lists } from '../../src/opendata/lists/lists.ts';
import { agreementItem, listOf, problemSchema } from '../../src/opendata/lists/schemas.ts';
import { type ListName, listNames } from '../../src/opendata/publication.ts';
import { machine } from '../../src/web/machine.ts';
import { testApp } from '../support/database.ts';
import { testToday } from '../support/known.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { Visitor } from '../support/visitor.ts';

let server: TestServer;
let visitor: Visitor;
beforeAll(async () => {
  server = await startServer();
  visitor = new Visitor(server.base);
});

type Page = { items: Record<string, unknown>[]; next: string | null };
const page = async (address: string): Promise<Page> => (await visitor.get(address)).json() as Promise<Page>;

/** Every item, a few at a time. */
async function walk(name: ListName, limit: number): Promise<Record<string, unknown>[]> {
  const all: Record<string, unknown>[] = [];
  for (let cursor = ''; ; ) {
    const { items, next } = await page(`/api/v1/${name}.json?limit=${limit}${cursor}`);
    expect(items.length).toBeLessThanOrEqual(limit);
    all.push(...items);
    if (next === null) return all;
    cursor = `&cursor=${next}`;
  }
}

/** A small reader of our own CSV, so that the writer is not read by itself. */
function rowsOf(csv: string): string[][] {
  expect(csv.startsWith('\ufeff')).toBe(true);
  return csv
    .slice(1)
    .split(/\r\n(?=(?:[^"]*"[^"]*")*[^"]*$)/)
    .filter((line) => line !== '')
    .map((line) => line.split(/;(?=(?:[^"]*"[^"]*")*[^"]*$)/).map((cell) => (cell.startsWith('"') ? cell.slice(1, -1).replaceAll('""', '"') : cell)));
}

describe('an open list as JSON', () => {
  test.each(listNames)('%s: the answer is what its schema says, and pages of two give the same items as one page', async (name) => {
    const whole = await page(`/api/v1/${name}.json?limit=1000`);
    expect(lists[name].answer.parse(whole)).toEqual(whole);
    expect(whole.items.length).toBeGreaterThan(3);
    expect(await walk(name, 2)).toEqual(whole.items);
  });

  test('agreements tell status, money, documentation and their page, all of it as on the site', async () => {
    const { items } = listOf(agreementItem).parse(await page('/api/v1/agreements.json?limit=1000'));
    const rows = await server.database.owner.db.selectFrom('register_entry').select(['number', 'asked', 'documented', 'ends_on']).orderBy('number').execute();
    expect(items.map(({ number, documentation, currentEnd }) => ({ number, ...documentation, ends_on: currentEnd }))).toEqual(rows);
    expect(items.some(({ documentation }) => documentation.documented > 0)).toBe(true);
    for (const { status, startsOn, currentEnd } of items) expect(status).toBe(testToday < startsOn ? 'coming' : testToday > currentEnd ? 'ended' : 'active');
    expect((await visitor.get(new URL(items[0]?.url ?? '').pathname)).status).toBe(200);
  });

  test('a withdrawn agreement is in no list, nor counted with its supplier', async () => {
    const app = await testApp();
    const context = listContext(app);
    const { items } = await lists.agreements.page(context, { limit: 1, after: null });
    const [first] = items as { number: string }[];
    const number = first?.number ?? '';
    await app.database.owner.db.updateTable('agreement').set({ withdrawn_at: new Date() }).where('number', '=', number).execute();
    for (const name of ['agreements', 'suppliers', 'requirements'] as const) {
      const after = await lists[name].page(context, { limit: 1_000, after: null });
      expect([name, JSON.stringify(after.items).includes(`"${number}"`)]).toEqual([name, false]);
    }
  });

  test('other sites may read it, it may be kept for a minute, and an unchanged answer is 304', async () => {
    const first = await visitor.get('/api/v1/agreements.json');
    expect([first.headers.get('access-control-allow-origin'), first.headers.get('cross-origin-resource-policy'), first.headers.get('cache-control')]).toEqual([
      '*',
      'cross-origin',
      'public, max-age=60',
    ]);
    expect(first.headers.get('set-cookie')).toBeNull();
    const etag = first.headers.get('etag') ?? '';
    expect(etag).toMatch(/^W\/"/);
    expect((await visitor.request('/api/v1/agreements.json', { headers: { 'if-none-match': etag } })).status).toBe(304);
    expect((await visitor.request('/api/v1/agreements.json?limit=2', { headers: { 'if-none-match': etag } })).status).toBe(200);
    const head = await visitor.request('/api/v1/agreements.json', { method: 'HEAD' });
    expect([head.status, head.headers.get('etag'), await head.text()]).toEqual([200, etag, '']);
  });

  test('the Link header leads to the next page', async () => {
    const first = await visitor.get('/api/v1/suppliers.json?limit=2');
    const link = /^<([^>]+)>; rel="next"$/.exec(first.headers.get('link') ?? '')?.[1] ?? '';
    const second = await page(new URL(link).pathname + new URL(link).search);
    expect(second.items.length).toBeGreaterThan(0);
    expect(second.items[0]).not.toEqual(((await first.json()) as Page).items[0]);
  });
});

describe('a slip in the address', () => {
  test.each([
    '?limit=0',
    '?limit=1001',
    '?limit=',
    '?limit=ti',
    '?limit=-1',
    '?limit=1.5',
    '?cursor=',
    '?cursor=x',
    `?cursor=${Buffer.from('["agreements","a\u0000b"]').toString('base64url')}`,
    `?cursor=${Buffer.from('["suppliers","90000004"]').toString('base64url')}`,
    `?cursor=${Buffer.from('{"after":"x"}').toString('base64url')}`,
  ])('%s is 400 with an explanation in both languages, never an empty list', async (query) => {
    const response = await visitor.get(`/api/v1/agreements.json${query}`);
    expect([response.status, response.headers.get('content-type'), response.headers.get('cache-control')]).toEqual([400, 'application/problem+json', 'no-store']);
    const problem = problemSchema.parse(await response.json());
    expect(problem).toMatchObject({ status: 400, errors: [{ code: query.startsWith('?limit') ? 'bad-limit' : 'bad-cursor' }] });
    expect(problem.errors[0]?.message_da).not.toBe(problem.errors[0]?.message_en);
  });

  test('two slips are two errors; a parameter that is not known is not looked at', async () => {
    const both = problemSchema.parse(await (await visitor.get('/api/v1/tenders.json?limit=x&cursor=y')).json());
    expect(both.errors.map(({ parameter }) => parameter)).toEqual(['limit', 'cursor']);
    expect((await visitor.get('/api/v1/tenders.json?farve=blaa')).status).toBe(200);
  });

  test.each([
    '/api/v1/aftaler.json',
    '/api/v1/agreements.xml',
    '/api/v1/agreements',
    '/api/v1/__proto__.json',
    '/api/v1/toString.json',
    '/api/v1',
    '/api/v2/x',
    '/api/v1/ocds/packages/1999.json',
    '/api/v1/ocds/packages/x.json',
    '/api/v1/ocds/records/x',
  ])('%s is 404 as problem details', async (address) => {
    const response = await visitor.get(address);
    expect([address, response.status, response.headers.get('content-type')]).toEqual([address, 404, 'application/problem+json']);
    expect(problemSchema.parse(await response.json()).errors[0]?.code).toBe('not-found');
  });

  test('posting is 405', async () => {
    const response = await visitor.post('/api/v1/agreements.json', {});
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
  });
});

describe('an open list as a table', () => {
  test.each(listNames)('%s: CSV and XLSX have every item in a row under Danish names', async (name) => {
    const { items } = await page(`/api/v1/${name}.json?limit=1000`);
    const csv = await visitor.get(`/api/v1/${name}.csv`);
    expect(csv.headers.get('content-type')).toBe('text/csv; charset=utf-8');
    expect(csv.headers.get('content-disposition')).toMatch(new RegExp(`^attachment; filename="[a-z]+-${testToday}\\.csv"`));
    // Response.text() would take the byte order mark off.
    const [head = [], ...rows] = rowsOf(new TextDecoder('utf-8', { ignoreBOM: true }).decode(await csv.arrayBuffer()));
    expect(head).toEqual(lists[name].head);
    expect(rows.map((row) => row.length)).toEqual(items.map(() => head.length));
    expect(rows.map(([key]) => key)).toEqual(items.map((item) => item['number'] ?? item['cvr'] ?? item['id']));
    const xlsx = await visitor.get(`/api/v1/${name}.xlsx`);
    expect(xlsx.headers.get('content-disposition')).toContain(`-${testToday}.xlsx"`);
    const book = new ExcelJS.Workbook();
    await book.xlsx.load(await xlsx.arrayBuffer());
    const sheet = book.getWorksheet(lists[name].sheet);
    expect(sheet?.getRow(1).values).toEqual([undefined, ...head]);
    expect(sheet?.rowCount).toBe(items.length + 1);
    expect(sheet?.getColumn(1).values.slice(2)).toEqual(rows.map(([key]) => key));
  });

  test('an import recognises the columns of the agreements', () => {
    const { head } = lists.agreements;
    const mapping = guessMapping(head);
    const found = Object.fromEntries(Object.entries(mapping).map(([field, place]) => [field, head[place ?? -1]]));
    expect(found).toMatchObject({
      number: 'Aftalenummer',
      titleDa: 'Titel',
      titleEn: 'Titel engelsk',
      summaryDa: 'Beskrivelse',
      kind: 'Aftaletype',
      kindOfContract: 'Kontraktart',
      supplierName: 'Leverandør',
      supplierCvr: 'CVR-nummer',
      startsOn: 'Startdato',
      endsOn: 'Slutdato',
      options: 'Optioner',
      procedure: 'Udbudsform',
      cpv: 'CPV-koder',
      value: 'Anslået værdi (kr.)',
      mandatory: 'Obligatorisk',
      requirements: 'Krav',
      contactEmail: 'Kontakt-e-mail',
      predecessor: 'Afløser',
    });
  });

  test('a long list is read a thousand at a time: more rows than a page, each once, in order', async () => {
    const app = await testApp();
    await app.database.owner.pool.query(`
      insert into agreement (id, number, kind, kind_of_contract, title_da, title_en, summary_da, summary_en, cpv_main, cpv, starts_on, ends_on, procedure, mandatory,
        coverage_da, coverage_en, ordering_da, ordering_en, not_covered_da, not_covered_en)
      select gen_random_uuid(), 'M-' || lpad(n::text, 5, '0'), kind, kind_of_contract, title_da, title_en, summary_da, summary_en, cpv_main, cpv, starts_on, ends_on, procedure, mandatory,
        coverage_da, coverage_en, ordering_da, ordering_en, not_covered_da, not_covered_en
      from (select * from agreement order by number limit 1) a, generate_series(1, 2500) n;
      insert into agreement_version (agreement_id, number, event, content, published_at)
      select a.id, 1, 'published', jsonb_set((select content from agreement_version order by id limit 1), '{number}', to_jsonb(a.number)), now() from agreement a where a.number like 'M-%'`);
    const numbers: string[] = [];
    for await (const [number] of lists.agreements.rows(listContext(app))) numbers.push(String(number));
    expect(numbers.filter((number) => number.startsWith('M-'))).toEqual(Array.from({ length: 2_500 }, (_, index) => `M-${String(index + 1).padStart(5, '0')}`));
    expect(new Set(numbers).size).toBe(numbers.length);
  });
});

describe('when something goes wrong inside', () => {
  test.each([
    ['the database is away', Object.assign(new Error('gone'), { code: 'ECONNREFUSED' }), 503, 'unavailable', '5'],
    ['a bug', new Error('secret detail'), 500, 'failed', null],
  ])('%s: machines are told so as problem details, and nothing of the inside', async (_, error, status, code, retry) => {
    const app = await testApp();
    const url = new URL('http://localhost/api/v1/agreements.json');
    const answer = machine(() => Promise.reject(error));
    const response = await answer({ locals: { app, requestId: 'r' }, request: new Request(url), url } as unknown as Parameters<typeof answer>[0]);
    expect([response.status, response.headers.get('content-type'), response.headers.get('retry-after')]).toEqual([status, 'application/problem+json', retry]);
    const text = await response.text();
    expect(problemSchema.parse(JSON.parse(text)).errors[0]?.code).toBe(code);
    expect(text).not.toContain(error.message);
  });
});
