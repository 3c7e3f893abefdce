import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startServer, type TestServer } from '../support/server.ts';
import { created, offsetAt, pdfTask, sha256Of, somePdf, type Tus, tus } from '../support/tus.ts';
import { Visitor } from '../support/visitor.ts';

/** A disk that is full, or broken: nothing is acknowledged that is not kept, the site stays up, and it goes on when the disk does. */
const faults = 100;

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'portal-disk-'));
const mayMount = process.getuid?.() === 0 && spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=16m', 'tmpfs', folder]).status === 0;
if (!mayMount) console.log('skipped: tests of a full disk need a file system of their own, which this user or machine may not mount');
const mayTrace = spawnSync('strace', ['-o', '/dev/null', 'true']).status === 0;
if (!mayTrace) console.log('skipped: tests of a broken disk need strace, which is not here or may not trace');

let server: TestServer;
let client: Tus;
let visitor: Visitor;
let task: { id: string };
beforeAll(async () => {
  server = await startServer({ env: { WORKER: 'off', FILES: `disk:${folder}` } });
  visitor = new Visitor(server.base);
  await visitor.logIn('leverandoer@demo.example');
  client = tus(visitor);
  task = await pdfTask(server.database);
});
afterAll(async () => {
  await server.stop();
  if (mayMount) execFileSync('umount', [folder]);
  fs.rmSync(folder, { recursive: true, force: true });
});

const kept = (bytes: Buffer): Buffer => fs.readFileSync(path.join(folder, sha256Of(bytes).slice(0, 2), sha256Of(bytes).slice(2, 4), sha256Of(bytes)));
const documentsOf = (bytes: Buffer) => server.database.owner.db.selectFrom('document').select('id').where('sha256', '=', sha256Of(bytes)).execute();
const begin = (bytes: Buffer): Promise<string> => created(client, bytes.length, { filename: 'disk.pdf', obligation: task.id });

/** Sends again and again while the disk refuses, and counts what was answered and what was acknowledged although nothing was kept. */
async function under(at: string, bytes: Buffer, from: number, times: number): Promise<{ statuses: Record<string, number>; falseAcks: number }> {
  const statuses: Record<string, number> = {};
  let falseAcks = 0;
  for (let attempt = 0; attempt < times; attempt += 1) {
    const answer = await client.patch(at, from, bytes.subarray(from));
    statuses[answer.status] = (statuses[answer.status] ?? 0) + 1;
    await answer.arrayBuffer();
    if ((await offsetAt(client, at)) !== from) falseAcks += 1;
  }
  return { statuses, falseAcks };
}

describe.skipIf(!mayMount)('a full disk', () => {
  test(`is answered with 507 and a time to come back, ${faults} times without a false word; then the file goes on from where it was`, async () => {
    const bytes = somePdf(2_000_000);
    const at = await begin(bytes);
    expect((await client.patch(at, 0, bytes.subarray(0, 1_000_000))).status).toBe(204);
    const filler = path.join(folder, 'filler');
    const { bavail, bsize } = fs.statfsSync(folder);
    fs.writeFileSync(filler, Buffer.alloc(bavail * bsize - 200_000));

    const once = await client.patch(at, 1_000_000, bytes.subarray(1_000_000), { 'accept-language': 'en' });
    expect([once.status, once.headers.get('retry-after'), await once.json()]).toMatchObject([507, '60', { code: 'disk-full', detail: expect.stringContaining('no room') }]);
    const { statuses, falseAcks } = await under(at, bytes, 1_000_000, faults);
    console.log(`full disk: ${JSON.stringify(statuses)}, ${falseAcks} false acknowledgements`);
    expect([statuses, falseAcks]).toEqual([{ 507: faults }, 0]);
    expect((await visitor.get('/aftaler')).status).toBe(200);
    expect(server.log.filter((line) => line['level'] === 'error' && line['code'] === 'disk-full').length).toBeGreaterThanOrEqual(faults);

    fs.rmSync(filler);
    expect((await client.patch(at, 1_000_000, bytes.subarray(1_000_000))).status).toBe(204);
    expect([kept(bytes).equals(bytes), (await documentsOf(bytes)).length]).toEqual([true, 1]);
  });

  test('leaves nothing behind of a file that came with the creating request', async () => {
    const incoming = path.join(folder, 'incoming');
    const before = fs.readdirSync(incoming);
    const bytes = somePdf(30_000_000);
    expect((await client.create(bytes.length, { filename: 'stor.pdf', obligation: task.id }, {}, bytes)).status).toBe(507);
    expect(fs.readdirSync(incoming)).toEqual(before);
  });
});

