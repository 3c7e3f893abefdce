import fs from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test, vi } from 'vitest';
import { hours } from '../../src/platform/clock.ts';
import { urlForRole } from '../../src/platform/db.ts';
import { startEmbeddedPostgres } from '../../src/platform/postgres/embedded-postgres.ts';
import { encodingFor, isHeld, pageCache, weakTag } from '../../src/web/page-cache.ts';
import { atEnd } from '../support/clean-up.ts';
import { roomyMemory } from '../support/memory.ts';
import { obligationOf } from '../support/obligations.ts';
import { startServer } from '../support/server.ts';
import { fieldValue, Visitor } from '../support/visitor.ts';

const page = (html: string) => ({ html, etag: `"${html}"`, headers: {} });

describe('pages as last rendered', () => {
  test('are fresh until something changes, and are still there after that', async () => {
    const cache = pageCache();
    await cache.put('/a', page('en'), cache.mark());
    expect(cache.fresh('/a')?.bodies.identity.toString()).toBe('en');
    expect(gunzipSync(cache.fresh('/a')?.bodies.gzip ?? Buffer.alloc(0)).toString()).toBe('en');
    cache.changed();
    expect(cache.fresh('/a')).toBeUndefined();
    expect(cache.last('/a')?.bodies.identity.toString()).toBe('en');
    await cache.put('/a', page('to'), cache.mark());
    expect(cache.fresh('/a')?.bodies.identity.toString()).toBe('to');
  });

  test('that were rendered before a change are not kept after it', async () => {
    const cache = pageCache();
    const mark = cache.mark();
    cache.changed();
    await cache.put('/a', page('gammel'), mark);
    expect(cache.last('/a')).toBeUndefined();
    const before = cache.mark();
    const putting = cache.put('/a', page('gammel'), before);
    cache.changed();
    await putting;
    expect(cache.last('/a')).toBeUndefined();
  });

  test('grow stale by themselves, stay within their memory, and take no endless addresses', async () => {
    let now = 1_000_000;
    const cache = pageCache({ limitBytes: 5_000, now: () => now });
    await cache.put('/a', page('x'.repeat(2_000)), cache.mark());
    await cache.put('/b', page('y'.repeat(4_000)), cache.mark());
    expect([cache.last('/a'), cache.last('/b')?.etag.length]).toEqual([undefined, 4_002]);
    await cache.put(`/${'z'.repeat(300)}`, page('z'), cache.mark());
    expect(cache.last(`/${'z'.repeat(300)}`)).toBeUndefined();
    now += 31_000;
    expect(cache.fresh('/b')).toBeUndefined();
  });

  test('grow stale in the same time when the clock of the machine is set back meanwhile', async () => {
    vi.useFakeTimers();
    try {
      const cache = pageCache();
      await cache.put('/a', page('en'), cache.mark());
      vi.setSystemTime(Date.now() - hours(1));
      vi.advanceTimersByTime(29_000);
      expect(cache.fresh('/a')).toBeDefined();
      vi.advanceTimersByTime(2_000);
      expect(cache.fresh('/a')).toBeUndefined();
      await cache.put('/a', page('to'), cache.mark());
      expect(cache.fresh('/a')).toBeDefined();
      cache.changed();
      vi.setSystemTime(Date.now() + hours(2));
      expect(cache.fresh('/a')).toBeUndefined();
    } finally {
      vi.useRealTimers();
    }
  });

  test.each([
    ['gzip, deflate, br, zstd', 'br'],
    ['gzip', 'gzip'],
    ['br;q=0, gzip', 'gzip'],
    ['br;q=0.5', 'br'],
    ['', 'identity'],
    ['brotli', 'identity'],
    [undefined, 'identity'],
  ] as const)('accept-encoding %j is answered with %s', (accepted, encoding) => {
    expect(encodingFor(accepted)).toBe(encoding);
  });
});

describe('a tag that says what a page says', () => {
  const tag = weakTag('side');
  const strong = tag.slice(2);
  test.each([
    [tag, true],
    [strong, true],
    [`"a", ${tag}`, true],
    [`W/"a",W/"b" ,${strong},"c, d"`, true],
    ['*', true],
    [' * ', true],
    [null, false],
    ['', false],
    ['W/"another"', false],
    [strong.slice(1, -1), false],
    [`"${strong.slice(1, -1)}-gzip"`, false],
    ['"*"', false],
  ])('is held by a reader who says %s: %s', (header, isSo) => {
    expect(isHeld(header, tag)).toBe(isSo);
  });

  test('is weak and the same for a page plain and packed, made at once and from memory, and each is 304 for who has it', async () => {
    const { base } = await startServer({ env: { WORKER: 'off' } });
    const ask = (address: string, headers: Record<string, string>) => fetch(base + address, { headers });
    const etag = (await ask('/kontakt', {})).headers.get('etag') ?? '';
    expect(etag).toMatch(/^W\/"[\w-]{27}"$/);
    // An address with a question mark is another one to the memory, and the same page.
    for (const address of ['/kontakt', '/kontakt?']) {
      for (const encoding of ['identity', 'gzip', 'br']) {
        const whole = await ask(address, { 'accept-encoding': encoding });
        expect([whole.status, whole.headers.get('content-encoding') ?? 'identity', whole.headers.get('etag'), whole.headers.get('vary')]).toEqual([
          200,
          encoding,
          etag,
          'Accept-Encoding',
        ]);
        for (const held of [etag, etag.slice(2), `"a", ${etag}, W/"b"`, '*']) {
          const response = await ask(address, { 'accept-encoding': encoding, 'if-none-match': held });
          expect([address, encoding, held, response.status, response.headers.get('etag'), await response.text()]).toEqual([address, encoding, held, 304, etag, '']);
        }
        expect((await ask(address, { 'accept-encoding': encoding, 'if-none-match': 'W/"a", "b"' })).status).toBe(200);
      }
    }
    expect((await ask('/api/v1/agreements.json', { 'if-none-match': '"a", *, W/"b"' })).status).toBe(200);
    expect((await ask('/api/v1/agreements.json', { 'if-none-match': '*' })).status).toBe(304);
  });
});

