import { beforeAll, expect, test } from 'vitest';
import { withdrawAgreements } from '../../src/agreements/publishing/publish.ts';
import { testNow } from '../support/known.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { Visitor, visibleText } from '../support/visitor.ts';

let server: TestServer;
let visitor: Visitor;
beforeAll(async () => {
  server = await startServer();
  visitor = new Visitor(server.base);
});

test('what no filter has is named with 400 and left out, and the rest is done', async () => {
  for (const name of ['category', 'requirement', 'focus']) {
    const answer = await visitor.get(`/aftaler?${name}=hest`);
    const text = visibleText(await answer.text());
    expect([name, answer.status, text.includes('Noget i adressen kunne ikke bruges'), text.includes('Hygiejneartikler og aftørringspapir')]).toEqual([name, 400, true, true]);
  }
  expect((await visitor.get('/aftaler?category=moebler&focus=')).status).toBe(200);
});

test('the other language is asked the same', async () => {
  expect(await visitor.text('/aftaler?q=kopipapir&ends=12')).toMatch(/href="\/en\/agreements\?q=kopipapir&(?:amp;|#38;)?ends=12"/);
  expect(await visitor.text('/find-aftale?q=papir')).toContain('href="/en/find-agreement?q=papir"');
});

test('of an agreement all rounds of what is asked are shown, so that they add up to what the list says', async () => {
  const list = visibleText(await visitor.text('/aftaler?q=2024-031'));
  const [, documented, asked] = /(\d+) af (\d+) dokumenteret/.exec(list) ?? [];
  const page = await visitor.text('/aftaler/2024-031');
  const table = page.slice(page.indexOf('id="krav"'), page.indexOf('</table>', page.indexOf('id="krav"')));
  const said = (words: RegExp): number => visibleText(table).match(words)?.length ?? 0;
  expect([said(/\((?:godkendt|frist) /g), said(/\(godkendt /g)]).toEqual([Number(asked), Number(documented)]);
});

test('an agreement that was withdrawn says so with 410, and nothing of what it said', async () => {
  await server.database.owner.db.transaction().execute((tx) => withdrawAgreements(tx, ['2024-015'], { now: testNow, by: null }));
  const answer = await visitor.get('/aftaler/2024-015');
  const text = visibleText(await answer.text());
  expect([answer.status, text.includes('Aftale 2024-015 er trukket tilbage'), text.includes('23. november 2026'), text.includes('Gnist og Ledning')]).toEqual([
    410,
    true,
    true,
    false,
  ]);
  expect((await visitor.get('/en/agreements/2024-015')).status).toBe(410);
  expect((await visitor.get('/aftaler/2024-999')).status).toBe(404);
});

test('the feed of changes tells the moment of each', async () => {
  const feed = await visitor.text('/feeds/aftaler.atom?aftale=2024-015');
  expect(feed).toContain('<updated>2026-11-23T09:00:00.000Z</updated>');
  expect(feed).toMatch(/<title>[^<]*2024-015<\/title>/);
});
