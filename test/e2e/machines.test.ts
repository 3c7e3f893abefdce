import fs from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { startServer, type TestServer } from '../support/server.ts';
import { Visitor } from '../support/visitor.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
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

  test('the news are an Atom feed with an entry for what was documented, and the front page names the feed', async () => {
    const visitor = new Visitor(server.base);
    for (const [page, feed, word] of [
      ['/', '/feeds/nyt.atom', 'Dokumenteret: '],
      ['/en', '/en/feeds/news.atom', 'Documented: '],
    ] as const) {
      expect(await visitor.text(page)).toContain(
        `<link rel="alternate" type="application/atom+xml" title="${page === '/' ? 'Nyt om kommunens indkøb' : 'News of the municipality’s purchasing'}" href="${feed}">`,
      );
      const response = await visitor.get(feed);
      expect(response.headers.get('content-type')).toBe('application/atom+xml; charset=utf-8');
      const xml = await response.text();
      const entries = [...xml.matchAll(/<entry><id>([^<]+)<\/id><title>([^<]+)<\/title><updated>([^<]+)<\/updated><link href="([^"]+)"/g)];
      expect(entries.length).toBeGreaterThan(3);
      expect(new Set(entries.map((entry) => entry[1])).size).toBe(entries.length);
      expect(entries.some((entry) => entry[2]?.startsWith(word))).toBe(true);
      for (const [, , , , href = ''] of entries.slice(0, 5)) expect([href, (await visitor.get(new URL(href).pathname)).status]).toEqual([href, 200]);
    }
  });

  test('pages say for search engines and shared links what they are, whose, and with which picture', async () => {
    const visitor = new Visitor(server.base);
    const data = (html: string): Record<string, unknown>[] =>
      [...html.matchAll(/<script type="application\/ld\+json">([^<]*)<\/script>/g)].map((found) => JSON.parse(found[1] ?? '') as Record<string, unknown>);
    const home = await visitor.text('/');
    expect(data(home)[0]).toMatchObject({ '@type': 'GovernmentOrganization', name: 'Høje-Taastrup Kommune' });
    expect(data(await visitor.text('/aftaler/2024-031'))[0]).toMatchObject({ '@type': 'BreadcrumbList' });
    const picture = /<meta property="og:image" content="([^"]+)"/.exec(home)?.[1] ?? '';
    const { headers, status } = await visitor.get(new URL(picture).pathname);
    expect([status, headers.get('content-type')]).toEqual([200, 'image/png']);
    expect(home).toMatch(/<link rel="canonical" href="http:\/\/localhost:\d+\/">/);
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
  test('at rest it holds less than 200 MB', { timeout: 40_000 }, async () => {
    const idle = await startServer({ env: { WORKER: 'off' } });
    await new Visitor(idle.base).get('/');
    const megabytes = (): number => Number(/VmRSS:\s+(\d+)/.exec(fs.readFileSync(`/proc/${idle.process.pid}/status`, 'utf8'))?.[1]) / 1024;
    // What starting left behind is collected once nothing happens.
    await expect.poll(megabytes, { timeout: 20_000, interval: 1_000 }).toBeLessThan(200);
  });

  test('SIGTERM lets a request in progress finish and ends with 0', async () => {
    const ending = await startServer();
    const request = new Visitor(ending.base).get('/aftaler');
    await new Promise((resolve) => setTimeout(resolve, 100));
    const ended = new Promise((resolve) => ending.process.once('exit', resolve));
    await ending.stop('SIGTERM');
    expect((await request).status).toBe(200);
    expect(await ended).toBe(0);
  });
});
