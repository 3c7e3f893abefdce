import http from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { obligationOf } from '../support/obligations.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { bytesType, created, metadata, offsetAt, pdfTask, somePdf, type Tus, tus, uploads } from '../support/tus.ts';
import { rawRequest, Visitor } from '../support/visitor.ts';

/** Whose uploads are whose, in every verb. */
let server: TestServer;
let owner: Tus;
let session: Visitor;
let task: { id: string; supplier_id: string };
let at: string;
const bytes = somePdf(3_000);

async function logIn(email: string): Promise<Visitor> {
  const visitor = new Visitor(server.base);
  await visitor.logIn(`${email}@demo.example`);
  return visitor;
}

beforeAll(async () => {
  server = await startServer({ env: { WORKER: 'off' } });
  session = await logIn('leverandoer');
  owner = tus(session);
  task = await pdfTask(server.database);
});

beforeEach(async () => {
  at = await created(owner, bytes.length, { filename: 'hemmelig.pdf', obligation: task.id });
  await owner.patch(at, 0, bytes.subarray(0, 1_000));
});

const row = () => server.database.owner.db.selectFrom('upload').selectAll().where('id', '=', at.slice(-32)).executeTakeFirst();

/** What somebody is answered in every verb about an address. */
async function answers(client: Tus, address: string) {
  const told = [
    await client.head(address),
    await client.request('GET', address),
    await client.patch(address, 1_000, bytes.subarray(1_000)),
    await client.remove(address),
    await client.request('PATCH', address, { 'content-type': bytesType, 'upload-offset': 0 }),
  ];
  return Promise.all(
    told.map(async (each) => ({ status: each.status, offset: each.headers.get('upload-offset'), length: each.headers.get('upload-length'), body: await each.text() })),
  );
}

describe('an upload', () => {
  test.each(['anden', 'kollega', 'sagsbehandler', 'revision', 'admin', 'budget'])('of somebody else is to %s as one that does not exist, and stays as it was', async (email) => {
    const before = await row();
    const other = tus(await logIn(email));
    const [theirs, nobodys] = [await answers(other, at), await answers(other, `${uploads}/${'0'.repeat(32)}`)];
    expect(theirs).toEqual(nobodys);
    for (const { status, offset, length, body } of theirs) {
      expect([status, offset, length]).toEqual([404, null, null]);
      expect(body).not.toContain('hemmelig');
    }
    expect(await row()).toEqual(before);
    expect(await offsetAt(owner, at)).toBe(1_000);
  });

  test('is told nothing of and changed by nobody without a session, or with one that has ended', async () => {
    const before = await row();
    const ended = await logIn('leverandoer');
    const token = ended.cookies.get('session') ?? '';
    await ended.post('/log-ud', {});
    ended.setCookie('session', token);
    for (const visitor of [new Visitor(server.base), ended]) {
      const told = await answers(tus(visitor), at);
      expect(told.map(({ status }) => status)).toEqual([401, 401, 401, 401, 401]);
      expect(told).toEqual(await answers(tus(visitor), `${uploads}/${'0'.repeat(32)}`));
      expect((await tus(visitor).create(3, { filename: 'a.pdf', obligation: task.id })).status).toBe(401);
    }
    expect(await row()).toEqual(before);
  });

  test('is not touched by a page of another site in its owner’s browser, whatever it sends', async () => {
    const before = await row();
    const cookie = `session=${session.cookies.get('session')}`;
    const count = async (): Promise<number> => (await server.database.owner.db.selectFrom('upload').select('id').execute()).length;
    const uploadsBefore = await count();
    for (const from of [{ origin: 'https://evil.example' }, { origin: 'null' }, { 'sec-fetch-site': 'cross-site', origin: server.base }, { 'sec-fetch-site': 'same-site' }, {}]) {
      for (const [method, path] of [
        ['POST', uploads],
        ['PATCH', at],
        ['DELETE', at],
      ] as const) {
        const headers = {
          ...from,
          cookie,
          'tus-resumable': '1.0.0',
          'content-type': bytesType,
          'upload-offset': '1000',
          'upload-length': '3',
          'upload-metadata': metadata({ filename: 'a.pdf', obligation: task.id }),
        };
        const answer = await rawRequest(server.base, { method, path, headers }, method === 'DELETE' ? '' : 'abc');
        expect([from, method, answer.status]).toEqual([from, method, 403]);
      }
    }
    expect([await row(), await count()]).toEqual([before, uploadsBefore]);
  });

  test('stops counting when its sender loses the right to it, in the middle of a request and before the next', async () => {
    const { db } = server.database.owner;
    const guest = await logIn('begge');
    const account = await db.selectFrom('account').select('id').where('email', '=', 'begge@demo.example').executeTakeFirstOrThrow();
    const mine = { account_id: account.id, supplier_id: task.supplier_id, role: 'member' };
    const large = somePdf(40_000_000);
    const address = await created(tus(guest), large.length, { filename: 'stor.pdf', obligation: task.id });
    const { hostname, port } = new URL(server.base);
    const headers = {
      origin: server.base,
      cookie: `session=${guest.cookies.get('session')}`,
      'tus-resumable': '1.0.0',
      'content-type': bytesType,
      'upload-offset': 0,
      'content-length': large.length,
    };
    const request = http.request({ hostname, port, method: 'PATCH', path: address, headers });
    const answer = new Promise<number>((resolve, reject) => {
      request.once('response', (response) => resolve(response.resume().statusCode ?? 0));
      request.once('error', reject);
    });
    request.write(large.subarray(0, 18_000_000));
    const received = async (): Promise<number> =>
      (await db.selectFrom('upload').select('received_bytes').where('id', '=', address.slice(-32)).executeTakeFirstOrThrow()).received_bytes;
    while ((await received()) === 0) await sleep(20);
    const counted = await received();
    await db.deleteFrom('membership').where('account_id', '=', account.id).where('supplier_id', '=', task.supplier_id).execute();
    request.end(large.subarray(18_000_000));
    expect(await answer).toBe(404);
    expect([await received(), (await tus(guest).head(address)).status]).toEqual([counted, 404]);
    expect(counted).toBeLessThan(20_000_000);
    await db.insertInto('membership').values(mine).execute();
    expect(await offsetAt(tus(guest), address)).toBe(counted);
  });
});

