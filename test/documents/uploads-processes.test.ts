import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'kysely';
import { beforeAll, describe, expect, test } from 'vitest';
import { startServer, type TestServer } from '../support/server.ts';
import { bytesType, created, offsetAt, pdfTask, sha256Of, somePdf, type Tus, tus, untilWriters } from '../support/tus.ts';
import { Visitor } from '../support/visitor.ts';

/** Several requests and several servers on one upload. */
let first: TestServer;
let second: TestServer;
let token: string;
let client: Tus;
let task: { id: string };
beforeAll(async () => {
  first = await startServer({ env: { WORKER: 'off' } });
  second = await startServer({ database: first.database, dataDir: first.dataDir, env: { WORKER: 'off' } });
  const visitor = new Visitor(first.base);
  await visitor.logIn('leverandoer@demo.example');
  token = visitor.cookies.get('session') ?? '';
  client = tus(visitor);
  task = await pdfTask(first.database);
});

function at(server: TestServer): Tus {
  const visitor = new Visitor(server.base);
  visitor.setCookie('session', token);
  return tus(visitor);
}

const begin = (bytes: Buffer): Promise<string> => created(client, bytes.length, { filename: 'delt.pdf', obligation: task.id });
const kept = (bytes: Buffer): Buffer => fs.readFileSync(path.join(first.dataDir, 'files', sha256Of(bytes).slice(0, 2), sha256Of(bytes).slice(2, 4), sha256Of(bytes)));
const documentsOf = (bytes: Buffer) => first.database.owner.db.selectFrom('document').select('id').where('sha256', '=', sha256Of(bytes)).execute();

/** A request that has sent some of its bytes and holds the rest back. */
async function holding(server: TestServer, address: string, offset: number, sent: Buffer, more: number, others = 0) {
  const { hostname, port } = new URL(server.base);
  const headers = {
    origin: server.base,
    cookie: `session=${token}`,
    'tus-resumable': '1.0.0',
    'content-type': bytesType,
    'upload-offset': offset,
    'content-length': sent.length + more,
  };
  const request = http.request({ hostname, port, method: 'PATCH', path: address, headers, agent: false });
  const answer = new Promise<{ status: number; offset: number }>((resolve) => {
    request.once('response', (response) => resolve({ status: response.resume().statusCode ?? 0, offset: Number(response.headers['upload-offset']) }));
    request.once('error', () => resolve({ status: 0, offset: -1 }));
  });
  await untilWriters(first.database, others);
  request.write(sent);
  await untilWriters(first.database, others + 1);
  return { request, answer };
}

describe('two requests on one upload', () => {
  test('one adds, the other is told at once with 423, and nothing is mixed up', async () => {
    const bytes = somePdf(3_000_000);
    const address = await begin(bytes);
    const one = await holding(first, address, 0, bytes.subarray(0, 1_000_000), 2_000_000);
    const startedAt = performance.now();
    const other = await client.patch(address, 0, Buffer.alloc(3_000_000, 'x'));
    expect([other.status, other.headers.get('retry-after'), await other.json()]).toMatchObject([423, '1', { code: 'locked' }]);
    expect(performance.now() - startedAt).toBeLessThan(2_000);
    one.request.end(bytes.subarray(1_000_000));
    expect(await one.answer).toEqual({ status: 204, offset: 3_000_000 });
    expect([kept(bytes).equals(bytes), (await documentsOf(bytes)).length]).toEqual([true, 1]);
  });

  test('fifty at once, on two servers, each from where it believes the file to be: every byte is from one of them', async () => {
    const bytes = somePdf(500_000);
    const address = await begin(bytes);
    const statuses: Record<string, number> = {};
    for (let offset = 0; offset < bytes.length; offset = await offsetAt(client, address)) {
      const part = bytes.subarray(offset, offset + 100_000);
      const answers = await Promise.all(Array.from({ length: 50 }, (_, number) => at(number % 2 ? first : second).patch(address, offset, part)));
      for (const { status } of answers) statuses[status] = (statuses[status] ?? 0) + 1;
      expect(answers.filter(({ status }) => status === 204).length).toBeLessThanOrEqual(1);
    }
    console.log(`five parts, fifty writers each: ${JSON.stringify(statuses)}`);
    // The others are told: somebody writes, somebody has written, or that the server is too busy to say and when to ask again.
    expect(Object.keys(statuses).filter((status) => !['204', '409', '423', '503'].includes(status))).toEqual([]);
    expect(statuses['204']).toBe(5);
    expect([kept(bytes).equals(bytes), (await documentsOf(bytes)).length]).toEqual([true, 1]);
  });

  test('a silent connection makes room for one that asks, and what came on it is kept', async () => {
    const bytes = somePdf(2_000_000);
    const address = await begin(bytes);
    const silent = await holding(first, address, 0, bytes.subarray(0, 700_000), 1_300_000);
    await sleep(3_200);
    expect((await client.patch(address, 0, bytes)).status).toBe(423);
    expect(await silent.answer).toEqual({ status: 204, offset: 700_000 });
    expect((await client.patch(address, 700_000, bytes.subarray(700_000))).status).toBe(204);
    expect(kept(bytes).equals(bytes)).toBe(true);
  });

  test('ending an upload stops the request that adds to it', async () => {
    const bytes = somePdf(2_000_000);
    const address = await begin(bytes);
    const going = await holding(first, address, 0, bytes.subarray(0, 700_000), 1_300_000);
    expect((await client.remove(address)).status).toBe(204);
    await going.answer;
    expect([(await client.head(address)).status, fs.existsSync(path.join(first.dataDir, 'files/incoming', address.slice(-32)))]).toEqual([404, false]);
  });
});