describe('the server', () => {
  test('asks the database once for a page that many read, keeps addresses apart, and shows a change at once', async () => {
    const server = await startServer();
    const visitor = new Visitor(server.base);
    const obligation = await obligationOf(server.database, '90000004', 'submitted');
    const address = `/aftaler/${obligation.agreement}`;
    const first = await visitor.get(address);
    const html = await first.text();
    const again = await visitor.get(address);
    expect(await again.text()).toBe(html);
    for (const name of ['content-type', 'etag', 'content-security-policy', 'cache-control', 'x-frame-options'])
      expect([name, again.headers.get(name)]).toEqual([name, first.headers.get(name)]);
    expect((await visitor.request(address, { headers: { 'if-none-match': first.headers.get('etag') ?? '' } })).status).toBe(304);
    const asked = () => server.log.filter((line) => line['path'] === address).map((line) => Number(line['queries']) > 0);
    await expect.poll(asked).toEqual([true, false, false]);
    expect(await visitor.text('/soeg?q=toiletpapir')).not.toBe(await visitor.text('/soeg?q=elektriker'));

    const officer = new Visitor(server.base);
    await officer.logIn('sagsbehandler@demo.example');
    const caseAddress = `/forvaltning/sager/${obligation.id}`;
    const form = await officer.text(caseAddress);
    await visitor.get(address);
    expect((await officer.post(caseAddress, { submission: fieldValue(form, 'submission'), decision: 'accepted', reason: '', newDueOn: '' })).status).toBe(303);
    expect((await visitor.text(address)) === html).toBe(false);
  });

  test('never keeps a page of somebody who is logged in', async () => {
    const server = await startServer({ env: { WORKER: 'off' } });
    const supplier = new Visitor(server.base);
    await supplier.logIn('leverandoer@demo.example');
    await supplier.get('/leverandoer');
    expect((await new Visitor(server.base).get('/leverandoer')).status).toBe(303);
    for (const spelling of ['/leverandoer?', '//leverandoer', '/%6Ceverandoer', '/leverandoer%2F', '/LEVERANDOER', '/leverandoer;a', '/en/../leverandoer']) {
      const mine = await supplier.get(spelling);
      const text = await mine.text();
      expect([spelling, mine.headers.get('cache-control')?.includes('public') === true && text.includes('Klarvand')]).toEqual([spelling, false]);
      expect([spelling, (await (await new Visitor(server.base).get(spelling)).text()).includes('Dine opgaver')]).toEqual([spelling, false]);
    }
  });

  test('sends the public pages as they were last when the database is gone, says 503 to the rest, and recovers by itself', async () => {
    const folder = fs.mkdtempSync(path.join(roomyMemory(), 'portal-away-'));
    atEnd(() => fs.rmSync(folder, { recursive: true, force: true }));
    const copy = await startEmbeddedPostgres(folder, { durable: false });
    const dump = copy.url('postgres');
    const { createIfMissing, migrateAll } = await import('../../src/platform/postgres/database.ts');
    await createIfMissing(dump, 'portal');
    const ownerUrl = copy.url();
    await migrateAll({ ownerUrl, jobsUrl: urlForRole(ownerUrl, 'jobs', undefined, true) }, () => {});
    const server = await startServer({ database: { ownerUrl } as never, env: { WORKER: 'off' } });
    const visitor = new Visitor(server.base);
    const before = await visitor.text('/aftaler');
    await copy.stop();
    expect(before).toContain('Der er ingen aftaler endnu');
    await new Promise((resolve) => setTimeout(resolve, 31_000));
    const kept = await visitor.get('/aftaler');
    expect([kept.status, await kept.text()]).toEqual([200, before]);
    const unseen = await visitor.get('/udbud');
    expect([unseen.status, unseen.headers.get('retry-after')]).toEqual([503, '5']);
    const revived = await startEmbeddedPostgres(folder, { durable: false });
    await expect.poll(async () => (await visitor.get('/udbud')).status, { timeout: 10_000 }).toBe(200);
    await server.stop();
    await revived.stop();
  }, 120_000);
});