/** Lets system calls of a process fail while `work` runs. */
async function broken<T>(pid: number, call: string, work: () => Promise<T>): Promise<T> {
  const strace: ChildProcess = spawn('strace', ['-f', '-p', String(pid), '-e', `trace=${call}`, '-e', `inject=${call}:error=EIO`, '-o', '/dev/null'], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  await new Promise<void>((resolve, reject) => {
    strace.stderr?.once('data', () => resolve());
    strace.once('exit', () => reject(new Error('strace did not attach')));
  });
  try {
    return await work();
  } finally {
    strace.removeAllListeners('exit');
    strace.kill('SIGINT');
    await new Promise((resolve) => strace.once('exit', resolve));
  }
}

describe.skipIf(!mayTrace || !mayMount)('a broken disk', () => {
  test.each([
    ['fdatasync', faults / 2],
    ['pwritev,pwrite64', faults / 4],
    ['fsync', faults / 4],
    ['link,linkat', faults / 4],
  ])('that fails at %s is answered with 503, and nothing is acknowledged; then the file comes through once', async (call, times) => {
    const bytes = somePdf(900_000);
    const at = await begin(bytes);
    expect((await client.patch(at, 0, bytes.subarray(0, 300_000))).status).toBe(204);
    const { statuses, falseAcks } = await broken(server.process.pid ?? 0, call, async () => {
      const counts = await under(at, bytes, 300_000, times);
      expect((await visitor.get('/aftaler')).status).toBe(200);
      return counts;
    });
    console.log(`EIO at ${call}: ${JSON.stringify(statuses)}, ${falseAcks} false acknowledgements`);
    expect([statuses, falseAcks]).toEqual([{ 503: times }, 0]);
    expect(await documentsOf(bytes)).toEqual([]);
    expect((await client.patch(at, 300_000, bytes.subarray(300_000))).status).toBe(204);
    expect([kept(bytes).equals(bytes), (await documentsOf(bytes)).length]).toEqual([true, 1]);
  });

  test('control: a server that does not look whether it has synced acknowledges under the same fault, and loses it', async () => {
    const weak = spawn(process.execPath, ['test/support/dying-uploads.ts', server.database.webUrl, folder, 'no-sync'], { stdio: ['ignore', 'pipe', 'inherit'] });
    const base = await new Promise<string>((resolve) => weak.stdout.once('data', (chunk: Buffer) => resolve(String(chunk).trim())));
    const careless = new Visitor(base);
    careless.setCookie('session', visitor.cookies.get('session') ?? '');
    const bytes = somePdf(10_000);
    const at = await begin(bytes);
    const answer = await broken(weak.pid ?? 0, 'fdatasync', () => tus(careless).patch(at, 0, bytes.subarray(0, 5_000)));
    expect([answer.status, answer.headers.get('upload-offset')]).toEqual([204, '5000']);
    weak.kill('SIGKILL');
    await new Promise((resolve) => weak.once('exit', resolve));
    const gone = await client.patch(at, 5_000, bytes.subarray(5_000));
    expect([gone.status, await gone.json()]).toMatchObject([410, { code: 'bytes-lost', detail: 'Det, vi havde modtaget af filen, er gået tabt hos os. Vælg filen igen.' }]);
  });
});