describe('several servers', () => {
  test('share an upload: what one has received the other goes on with', async () => {
    const bytes = somePdf(900_000);
    const address = await begin(bytes);
    for (let offset = 0, turn = 0; offset < bytes.length; offset += 100_000, turn += 1)
      expect((await at(turn % 2 ? first : second).patch(address, offset, bytes.subarray(offset, offset + 100_000))).status).toBe(204);
    expect(kept(bytes).equals(bytes)).toBe(true);
  });

  test('know of each other’s requests, and a server that is killed in the middle holds nothing up', async () => {
    const third = await startServer({ database: first.database, dataDir: first.dataDir, env: { WORKER: 'off' } });
    const bytes = somePdf(20_000_000);
    const address = await begin(bytes);
    const doomed = await holding(third, address, 0, bytes.subarray(0, 18_000_000), 2_000_000);
    expect((await client.patch(address, 0, bytes.subarray(0, 10))).status).toBe(423);
    while ((await offsetAt(client, address)) === 0) await sleep(20);
    await third.stop('SIGKILL');
    await doomed.answer;
    const offset = await offsetAt(client, address);
    const startedAt = performance.now();
    let answer = await client.patch(address, offset, bytes.subarray(offset));
    while (answer.status === 423) answer = await client.patch(address, offset, bytes.subarray(offset));
    expect([answer.status, performance.now() - startedAt < 3_000]).toEqual([204, true]);
    console.log(`killed after 18 MB had been sent: ${offset / 1e6} MB acknowledged`);
    expect([kept(bytes).equals(bytes), (await documentsOf(bytes)).length]).toEqual([true, 1]);
  });

  test('one that loses its connection for locks stops adding, and acknowledges nothing more', async () => {
    const bytes = somePdf(2_000_000);
    const address = await begin(bytes);
    const cut = await holding(first, address, 0, bytes.subarray(0, 700_000), 1_300_000);
    await sql`
      select pg_terminate_backend(pid) from pg_locks
      where locktype = 'advisory' and objsubid = 1 and database = (select oid from pg_database where datname = current_database())`.execute(first.database.owner.db);
    expect((await cut.answer).status).toBe(423);
    expect(await offsetAt(client, address)).toBe(0);
    expect((await client.patch(address, 0, bytes)).status).toBe(204);
    expect(kept(bytes).equals(bytes)).toBe(true);
  });

  test('a new one goes on where one that was told to stop had come, and nobody is answered with 5xx', async () => {
    const old = await startServer({ database: first.database, dataDir: first.dataDir, env: { WORKER: 'off' } });
    const bytes = somePdf(5_000_000);
    const [slow, quick] = [await begin(bytes), await begin(Buffer.alloc(10))];
    const going = await holding(old, slow, 0, bytes.subarray(0, 3_000_000), 2_000_000);
    const ending = await holding(old, quick, 0, Buffer.from('%PDF-'), 3, 1);
    const startedAt = performance.now();
    const stopped = old.stop('SIGTERM');
    await sleep(300);
    ending.request.end('1.7');
    expect(await ending.answer).toEqual({ status: 204, offset: 8 });
    const answer = await going.answer;
    going.request.destroy();
    await stopped;
    expect([[0, 204].includes(answer.status), old.process.exitCode, performance.now() - startedAt < 9_000]).toEqual([true, 0, true]);
    const fresh = await startServer({ database: first.database, dataDir: first.dataDir, env: { WORKER: 'off' } });
    const offset = await offsetAt(at(fresh), slow);
    expect(offset).toBe(3_000_000);
    expect((await at(fresh).patch(slow, offset, bytes.subarray(offset))).status).toBe(204);
    expect(kept(bytes).equals(bytes)).toBe(true);
    expect(old.log.filter((line) => Number(line['status']) >= 500)).toEqual([]);
  });
});
