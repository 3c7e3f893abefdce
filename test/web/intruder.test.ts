import { beforeAll, describe, expect, test } from 'vitest';
import { obligationOf } from '../support/obligations.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { rawRequest, Visitor, visibleText } from '../support/visitor.ts';

let server: TestServer;
let supplier: Visitor;
let task: string;
beforeAll(async () => {
  server = await startServer();
  supplier = new Visitor(server.base);
  await supplier.logIn('leverandoer@demo.example');
  const open = await obligationOf(server.database, '90000004', 'open', 'miljoemaerke-andel');
  task = `/leverandoer/opgaver/${open.id}`;
});

describe('other people’s ids', () => {
  test('in every address and form of the supplier’s area are answered as if they did not exist', async () => {
    const { db } = server.database.owner;
    const intruder = new Visitor(server.base);
    await intruder.logIn('anden@demo.example');
    const victim = await db.selectFrom('supplier').select('id').where('cvr', '=', '90000004').executeTakeFirstOrThrow();
    const ids = {
      opgaver: await db.selectFrom('obligation').select('id').where('supplier_id', '=', victim.id).execute(),
      kvitteringer: await db.selectFrom('submission').select('id').where('supplier_id', '=', victim.id).execute(),
      filer: await db.selectFrom('document').select('id').where('supplier_id', '=', victim.id).execute(),
    };
    for (const [area, rows] of Object.entries(ids)) {
      expect(rows.length).toBeGreaterThan(3);
      for (const { id } of rows.slice(0, 8)) {
        for (const spelling of [id, id.toUpperCase(), `${id}%00`, `{${id}}`]) {
          const response = await intruder.get(`/leverandoer/${area}/${spelling}`);
          expect([area, spelling, response.status]).toEqual([area, spelling, 404]);
          expect((await response.text()).includes('Klarvand')).toBe(false);
        }
      }
    }
    const posted = await intruder.post(task, { intent: 'file', 'form-key': crypto.randomUUID(), version: '0' });
    expect(posted.status).toBe(404);
    expect((await intruder.get(`/forvaltning/sager/${ids.opgaver[0]?.id}`)).status).toBe(403);
    expect((await intruder.get(`/forvaltning/filer/${ids.filer[0]?.id}`)).status).toBe(403);
  });

  test.each([
    '/leverandoer/opgaver/1',
    "/leverandoer/opgaver/'%20or%201=1",
    '/aftaler/%00',
    '/krav/..%2f..%2fpackage',
    '/udbud/%F0%9F%98%80',
    '/aftaler/%ff',
    '/strategi/__proto__',
  ])('%s is 404', async (path) => {
    const response = await supplier.get(path);
    expect([404, 400]).toContain(response.status);
    expect(server.log.filter((line) => line['level'] === 'error')).toEqual([]);
  });
});

describe('the server in front', () => {
  test('serves none of the framework’s own addresses, and calls no error page a page', async () => {
    const visitor = new Visitor(server.base);
    for (const address of ['/_image?f=svg&href=/icon.svg', '/_server-islands/x', '/_actions/x', '/500', '/404'])
      expect([address, (await visitor.get(address)).status]).toEqual([address, 404]);
    for (const address of ['/findes-ikke', '/500']) expect((await visitor.get(address)).headers.get('cache-control')).toBe('no-store');
    expect((await rawRequest(server.base, { path: '/\\evil.example/' })).status).toBe(400);
    expect((await rawRequest(server.base, { path: '/%ff' })).status).toBe(400);
  });

  test('reads no body past the limit, whatever length it claims', async () => {
    const chunk = Buffer.alloc(1_000_000, 'a');
    async function* endless() {
      yield Buffer.from('--x\r\ncontent-disposition: form-data; name="email"\r\n\r\n');
      for (let sent = 0; sent < 400; sent += 1) yield chunk;
    }
    const response = await fetch(`${server.base}/log-ind`, {
      method: 'POST',
      headers: { origin: server.base, 'content-type': 'multipart/form-data; boundary=x' },
      body: endless() as never,
      duplex: 'half',
    } as RequestInit).catch(() => null);
    expect([null, 413]).toContain(response?.status ?? null);
    expect((await new Visitor(server.base).get('/aftaler')).status).toBe(200);
  });

  test('a foreign Host is 421, other methods 405, a slash at the end is redirected', async () => {
    expect((await rawRequest(server.base, { path: '/', headers: { host: 'evil.example' } })).status).toBe(421);
    for (const method of ['PUT', 'DELETE', 'TRACE', 'PATCH']) expect((await rawRequest(server.base, { method, path: '/' })).status).toBe(405);
    const slash = await new Visitor(server.base).get('/aftaler/?a=1');
    expect([slash.status, slash.headers.get('location')]).toEqual([301, '/aftaler?a=1']);
  });

  test('a form from another site is refused, whatever its content type', async () => {
    for (const headers of [{ origin: 'https://evil.example' }, { origin: 'null' }, { 'sec-fetch-site': 'cross-site', origin: server.base }, { 'sec-fetch-site': 'same-site' }]) {
      for (const type of ['application/x-www-form-urlencoded', 'text/plain', 'application/json']) {
        const { status } = await rawRequest(
          server.base,
          { method: 'POST', path: '/log-ud', headers: { ...headers, 'content-type': type, cookie: `session=${supplier.cookies.get('session')}` } },
          'a=1',
        );
        expect(status).toBe(403);
      }
    }
    expect((await rawRequest(server.base, { method: 'POST', path: '/log-ud', headers: { 'content-type': 'text/plain' } }, 'a')).status).toBe(403);
    expect((await supplier.get('/leverandoer')).status).toBe(200);
  });

  test('guesses at a password are stopped after ten, for that account, in words', async () => {
    const visitor = new Visitor(server.base);
    for (let guess = 0; guess < 10; guess += 1) expect((await visitor.logIn('begge@demo.example', `gæt ${guess}`)).status).toBe(422);
    const stopped = await visitor.logIn('begge@demo.example');
    expect(stopped.status).toBe(429);
    expect(visibleText(await stopped.text())).toContain('Vent 15 minutter');
    expect((await visitor.logIn('kollega@demo.example')).status).toBe(303);
  });
});
