import { beforeAll, expect, test } from 'vitest';
import { agreementContentSchema } from '../../src/agreements/content.ts';
import { publishAgreements } from '../../src/agreements/publishing/publish.ts';
import { catalogueOf } from '../../src/content/catalogue.ts';
import { writtenContent } from '../support/content.ts';
import { testNow } from '../support/known.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { Visitor } from '../support/visitor.ts';

/** A register so long that no page may hold all of it; half of what is added began in the last weeks. */
const added = 10_500;
const requirement = 'arbejdsklausul';
const pages = ['/', '/feeds/nyt.atom', `/krav/${requirement}`, '/strategi/baeredygtigt-og-cirkulaert', '/strategi/ordentlig-kvalitet'];

let server: TestServer;
let visitor: Visitor;
const before = new Map<string, number>();

beforeAll(async () => {
  server = await startServer({ env: { WORKER: 'off' } });
  visitor = new Visitor(server.base);
  for (const page of pages) before.set(page, (await visitor.text(page)).length);
  const publication = { catalogue: catalogueOf(writtenContent()), now: testNow, by: null };
  const numbers = Array.from({ length: added }, (_, index) => `M-${String(index).padStart(5, '0')}`);
  for (let at = 0; at < added; at += 500) {
    const contents = numbers.slice(at, at + 500).map((number, index) =>
      agreementContentSchema.parse({
        number,
        kind: 'contract',
        kindOfContract: 'supplies',
        title: { da: `Mange af slagsen ${number}`, en: '' },
        cpvMain: '33760000',
        startsOn: index % 2 === 0 ? '2026-11-01' : '2025-01-01',
        endsOn: '2028-12-31',
        procedure: 'open',
        requirements: [requirement],
        suppliers: [{ cvr: '90000004', name: 'Klarvand Engros A/S', town: 'Køge' }],
      }),
    );
    await server.database.owner.db.transaction().execute((tx) => publishAgreements(tx, contents, publication));
  }
});

test.each(pages)('%s shows some of them, and is not as long as the register', async (page) => {
  const text = await visitor.text(`${page}?mange`);
  expect(text.length - (before.get(page) ?? 0)).toBeLessThan(page.endsWith('.atom') ? 250_000 : 20_000);
});

test('a requirement says how many carry it, and leads to all of them', async () => {
  const page = await visitor.text(`/krav/${requirement}?mange`);
  const [, href = '', count = ''] = /<a href="(\/aftaler\?requirement=[^"]+)">Se alle ([\d.]+) aftaler/.exec(page) ?? [];
  expect(Number(count.replace('.', ''))).toBeGreaterThan(added);
  expect((await visitor.text(href.replaceAll('&amp;', '&'))).includes(`${count} aftaler</h2>`)).toBe(true);
  expect(page.includes(`og ${new Intl.NumberFormat('da').format(Number(count.replace('.', '')) - 5)} mere`)).toBe(true);
});

test('a title that is in Danish only says so to whoever hears the English page', async () => {
  expect(/<p class="rows__title" lang="da"><a href="\/en\/agreements\/M-/.test(await visitor.text(`/en/requirements/${requirement}?mange`))).toBe(true);
  expect(/<p class="rows__title" lang="da">/.test(await visitor.text(`/krav/${requirement}?mange`))).toBe(false);
});

test('the thread of a focus area leads to exactly those agreements that it did not name', async () => {
  const page = await visitor.text('/strategi/ordentlig-kvalitet?mange');
  const [, href = '', rest = ''] = /<a href="(\/aftaler\?requirement=[^"]+)">og ([\d.]+) mere/.exec(page) ?? [];
  const all = new Intl.NumberFormat('da').format(Number(rest.replace('.', '')) + 5);
  expect(Number(rest.replace('.', ''))).toBeGreaterThan(added);
  expect((await visitor.text(href.replaceAll('&amp;', '&'))).includes(`${all} aftaler</h2>`)).toBe(true);
});

test('the site map becomes an index of files, none longer than the standard allows, with every agreement in one', async () => {
  const index = await visitor.text('/sitemap.xml');
  expect(index).toContain('<sitemapindex');
  const files = [...index.matchAll(/<loc>([^<]+)<\/loc>/g)].map(([, address = '']) => address.slice(new URL(address).origin.length).replaceAll('&amp;', '&'));
  const found: string[] = [];
  for (const file of files) {
    const map = await visitor.text(file);
    const addresses = [...map.matchAll(/<loc>([^<]+)<\/loc>/g)].map(([, address = '']) => new URL(address).pathname);
    expect([file, addresses.length <= 50_000, Buffer.byteLength(map) <= 50 * 2 ** 20]).toEqual([file, true, true]);
    found.push(...addresses);
  }
  expect(new Set(found).size).toBe(found.length);
  for (const file of ['aftaler=%00', 'leverandoerer=%07', `aftaler=${'9'.repeat(300)}`]) expect([file, (await visitor.get(`/sitemap.xml?${file}`)).status]).toEqual([file, 404]);
  const agreements = found.filter((address) => /^\/aftaler\/M-/.test(address));
  expect([agreements.length, found.includes('/'), found.includes('/leverandoerer/90000004')]).toEqual([added, true, true]);
});