describe('creating', () => {
  test('in a task, or for a supplier, of somebody else is as if there were none', async () => {
    const other = await obligationOf(server.database, '90002740', 'open');
    for (const said of [{ obligation: other.id }, { obligation: crypto.randomUUID() }, { obligation: "' or 1=1" }, { supplier: other.supplier_id }, { supplier: 'x' }])
      expect([said, (await owner.create(3, { filename: 'a.pdf', ...said })).status]).toEqual([said, 404]);
    for (const obligation of ['findes-ikke', crypto.randomUUID()])
      expect(await (await owner.create(3, { filename: 'a.pdf', obligation })).json()).toMatchObject({ code: 'not-found', detail: expect.stringMatching(/^Opgaven findes ikke/) });
    for (const email of ['sagsbehandler', 'admin']) expect((await tus(await logIn(email)).create(3, { filename: 'a.pdf', obligation: task.id })).status).toBe(403);
  });

  test('for the library asks whom it is for when its sender acts for several', async () => {
    const both = tus(await logIn('begge'));
    const answer = await both.create(3, { filename: 'a.pdf' });
    expect([answer.status, await answer.json()]).toMatchObject([400, { code: 'supplier-missing' }]);
    expect((await both.create(3, { filename: 'a.pdf', supplier: task.supplier_id })).status).toBe(201);
    expect((await owner.create(3, { filename: 'a.pdf' })).status).toBe(201);
  });

  test.each([
    ['planned', 'not-open-yet'],
    ['accepted', 'already-filed'],
  ])('in a task that is %s is refused in words', async (state, code) => {
    const { id } = await obligationOf(server.database, '90000004', state);
    const answer = await owner.create(3, { filename: 'a.pdf', obligation: id });
    expect([answer.status, await answer.json()]).toMatchObject([422, { code, detail: expect.stringMatching(/Opgaven er/) }]);
  });

  test('in a task that takes no files, or that was filed while the file was on its way, is refused in words, and nothing is kept', async () => {
    const { db } = server.database.owner;
    const none = await obligationOf(server.database, '90000004', 'open', 'miljoemaerke-andel');
    await db.updateTable('obligation').set({ type: 'boerneattest-erklaering', period: 'prøve' }).where('id', '=', none.id).execute();
    const refused = await owner.create(3, { filename: 'a.pdf', obligation: none.id });
    expect([refused.status, await refused.json()]).toMatchObject([422, { code: 'takes-no-files' }]);

    await db.updateTable('obligation').set({ state: 'submitted' }).where('id', '=', task.id).execute();
    const late = await owner.patch(at, 1_000, bytes.subarray(1_000));
    expect([late.status, await late.json()]).toMatchObject([422, { code: 'already-filed', detail: 'Opgaven er allerede indsendt. Filen er ikke kommet med.' }]);
    expect(await owner.state(at)).toMatchObject({ state: 'given-up', reason: 'already-filed' });
    expect(await db.selectFrom('document').select('id').where('obligation_id', '=', task.id).execute()).toEqual([]);
    await db.updateTable('obligation').set({ state: 'open' }).where('id', '=', task.id).execute();
  });
});

test('what happened to uploads is in the audit log once each: received, given up, ended; never each part', async () => {
  const { db } = server.database.owner;
  await owner.patch(at, 1_000, bytes.subarray(1_000, 2_000));
  await owner.patch(at, 2_000, bytes.subarray(2_000));
  const ended = await created(owner, 10, { filename: 'a.pdf' });
  await owner.remove(ended);
  const entries = async (address: string) => db.selectFrom('audit_entry').select(['event', 'detail', 'supplier_id']).where('subject', '=', address.slice(-32)).execute();
  expect(await entries(at)).toMatchObject([{ event: 'upload.received', detail: { bytes: 3_000, obligation: task.id }, supplier_id: task.supplier_id }]);
  expect(await entries(ended)).toMatchObject([{ event: 'upload.terminated' }]);
});
