import http from 'node:http';
import { Readable } from 'node:stream';
import { sql } from 'kysely';
import { beforeAll, describe, expect, test } from 'vitest';
import { filesOnDisk } from '../../src/platform/files/disk.ts';
import { rangeOf } from '../../src/web/byte-range.ts';
import { actorOf, testApp } from '../support/database.ts';
import { obligationOf, withFile } from '../support/obligations.ts';
import { freePort, startServer, type TestServer } from '../support/server.ts';
import { Visitor } from '../support/visitor.ts';

test.each([
  [null, null],
  ['bytes=0-9', { start: 0, end: 9 }],
  ['bytes=90-', { start: 90, end: 99 }],
  ['bytes=-10', { start: 90, end: 99 }],
  ['bytes=-500', { start: 0, end: 99 }],
  ['bytes=50-5000', { start: 50, end: 99 }],
  ['bytes=100-', 'unsatisfiable'],
  ['bytes=-0', 'unsatisfiable'],
  ['bytes=9-3', null],
  ['bytes=0-1,5-6', null],
  ['pages=1-2', null],
  ['bytes=-', null],
])('of 100 bytes, %s asks for %o', (header, expected) => {
  expect(rangeOf(header, 100)).toEqual(expected);
});

/** An answer from a host name that need not exist: asked on loopback by its name. */
function ask(port: number, host: string, path: string, headers: Record<string, string> = {}): Promise<{ status: number; headers: http.IncomingHttpHeaders; body: string }> {
  return new Promise((resolve, reject) => {
    http
      .get({ host: '127.0.0.1', port, path, headers: { host: `${host}:${port}`, ...headers } }, (res) => {
        let body = '';
        res.on('data', (chunk: Buffer) => (body += chunk));
        res.on('end', () => resolve({ status: res.statusCode ?? 0, headers: res.headers, body }));
      })
      .on('error', reject);
  });
}

