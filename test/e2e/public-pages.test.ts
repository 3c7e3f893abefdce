import { beforeAll, describe, expect, test } from 'vitest';
import { twinOf } from '../../src/i18n/routes.ts';
import { expectNoAxeFindings, expectNoSidewaysScroll, useBrowser } from '../support/browser.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { Visitor, visibleText } from '../support/visitor.ts';

const browser = useBrowser();
let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});

const danish = [
  '/',
  '/strategi',
  '/strategi/baeredygtigt-og-cirkulaert',
  '/strategi/formaal-og-retning',
  '/strategi/handlingsplan',
  '/strategi/versioner',
  '/strategi/versioner/sammenlign?fra=indkoebspolitik-2007&til=1-udkast',
  '/krav/for-mig',
  '/krav/for-mig?salg=hygiejneartikler&stoerrelse=large',
  '/krav/for-mig?salg=',
  '/soeg',
  '/soeg?q=reng%C3%B8ring',
  '/soeg?q=zzzz',
  '/kontakt',
  '/tilgaengelighed',
  '/privatliv',
  '/cookies',
  '/krav',
  '/krav/arbejdsklausul',
  '/aftaler',
  '/aftaler/2024-031',
  '/udbud',
  '/udbud/rengoering-af-skoler-2027',
  '/log-ind',
  '/findes-ikke',
];
const english = [
  '/en',
  '/en/strategy',
  '/en/requirements',
  '/en/requirements/arbejdsklausul',
  '/en/requirements/for-me?salg=rengoering&stoerrelse=small',
  '/en/strategy/action-plan',
  '/en/strategy/versions',
  '/en/search?q=wipes',
  '/en/contact',
  '/en/accessibility',
  '/en/privacy',
  '/en/cookies',
  '/en/agreements',
  '/en/agreements/2024-031',
  '/en/tenders',
  '/en/tenders/rengoering-af-skoler-2027',
  '/en/log-in',
  '/en/no-such-page',
];

