import { beforeAll, describe, expect, test } from 'vitest';
import { dataQuality, gaps } from '../../src/opendata/quality.ts';
import { expectNoAxeFindings, expectNoSidewaysScroll, useBrowser } from '../support/browser.ts';
import { writtenContent } from '../support/content.ts';
import { testApp } from '../support/database.ts';
import { testToday } from '../support/known.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { Visitor, visibleText } from '../support/visitor.ts';

const browser = useBrowser();
let server: TestServer;
let visitor: Visitor;
beforeAll(async () => {
  server = await startServer();
  visitor = new Visitor(server.base);
});

describe('the page of the open data', () => {
  test.each(['/data', '/en/data'])('%s has no axe finding and no sideways scroll, narrow and wide, light and dark', async (address) => {
    for (const width of [320, 1280])
      for (const colorScheme of ['light', 'dark'] as const) {
        const page = await browser.open(server.base, { colorScheme, viewport: { width, height: 900 } });
        await page.goto(address);
        await expectNoAxeFindings(page, `${address} ${width} ${colorScheme}`);
        await expectNoSidewaysScroll(page, `${address} ${width}`);
        await page.context().close();
      }
  });

  test.each(['/data', '/en/data'])('%s links to files that are all there, names licence and placeholder, and needs at most 6 queries', async (address) => {
    const html = await visitor.text(address);
    const links = [...new Set([...html.matchAll(/href="(\/(?:api|feeds|en\/feeds)\/[^"]+)"/g)].map((found) => found[1] ?? ''))];
    expect(links.length).toBeGreaterThanOrEqual(17);
    for (const link of links) expect([link, (await visitor.get(link)).status]).toEqual([link, 200]);
    expect(visibleText(html)).toMatch(/CC BY 4\.0.*ocds-xxxxxx/);
    const line = server.log.find((each) => each['event'] === 'request' && each['path'] === address);
    expect(Number(line?.['queries'])).toBeLessThanOrEqual(6);
    expect(html).toContain(`rel="alternate" type="application/atom+xml"`);
  });

  test('the footer of every page leads to it', async () => {
    expect(await visitor.text('/')).toContain('<a href="/data">Åbne data</a>');
    expect(await visitor.text('/en/agreements')).toContain('<a href="/en/data">Open data</a>');
  });

  test('what a problem calls its type is a place on the page', async () => {
    const { type } = (await (await visitor.get('/api/v1/agreements.json?limit=0')).json()) as { type: string };
    expect(await visitor.text('/data')).toContain(`id="${new URL(type).hash.slice(1)}"`);
  });

  test('shows each gap with the number that the database has', async () => {
    const app = await testApp(server.database);
    const quality = await dataQuality(app.db, writtenContent().da, testToday);
    const text = visibleText(await visitor.text('/en/data'));
    expect(gaps.map((gap) => quality[gap].of > 0)).toEqual(gaps.map(() => true));
    expect(text).toContain(`Agreements without a price list ${quality.priceList.missing} ${quality.priceList.of}`);
    expect(text).toContain(`Suppliers whose CVR number has a wrong check digit ${quality.cvr.missing} ${quality.cvr.of}`);
    expect(text).toContain('counted 23 November 2026');
  });
});

describe('the counts of our own gaps', () => {
  test('each rises by one when one agreement lacks that', async () => {
    const app = await testApp();
    const { db } = app.database.owner;
    const count = () => dataQuality(app.db, writtenContent().da, testToday);
    const { number } = await db.selectFrom('agreement').select('number').where('ends_on', '>', testToday).orderBy('number').executeTakeFirstOrThrow();
    await db.updateTable('agreement').set({ estimated_value_ore: 1, title_en: 'x', price_list_url: 'https://example.dk', category: 'x', contact_email: 'a@example.dk' }).execute();
    const none = await count();
    expect([none.value, none.english, none.priceList, none.category, none.contact].map(({ missing }) => missing)).toEqual([0, 0, 0, 0, 0]);
    await db
      .updateTable('agreement')
      .set({
        estimated_value_ore: null,
        title_en: '',
        price_list_url: null,
        category: null,
        contact_email: null,
        starts_on: '2020-01-01',
        ends_on: '2020-12-31',
        cpv: ['00000001'],
      })
      .where('number', '=', number)
      .execute();
    await app.database.owner.pool.query('delete from agreement_requirement where agreement_id = (select id from agreement where number = $1)', [number]);
    await app.database.owner.pool.query("update supplier set cvr = '12345678' where cvr = '90000004'");
    const one = await count();
    for (const gap of gaps) expect([gap, one[gap].missing - none[gap].missing]).toEqual([gap, 1]);
    await db.updateTable('agreement').set({ withdrawn_at: new Date() }).where('number', '=', number).execute();
    const withdrawn = await count();
    for (const gap of gaps.filter((each) => each !== 'cvr' && each !== 'cpv')) expect([gap, withdrawn[gap]]).toEqual([gap, { missing: none[gap].missing, of: none[gap].of - 1 }]);
  });
});

describe('the feed of changes', () => {
  test.each([
    ['/feeds/aftaler.atom', 'Offentliggjort: '],
    ['/en/feeds/agreements.atom', 'Published: '],
  ])('%s has an entry per publication, newest first, and each leads to a page', async (address, word) => {
    const response = await visitor.get(address);
    expect(response.headers.get('content-type')).toBe('application/atom+xml; charset=utf-8');
    const entries = [...(await response.text()).matchAll(/<entry><id>([^<]+)<\/id><title>([^<]+)<\/title><updated>([^<]+)<\/updated><link href="([^"]+)"/g)];
    expect(entries.length).toBeGreaterThan(10);
    expect(entries.length).toBeLessThanOrEqual(100);
    expect(new Set(entries.map((entry) => entry[1])).size).toBe(entries.length);
    expect(entries.map((entry) => entry[3])).toEqual(
      entries
        .map((entry) => entry[3])
        .sort()
        .reverse(),
    );
    for (const [, , title = '', , href = ''] of entries.slice(0, 5)) expect([title.startsWith(word), (await visitor.get(new URL(href).pathname)).status]).toEqual([true, 200]);
  });
});
