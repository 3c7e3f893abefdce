import type { Request } from 'playwright';
import { beforeAll, describe, expect, test } from 'vitest';
import { twinOf } from '../../src/i18n/routes.ts';
import { danish, english } from '../support/addresses.ts';
import { expectNoAxeFindings, expectNoSidewaysScroll, useBrowser } from '../support/browser.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { Visitor, visibleText } from '../support/visitor.ts';

const browser = useBrowser();
let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});

/** Data for search engines is no script. */
const runsScript = (html: string): boolean => /<script(?! type="application\/ld\+json")/.test(html);

describe('every public page', () => {
  // Light and dark differ in colours alone, narrow and wide in layout alone: two views see all four.
  test.each([
    ['light', 320],
    ['dark', 1280],
  ] as const)('has no axe finding and no sideways scroll, %s, %i px', { timeout: 180_000 }, async (colorScheme, width) => {
    const page = await browser.open(server.base, { colorScheme, viewport: { width, height: 900 } });
    for (const address of [...danish, ...english]) {
      await page.goto(address);
      await expectNoAxeFindings(page, `${address} ${width} ${colorScheme}`);
      await expectNoSidewaysScroll(page, `${address} ${width}`);
    }
    await page.context().close();
  });

  test('the check finds a fault when there is one', async () => {
    const page = await browser.open(server.base);
    await page.goto('/');
    await page.evaluate('document.querySelector("html").removeAttribute("lang")');
    await expect(expectNoAxeFindings(page, 'broken')).rejects.toThrow(/html-has-lang/);
  });

  test('weighs at most 25 kB on the wire with all but fonts, asks for at most 4 things and runs no script', async () => {
    const page = await browser.open(server.base);
    for (const address of [...danish, ...english]) {
      const requests: Request[] = [];
      page.removeAllListeners('requestfinished');
      page.on('requestfinished', (request) => requests.push(request));
      // Two pages have a script that they can do without: the search, and the check of receipts.
      const search = /^\/(soeg|en\/search)/.test(address);
      const scripted = search || /^\/(verificer|en\/verify)/.test(address);
      // Without a script nothing is asked for after the page has loaded.
      await page.goto(address, { waitUntil: scripted ? 'networkidle' : 'load' });
      expect([address, requests.length > 1]).toEqual([address, true]);
      const sizes = await Promise.all(requests.map(async (request) => ({ bytes: (await request.sizes()).responseBodySize, type: request.resourceType() })));
      const bytes = sizes.filter(({ type }) => type !== 'font').reduce((sum, { bytes: size }) => sum + size, 0);
      expect([address, sizes.length <= (scripted ? 5 : 4), bytes <= (search ? 40_000 : 25_000)]).toEqual([address, true, true]);
      if (!scripted) expect([address, sizes.some(({ type }) => type === 'script'), runsScript(await page.content())]).toEqual([address, false, false]);
    }
  });

  test('uses at most two font files, together under 50 kB, that never hide or move text', async () => {
    const page = await browser.open(server.base);
    const fonts = new Map<string, number>();
    page.on('response', async (response) => {
      if (response.request().resourceType() === 'font') fonts.set(response.url(), (await response.body()).length);
    });
    await page.goto('/aftaler/2024-031', { waitUntil: 'networkidle' });
    expect(fonts.size).toBeLessThanOrEqual(2);
    expect([...fonts.values()].reduce((sum, bytes) => sum + bytes, 0)).toBeLessThan(50_000);
    expect((await page.content()).match(/font-display:optional/g)).toHaveLength(2);
  });

  test('needs at most 6 queries, behind log-in too', async () => {
    const visitor = new Visitor(server.base);
    for (const address of [...danish, ...english]) await visitor.get(address);
    await visitor.logIn('leverandoer@demo.example');
    const tasks = await visitor.text('/leverandoer');
    const task = /\/leverandoer\/opgaver\/[0-9a-f-]{36}/.exec(tasks)?.[0] ?? '';
    await visitor.get(task);
    const receipt = /\/leverandoer\/kvitteringer\/[0-9a-f-]{36}/.exec(await (await visitor.get(task)).text())?.[0];
    if (receipt) await visitor.get(receipt);
    await visitor.logIn('sagsbehandler@demo.example');
    const queue = await visitor.text('/forvaltning');
    await visitor.get(/\/forvaltning\/sager\/[0-9a-f-]{36}/.exec(queue)?.[0] ?? '');
    const pages = server.log.filter((line) => line['event'] === 'request' && line['method'] === 'GET');
    expect(pages.length).toBeGreaterThan(20);
    expect(pages.filter((line) => Number(line['queries']) > 6).map((line) => `${line['path']} ${line['queries']}`)).toEqual([]);
    expect(pages.some((line) => Number(line['queries']) >= 3)).toBe(true);
  });

  test('links to its twin, which links back, and no link of ours is broken', async () => {
    const visitor = new Visitor(server.base);
    const waiting = ['/'];
    const seen = new Set(waiting);
    const broken: string[] = [];
    while (waiting.length > 0) {
      const address = waiting.pop() ?? '';
      const response = await visitor.get(address);
      if (response.status === 303) continue;
      const html = await response.text();
      if (response.status === 200 && !response.headers.get('content-type')?.startsWith('text/html')) continue;
      if (response.status !== 200) broken.push(`${address} ${response.status}`);
      const twin = /<a href="([^"]+)" lang="(?:en|da)"/.exec(html)?.[1] ?? '';
      expect([address, twin.startsWith('/en')]).toEqual([address, !address.startsWith('/en')]);
      for (const [, written = ''] of html.matchAll(/<a[^>]* href="(\/[^"#]*)/g)) {
        const href = written.replaceAll('&amp;', '&');
        if (!seen.has(href)) {
          seen.add(href);
          waiting.push(href);
        }
      }
    }
    expect(broken).toEqual([]);
    expect(seen.size).toBeGreaterThan(90);
    expect(twinOf('/aftaler/2024-031')).toBe('/en/agreements/2024-031');
  });

  test('marks invented data, and drafts as drafts', async () => {
    const visitor = new Visitor(server.base);
    for (const address of ['/aftaler', '/aftaler/2024-031', '/udbud', '/leverandoer'])
      expect(visibleText(await visitor.text(address === '/leverandoer' ? '/log-ind' : address))).toContain('Eksempeldata');
    for (const address of ['/strategi', '/strategi/sund-oekonomi', '/krav/arbejdsklausul'])
      expect(visibleText(await visitor.text(address))).toContain('Udkast, ikke godkendt af kommunen');
  });
});