describe('every public page', () => {
  test.each(['light', 'dark'] as const)('has no axe finding and no sideways scroll at 320 and 1280 px, %s', async (colorScheme) => {
    for (const width of [320, 1280]) {
      const page = await browser.open(server.base, { colorScheme, viewport: { width, height: 900 } });
      for (const address of [...danish, ...english]) {
        await page.goto(address);
        await expectNoAxeFindings(page, `${address} ${width} ${colorScheme}`);
        await expectNoSidewaysScroll(page, `${address} ${width}`);
      }
      await page.context().close();
    }
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
      const sizes: { url: string; bytes: number; type: string }[] = [];
      page.removeAllListeners('requestfinished');
      page.on('requestfinished', async (request) => {
        const { responseBodySize } = await request.sizes();
        sizes.push({ url: request.url(), bytes: responseBodySize, type: request.resourceType() });
      });
      await page.goto(address, { waitUntil: 'networkidle' });
      const bytes = sizes.filter(({ type }) => type !== 'font').reduce((sum, { bytes: size }) => sum + size, 0);
      expect([address, sizes.length <= 4, bytes <= 25_000, sizes.some(({ type }) => type === 'script')]).toEqual([address, true, true, false]);
      expect((await page.content()).includes('<script')).toBe(false);
    }
  });

  test('uses at most two font files, together under 50 kB, that never hide text', async () => {
    const page = await browser.open(server.base);
    const fonts = new Map<string, number>();
    page.on('response', async (response) => {
      if (response.request().resourceType() === 'font') fonts.set(response.url(), (await response.body()).length);
    });
    await page.goto('/aftaler/2024-031', { waitUntil: 'networkidle' });
    expect(fonts.size).toBeLessThanOrEqual(2);
    expect([...fonts.values()].reduce((sum, bytes) => sum + bytes, 0)).toBeLessThan(50_000);
    expect((await page.content()).match(/font-display:swap/g)).toHaveLength(2);
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
      if (response.status !== 200) broken.push(`${address} ${response.status}`);
      const twin = /<a href="([^"]+)" lang="(?:en|da)"/.exec(html)?.[1] ?? '';
      expect([address, twin.startsWith('/en')]).toEqual([address, !address.startsWith('/en')]);
      for (const [, href = ''] of html.matchAll(/<a[^>]* href="(\/[^"#]*)/g)) {
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

describe('what machines ask for', () => {
  test('the site map lists every public page in both languages, and each of them is there', async () => {
    const visitor = new Visitor(server.base);
    const map = await visitor.text('/sitemap.xml');
    const addresses = [...map.matchAll(/<loc>([^<]+)<\/loc>/g)].map((found) => found[1] ?? '');
    expect(addresses.length).toBeGreaterThan(80);
    expect(addresses.some((address) => /\/(log-ind|leverandoer|forvaltning)(\/|$)/.test(new URL(address).pathname))).toBe(false);
    const missing: string[] = [];
    for (const address of addresses) if ((await visitor.get(new URL(address).pathname)).status !== 200) missing.push(address);
    expect(missing).toEqual([]);
  });

  test('security.txt says whom to tell and has not expired, /was leads to the accessibility statement', async () => {
    const visitor = new Visitor(server.base);
    const text = await visitor.text('/.well-known/security.txt');
    expect(text).toMatch(/^Contact: mailto:.+@/m);
    expect(new Date(/^Expires: (.+)$/m.exec(text)?.[1] ?? '').getTime()).toBeGreaterThan(new Date('2027-02-01').getTime());
    const was = await visitor.get('/was');
    expect([was.status, was.headers.get('location')]).toEqual([302, '/tilgaengelighed']);
  });
});

describe('what readers look for', () => {
  test('late actions say so, and progress that is computed says from what and when', async () => {
    const text = visibleText(await new Visitor(server.base).text('/strategi/handlingsplan'));
    expect(text).toContain('Forsinket. Skulle være færdig 30. september 2026');
    expect(text).toMatch(/\d+ af \d+ krav om dokumentation er opfyldt \(\d+ %\) Beregnet 23. november 2026/);
  });

  test('a comparison marks what went and what came in words too', async () => {
    const html = await new Visitor(server.base).text('/strategi/versioner/sammenlign?fra=indkoebspolitik-2007&til=1-udkast');
    expect(html).toMatch(/<del><span class="visually-hidden">fjernet: <\/span>/);
    expect(html).toMatch(/<ins><span class="visually-hidden">tilføjet: <\/span>/);
    expect((await new Visitor(server.base).get('/strategi/versioner/sammenlign?fra=x&til=1-udkast')).status).toBe(404);
  });

  test('the list for a seller of hygiene articles can be kept by its address', async () => {
    const text = visibleText(await new Visitor(server.base).text('/krav/for-mig?salg=hygiejneartikler&stoerrelse=small'));
    expect(text).toContain('Krav til dig, der sælger: Hygiejneartikler og papir');
    expect(text).toContain('Miljømærkede varer');
    expect(text).not.toContain('Arbejdsklausul');
  });

  test('odd questions get a helpful page, never an error', async () => {
    const visitor = new Visitor(server.base);
    for (const question of ["' or 1=1 --", '"', '😀', 'مناقصة', 'a'.repeat(1_000), '<script>alert(1)</script>']) {
      const response = await visitor.get(`/soeg?q=${encodeURIComponent(question)}`);
      const html = await response.text();
      expect([question, response.status, /<script/.test(html.replace(/="[^"]*"/g, ''))]).toEqual([question, 200, false]);
    }
    expect(visibleText(await visitor.text('/soeg?q=zzzz'))).toContain('Prøv et andet ord');
  });
});

describe('every answer', () => {
  test('carries the security headers, pages, files, redirects and errors alike', async () => {
    const visitor = new Visitor(server.base);
    for (const address of ['/', '/findes-ikke', '/leverandoer', '/fonts/ibm-plex-sans-400.woff2', '/robots.txt', '/log-ind', '/aftaler/']) {
      const { headers } = await visitor.get(address);
      expect([address, headers.get('x-content-type-options'), headers.get('x-frame-options'), headers.get('referrer-policy'), headers.get('cross-origin-opener-policy')]).toEqual([
        address,
        'nosniff',
        'DENY',
        'same-origin',
        'same-origin',
      ]);
      expect(headers.get('content-security-policy')).toMatch(/default-src 'none'/);
      expect(headers.get('content-security-policy')).toMatch(/frame-ancestors 'none'/);
      expect(headers.get('content-security-policy')).not.toMatch(/unsafe/);
      if (headers.get('content-type')?.startsWith('text/')) expect(headers.get('content-type')?.toLowerCase()).toContain('charset=utf-8');
    }
  });

  test('public pages are cacheable, have an ETag and set no cookie; pages behind log-in are not stored', async () => {
    const visitor = new Visitor(server.base);
    const first = await visitor.get('/aftaler');
    expect(first.headers.get('cache-control')).toContain('public');
    expect(first.headers.get('set-cookie')).toBeNull();
    const again = await visitor.request('/aftaler', { headers: { 'if-none-match': first.headers.get('etag') ?? '' } });
    expect(again.status).toBe(304);
    expect((await visitor.get('/log-ind')).headers.get('cache-control')).toBe('no-store');
    await visitor.logIn('leverandoer@demo.example');
    expect((await visitor.get('/leverandoer')).headers.get('cache-control')).toBe('no-store');
    expect((await visitor.get('/fonts/ibm-plex-sans-600.woff2')).headers.get('cache-control')).toContain('immutable');
  });

  test('is compressed with brotli where the browser takes it', async () => {
    const response = await fetch(`${server.base}/aftaler`, { headers: { 'accept-encoding': 'br' } });
    expect(response.headers.get('content-encoding')).toBe('br');
    expect((await response.text()).length).toBeGreaterThan(10_000);
  });
});

describe('the process', () => {
  test('at rest it holds less than 200 MB', async () => {
    const idle = await startServer({ env: { WORKER: 'off' } });
    await new Visitor(idle.base).get('/');
    const { readFileSync } = await import('node:fs');
    const kib = Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${idle.process.pid}/status`, 'utf8'))?.[1]);
    expect(kib / 1024).toBeLessThan(200);
  });

  test('SIGTERM lets a request in progress finish and ends with 0', async () => {
    const ending = await startServer();
    const request = new Visitor(ending.base).get('/aftaler');
    await new Promise((resolve) => setTimeout(resolve, 30));
    const ended = new Promise((resolve) => ending.process.once('exit', resolve));
    await ending.stop('SIGTERM');
    expect((await request).status).toBe(200);
    expect(await ended).toBe(0);
  });
});