describe('a file that was filed', () => {
  let port: number;
  let server: TestServer;
  let file: { id: string; sha256: string; size_bytes: number; supplier_id: string };
  const staff = async (): Promise<Visitor> => {
    const visitor = new Visitor(`http://localhost:${port}`);
    await visitor.logIn('sagsbehandler@demo.example');
    return visitor;
  };
  const reads = () => server.database.owner.db.selectFrom('document_read').selectAll().where('document_id', '=', file.id).execute();
  beforeAll(async () => {
    port = await freePort();
    server = await startServer({ env: { PORT: String(port), FILES_URL: `http://filer.test:${port}`, WORKER: 'off' } });
    const { db } = server.database.owner;
    file = await db
      .selectFrom('document')
      .select(['id', 'sha256', 'size_bytes', 'supplier_id'])
      .where('submission_id', 'is not', null)
      .where('kind', '=', 'pdf')
      .executeTakeFirstOrThrow();
  });

  test('is sent to nobody before it has been checked, and then to staff', async () => {
    const visitor = await staff();
    await server.database.owner.db.updateTable('stored_file').set({ verdict: 'waiting', reason: null }).where('sha256', '=', file.sha256).execute();
    expect((await visitor.get(`/forvaltning/filer/${file.id}`)).status).toBe(404);
    expect(await reads()).toEqual([]);
    await server.database.owner.db.updateTable('stored_file').set({ verdict: 'refused', reason: 'malware' }).where('sha256', '=', file.sha256).execute();
    expect((await visitor.get(`/forvaltning/filer/${file.id}`)).status).toBe(404);
    await server.database.owner.db.updateTable('stored_file').set({ verdict: 'clean', reason: null }).where('sha256', '=', file.sha256).execute();
    expect((await visitor.get(`/forvaltning/filer/${file.id}`)).status).toBe(303);
  });

  test('comes from a host of its own, as something to save, in parts where asked, and cannot act', async () => {
    const way = new URL((await (await staff()).get(`/forvaltning/filer/${file.id}`)).headers.get('location') ?? '');
    expect(way.host).toBe(`filer.test:${port}`);
    const whole = await ask(port, 'filer.test', way.pathname);
    expect(whole.status).toBe(200);
    expect(whole.headers).toMatchObject({
      'content-length': String(file.size_bytes),
      'x-content-type-options': 'nosniff',
      'content-security-policy': "sandbox; default-src 'none'; frame-ancestors 'none'",
      'cross-origin-resource-policy': 'same-origin',
      'cache-control': 'no-store',
      etag: `"${file.sha256}"`,
    });
    expect(whole.headers['content-disposition']).toMatch(/^attachment;/);
    expect(whole.headers['set-cookie']).toBeUndefined();
    const part = await ask(port, 'filer.test', way.pathname, { range: 'bytes=5-9', 'if-range': `"${file.sha256}"` });
    expect(part).toMatchObject({ status: 206, body: whole.body.slice(5, 10) });
    expect(part.headers['content-range']).toBe(`bytes 5-9/${file.size_bytes}`);
    expect(await ask(port, 'filer.test', way.pathname, { range: 'bytes=5-9', 'if-range': '"another"' })).toMatchObject({ status: 200 });
    expect(await ask(port, 'filer.test', way.pathname, { range: 'bytes=999999-' })).toMatchObject({ status: 416 });
  });

  test('has that host to itself: no page is there, and no file on the host of the pages', async () => {
    const way = new URL((await (await staff()).get(`/forvaltning/filer/${file.id}`)).headers.get('location') ?? '');
    for (const path of ['/', '/log-ind', '/leverandoer', `/forvaltning/filer/${file.id}`, '/robots.txt']) expect((await ask(port, 'filer.test', path)).status, path).toBe(404);
    expect((await ask(port, 'localhost', way.pathname)).status).toBe(404);
    expect((await ask(port, 'elsewhere.test', way.pathname)).status).toBe(421);
  });

  test('is for the reader who asked: a changed ticket opens nothing, and neither does one of somebody who lost the right', async () => {
    const way = new URL((await (await staff()).get(`/forvaltning/filer/${file.id}`)).headers.get('location') ?? '');
    const letter = way.pathname.at(-20) === 'A' ? 'B' : 'A';
    expect((await ask(port, 'filer.test', way.pathname.slice(0, -20) + letter + way.pathname.slice(-19))).status).toBe(404);
    const { db } = server.database.owner;
    const account = await db.selectFrom('account').select('id').where('email', '=', 'sagsbehandler@demo.example').executeTakeFirstOrThrow();
    await db.updateTable('account').set({ disabled_at: new Date() }).where('id', '=', account.id).execute();
    expect((await ask(port, 'filer.test', way.pathname)).status).toBe(404);
    await db.updateTable('account').set({ disabled_at: null }).where('id', '=', account.id).execute();
    expect((await ask(port, 'filer.test', way.pathname)).status).toBe(200);
  });

  test('leaves a line for its supplier each time somebody at the municipality opens it, and none for the parts that follow', async () => {
    const before = (await reads()).length;
    const visitor = await staff();
    await visitor.get(`/forvaltning/filer/${file.id}`);
    await visitor.request(`/forvaltning/filer/${file.id}`, { headers: { range: 'bytes=100-' } });
    const after = await reads();
    expect(after).toHaveLength(before + 1);
    expect(after.at(-1)).toMatchObject({ supplier_id: file.supplier_id, what: 'download' });
    const entries = await server.database.owner.db.selectFrom('audit_entry').select('seq').where('event', '=', 'document.read').where('subject', '=', file.id).execute();
    expect(entries).toHaveLength(after.length);
  });

  test('leaves a line as well when its first byte is left out, unless the same account has begun to read it within ten minutes', async () => {
    const { db } = server.database.owner;
    const plain = await startServer({ database: server.database, dataDir: server.dataDir, env: { WORKER: 'off' } });
    const visitors = { ticket: await staff(), bytes: new Visitor(plain.base) };
    await visitors.bytes.logIn('sagsbehandler@demo.example');
    const colleague = new Visitor(plain.base);
    await colleague.logIn('kontrakt@demo.example');
    const age = () => db.updateTable('document_read').set({ at: sql`at - interval '10 minutes'` }).execute();
    const newLines = async (visitor: Visitor, range: string, method = 'GET'): Promise<[status: number, lines: number]> => {
      const before = (await reads()).length;
      const { status } = await visitor.request(`/forvaltning/filer/${file.id}`, { method, headers: { range } });
      return [status, (await reads()).length - before];
    };
    for (const [status, visitor] of [
      [303, visitors.ticket],
      [206, visitors.bytes],
    ] as const) {
      await age();
      expect(await newLines(visitor, 'bytes=1-')).toEqual([status, 1]);
      expect(await newLines(visitor, 'bytes=2-')).toEqual([status, 0]);
      expect(await newLines(visitor, 'bytes=0-')).toEqual([status, 1]);
      await age();
      expect(await newLines(visitor, 'bytes=1-')).toEqual([status, 1]);
    }
    // Neither what a colleague has read nor the picture of the first page is the file.
    expect(await newLines(colleague, 'bytes=1-')).toEqual([206, 1]);
    await age();
    await db
      .insertInto('document_read')
      .columns(['document_id', 'supplier_id', 'account_id', 'account_name', 'what'])
      .expression((eb) =>
        eb
          .selectFrom('document_read')
          .select((each) => ['document_id', 'supplier_id', 'account_id', 'account_name', each.val('preview').as('what')])
          .distinct(),
      )
      .execute();
    expect(await newLines(colleague, 'bytes=1-')).toEqual([206, 1]);
    const entries = await db.selectFrom('audit_entry').select('seq').where('event', '=', 'document.read').where('subject', '=', file.id).execute();
    expect(entries).toHaveLength((await reads()).filter(({ what }) => what === 'download').length);
  });

  test('leaves no line for HEAD, which gets neither bytes nor a ticket', async () => {
    const before = await reads();
    const response = await (await staff()).request(`/forvaltning/filer/${file.id}`, { method: 'HEAD' });
    expect([response.status, response.headers.get('location'), response.headers.get('content-length'), await response.text()]).toEqual([200, null, String(file.size_bytes), '']);
    expect(await reads()).toHaveLength(before.length);
  });

  test('keeps its ticket out of the log', () => {
    const lines = server.log.filter((line) => String(line['path']).startsWith('/f/'));
    expect(lines.length).toBeGreaterThan(3);
    expect(lines.every((line) => /^\/f\/…|^\/f\/[^/]{0,40}$/.test(String(line['path'])))).toBe(true);
  });
});

