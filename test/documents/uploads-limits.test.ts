import fs from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, test } from 'vitest';
import { sweepExpired, sweepOrphans } from '../../src/documents/uploads/sweep.ts';
import { days } from '../../src/platform/clock.ts';
import { connect } from '../../src/platform/db.ts';
import { createLog } from '../../src/platform/log.ts';
import { endSlowBody } from '../../src/web/uploads/slow-body.ts';
import { testNow } from '../support/known.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { bytesType, created, pdfTask, sha256Of, somePdf, type Tus, tus, untilWriters } from '../support/tus.ts';
import { Visitor } from '../support/visitor.ts';

/** How much, how long, and what is said afterwards. */
let server: TestServer;
let client: Tus;
let visitor: Visitor;
let task: { id: string; supplier_id: string };
let silentSince = 0;
let silence: Promise<number>;
beforeAll(async () => {
  server = await startServer({ env: { WORKER: 'off', MAX_FILE_MB: '1' } });
  visitor = new Visitor(server.base);
  await visitor.logIn('leverandoer@demo.example');
  client = tus(visitor);
  task = await pdfTask(server.database);
  const other = new Visitor(server.base);
  await other.logIn('anden@demo.example');
  silence = open(await created(tus(other), 1_000, { filename: 'stille.pdf' }), 1_000, other).closed;
  silentSince = performance.now();
  await untilWriters(server.database, 1);
});

/** A request that sends five bytes and nothing more. */
function open(address: string, length: number, sender = visitor) {
  const { hostname, port } = new URL(server.base);
  const headers = {
    origin: server.base,
    cookie: `session=${sender.cookies.get('session')}`,
    'tus-resumable': '1.0.0',
    'content-type': bytesType,
    'upload-offset': 0,
    'content-length': length,
  };
  const request = http.request({ hostname, port, method: 'PATCH', path: address, headers, agent: false });
  request.write('%PDF-');
  const status = new Promise<number>((resolve) => request.once('response', (response) => resolve(response.resume().statusCode ?? 0)));
  const closed = new Promise<number>((resolve) => {
    request.on('error', () => {});
    request.once('close', () => resolve(performance.now()));
  });
  return { request, status, closed };
}

const refusal = async (response: Response) => [response.status, Number(response.headers.get('retry-after')) > 0, ((await response.json()) as { code: string }).code];
const rows = () => server.database.owner.db.selectFrom('upload').where('supplier_id', '=', task.supplier_id);
const forgetAll = () => server.database.owner.db.deleteFrom('upload').where('supplier_id', '=', task.supplier_id).execute();

describe('one supplier', () => {
  test('has a hundred files on their way at most, and as many bytes as twenty of the largest files, also when all come at once', async () => {
    await forgetAll();
    const many = await Promise.all(Array.from({ length: 110 }, () => client.create(10, { filename: 'a.pdf', obligation: task.id })));
    expect(many.filter(({ status }) => status === 201)).toHaveLength(100);
    for (const each of many.filter(({ status }) => status !== 201)) expect(await refusal(each)).toEqual([429, true, 'too-many-open']);
    await forgetAll();
    const large = await Promise.all(Array.from({ length: 25 }, () => client.create(1_000_000, { filename: 'a.pdf', obligation: task.id })));
    expect(large.filter(({ status }) => status === 201)).toHaveLength(20);
    for (const each of large.filter(({ status }) => status !== 201)) expect(await refusal(each)).toEqual([429, true, 'too-many-bytes']);
    // Another supplier is not held up.
    const other = new Visitor(server.base);
    await other.logIn('anden@demo.example');
    expect((await tus(other).create(10, { filename: 'a.pdf' })).status).toBe(201);
  });

  test('cannot begin more in a day than two hundred of the largest files, whatever became of them', async () => {
    await forgetAll();
    const account = await server.database.owner.db.selectFrom('account').select('id').where('email', '=', 'leverandoer@demo.example').executeTakeFirstOrThrow();
    const given = {
      account_id: account.id,
      supplier_id: task.supplier_id,
      name: 'a.pdf',
      kind: 'pdf',
      size_bytes: 1_000_000,
      created_at: testNow,
      expires_at: new Date(testNow.getTime() + days(1)),
      finished_at: testNow,
      fault: 'file-wrong-content',
    };
    await server.database.owner.db
      .insertInto('upload')
      .values(Array.from({ length: 200 }, (_, number) => ({ ...given, id: String(number).padStart(32, '0') })))
      .execute();
    expect(await refusal(await client.create(10, { filename: 'a.pdf' }))).toEqual([429, true, 'too-much-in-a-day']);
    await forgetAll();
    expect((await client.create(10, { filename: 'a.pdf' })).status).toBe(201);
  });

  test('one account sends 64 files at the same time to one server, and more when one of them is done', async () => {
    await forgetAll();
    const addresses = await Promise.all(Array.from({ length: 65 }, () => created(client, 100, { filename: 'a.pdf' })));
    const going = addresses.slice(0, 64).map((address) => open(address, 10));
    const begun = (address: string): boolean => fs.existsSync(path.join(server.dataDir, 'files/incoming', address.slice(-32)));
    while (!addresses.slice(0, 64).every(begun)) await sleep(20);
    const more = (): Promise<Response> => client.patch(addresses[64] ?? '', 0, Buffer.from('%PDF-'));
    expect(await refusal(await more())).toEqual([429, true, 'too-many-at-once']);
    expect((await visitor.get('/aftaler')).status).toBe(200);
    for (const { request } of going) request.end('12345');
    expect(await Promise.all(going.map(({ status }) => status))).toEqual(Array(64).fill(204));
    expect((await more()).status).toBe(204);
  });
});