test('a file that could be packed comes as it is stored, whole and in parts, since its tag and its parts are of those bytes', async () => {
  const server = await startServer({ env: { WORKER: 'off' } });
  const app = await testApp(server.database);
  const lines = 'vare;antal\n'.repeat(1_000);
  const { id } = await obligationOf(server.database, '90000004', 'open');
  const sha256 = await withFile(app, await actorOf(app, 'leverandoer@demo.example'), id, 'linjer.csv', lines, 'csv');
  await filesOnDisk(`${server.dataDir}/files`).receive(Readable.from([Buffer.from(lines)]), 1_000_000);
  const { db } = server.database.owner;
  await db.updateTable('stored_file').set({ verdict: 'clean', reason: null }).where('sha256', '=', sha256).execute();
  const document = await db.selectFrom('document').select('id').where('sha256', '=', sha256).executeTakeFirstOrThrow();
  const visitor = new Visitor(server.base);
  await visitor.logIn('leverandoer@demo.example');
  const ask = (headers: Record<string, string>) => visitor.request(`/leverandoer/filer/${document.id}`, { headers: { 'accept-encoding': 'gzip, br', ...headers } });
  const whole = await ask({});
  expect([whole.headers.get('content-encoding'), whole.headers.get('content-length'), whole.headers.get('etag'), await whole.text()]).toEqual([
    null,
    '11000',
    `"${sha256}"`,
    lines,
  ]);
  const rest = await ask({ range: 'bytes=5500-', 'if-range': `"${sha256}"` });
  expect([rest.status, rest.headers.get('content-encoding'), rest.headers.get('content-length'), await rest.text()]).toEqual([206, null, '5500', lines.slice(5_500)]);
});