test('what has become of a file is told by its upload, from the verdict on its bytes', async () => {
  const { db } = server.database.owner;
  await forgetAll();
  const bytes = somePdf(4_000);
  const answer = await client.create(bytes.length, { filename: 'dom.pdf', obligation: task.id }, {}, bytes);
  const at = answer.headers.get('location') ?? '';
  const document = await db.selectFrom('document').select('id').where('sha256', '=', sha256Of(bytes)).executeTakeFirstOrThrow();
  for (const [verdict, reason, state, message] of [
    ['waiting', null, 'checking', 'Filen er modtaget og bliver kontrolleret.'],
    ['waiting', 'scanner-away', 'checking', 'Virusscanneren svarer ikke. Filen er gemt, og vi prøver igen af os selv.'],
    ['clean', null, 'accepted', 'Filen er modtaget.'],
    ['unscanned', null, 'accepted', 'Filen er modtaget.'],
    ['refused', 'password', 'refused', 'Filen er låst med en adgangskode. Gem den uden adgangskode, og send den igen.'],
    ['held', 'pdf-damaged', 'held', expect.stringMatching(/^PDF-filen er beskadiget/)],
  ] as const) {
    await db.updateTable('stored_file').set({ verdict, reason }).where('sha256', '=', sha256Of(bytes)).execute();
    const told = await client.state(at);
    expect(told).toMatchObject({ state, documentId: document.id, name: 'dom.pdf', ...(reason && { reason }), message });
    expect(told).not.toHaveProperty('warning');
  }
  await db.updateTable('stored_file').set({ verdict: 'clean', reason: null, mentions_cpr: true }).where('sha256', '=', sha256Of(bytes)).execute();
  expect(await client.state(at)).toMatchObject({ state: 'accepted', warning: expect.stringContaining('CPR-nummer') });
  const library = await client.create(bytes.length, { filename: 'bibliotek.pdf' }, {}, bytes);
  expect(await client.state(library.headers.get('location') ?? '')).not.toHaveProperty('documentId');
});

test('the sweep takes what expired an hour ago, and bytes that nobody knows of; what is on its way stays', async () => {
  const { db } = server.database.owner;
  await forgetAll();
  const incoming = path.join(server.dataDir, 'files/incoming');
  for (const name of fs.readdirSync(incoming)) fs.rmSync(path.join(incoming, name));
  const [old, recent, going] = await Promise.all(
    ['gammel', 'nylig', 'i gang'].map(async (name) => {
      const address = await created(client, 1_000, { filename: `${name}.pdf` });
      await client.patch(address, 0, Buffer.from('%PDF-'));
      return address.slice(-32);
    }),
  );
  const minutesAgo = (count: number): Date => new Date(testNow.getTime() - count * 60_000);
  await db
    .updateTable('upload')
    .set({ expires_at: minutesAgo(61) })
    .where('id', '=', old ?? '')
    .execute();
  await db
    .updateTable('upload')
    .set({ expires_at: minutesAgo(59) })
    .where('id', '=', recent ?? '')
    .execute();
  for (const name of ['forladt', `${old}.whole`, going ?? '']) {
    fs.writeFileSync(path.join(incoming, name), 'x');
    fs.utimesSync(path.join(incoming, name), new Date(Date.now() - days(3)), new Date(Date.now() - days(3)));
  }
  fs.writeFileSync(path.join(incoming, 'frisk'), 'x');
  const worker = connect(server.database.workerUrl, createLog('error'), 1);
  expect([await sweepExpired(worker.db, incoming, testNow), await sweepOrphans(worker.db, incoming)]).toEqual([1, 1]);
  await worker.close();
  expect(fs.readdirSync(incoming).sort()).toEqual([going, recent, 'frisk'].sort());
  expect(await rows().select('id').execute()).toHaveLength(2);
  expect([(await client.head(`/api/uploads/${old}`)).status, (await client.head(`/api/uploads/${recent}`)).status, (await client.head(`/api/uploads/${going}`)).status]).toEqual([
    404, 410, 200,
  ]);
  const entries = await db
    .selectFrom('audit_entry')
    .select(['event', 'detail'])
    .where('subject', '=', old ?? '')
    .execute();
  expect(entries).toEqual([{ event: 'upload.expired', detail: { bytes: 5 } }]);
});

test('a body that drips on is ended when its time is over; one that came whole is not', async () => {
  const listener = http.createServer((req, res) => {
    endSlowBody(req, 400);
    req.resume().once('end', () => setTimeout(() => res.end('taken'), 600));
  });
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  const address = `http://127.0.0.1:${(listener.address() as AddressInfo).port}`;
  const startedAt = performance.now();
  const request = http.request(address, { method: 'POST', headers: { 'content-length': 1_000 } });
  const drip = setInterval(() => request.write('x'), 50);
  await new Promise((resolve) => request.once('error', resolve));
  clearInterval(drip);
  // All of it would have come after fifty seconds.
  expect(performance.now() - startedAt).toBeLessThan(20_000);
  expect(await (await fetch(address, { method: 'POST', body: 'whole' })).text()).toBe('taken');
  await new Promise((resolve) => listener.close(resolve));
});

test('a connection from which nothing comes is closed within half a minute, and its upload is free', async () => {
  const seconds = ((await silence) - silentSince) / 1000;
  console.log(`silent connection closed after ${seconds.toFixed(1)} s`);
  expect([seconds > 20, seconds < 40]).toEqual([true, true]);
}, 60_000);
