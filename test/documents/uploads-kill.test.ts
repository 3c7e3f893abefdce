import { type ChildProcess, spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, expect, test } from 'vitest';
import { sweepExpired } from '../../src/documents/uploads/sweep.ts';
import { connect } from '../../src/platform/db.ts';
import { createLog } from '../../src/platform/log.ts';
import { atEnd } from '../support/clean-up.ts';
import { type TestDatabase, testApp } from '../support/database.ts';
import { testNow } from '../support/known.ts';
import { created, offsetAt, pdfTask, sha256Of, somePdf, type Tus, through, tus } from '../support/tus.ts';
import type { Visitor } from '../support/visitor.ts';

/** SIGKILL before every step of every request that changes something, on a disk that then forgets what was not synced. */
const atOnce = 3;
const size = 40_000;
const half = 25_000;

let database: TestDatabase;
let filesDir: string;
let visitor: Visitor;
let task: { id: string };
let healthy: Process;
let resumed: Tus;

interface Process {
  readonly base: string;
  readonly child: ChildProcess;
  readonly gone: Promise<unknown>;
}

async function start(weaken = ''): Promise<Process> {
  const child = spawn(process.execPath, ['test/support/dying-uploads.ts', database.webUrl, filesDir, weaken], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, NODE_COMPILE_CACHE: path.join(filesDir, '..', 'compiled') },
  });
  const gone = new Promise((resolve) => child.once('exit', resolve));
  const base = await new Promise<string>((resolve, reject) => {
    child.stdout.on('data', (chunk: Buffer) => /http:\S+/.test(String(chunk)) && resolve(String(chunk).trim()));
    child.once('exit', (code) => reject(new Error(`ended with ${code}`)));
  });
  return { base, child, gone };
}

async function kill({ child, gone }: Process): Promise<void> {
  child.kill('SIGKILL');
  await gone;
}

const clientOf = ({ base }: Process): Tus => tus(through(() => base, visitor, base));

beforeAll(async () => {
  const app = await testApp();
  database = app.database;
  filesDir = app.config.filesDir;
  const account = await app.db.selectFrom('account').select('id').where('email', '=', 'leverandoer@demo.example').executeTakeFirstOrThrow();
  const token = await app.sessions.start(account.id, null);
  visitor = { cookies: new Map([['session', token]]) } as unknown as Visitor;
  task = await pdfTask(database);
  healthy = await start();
  atEnd(() => kill(healthy));
  resumed = clientOf(healthy);
});

/** Sends the rest through a server that lives, and tells what became of the file. */
async function outcome(at: string, bytes: Buffer, name: string): Promise<string> {
  let offset = await offsetAt(resumed, at);
  while (offset >= 0 && offset < bytes.length) {
    const answer = await resumed.patch(at, offset, bytes.subarray(offset));
    if (answer.status !== 204 && answer.status !== 423) return `${answer.status}`;
    offset = await offsetAt(resumed, at);
  }
  const documents = await database.owner.db.selectFrom('document').select(['sha256', 'size_bytes']).where('name', '=', name).execute();
  const audits = await database.owner.db.selectFrom('audit_entry').select('seq').where('subject', '=', at.slice(-32)).where('event', '=', 'upload.received').execute();
  const [document] = documents;
  if (!document) return 'no document';
  const kept = fs.readFileSync(path.join(filesDir, document.sha256.slice(0, 2), document.sha256.slice(2, 4), document.sha256));
  return `${documents.length} document, ${kept.equals(bytes) ? 'identical' : 'OTHER BYTES'}, ${audits.length} entry`;
}

const whole = '1 document, identical, 1 entry';

/** Requests that change something: what was acknowledged before, and the step to begin with, where the steps before are those of another. */
const requests = {
  'the first part': {
    before: 0,
    from: 1,
    send: (client: Tus, at: string, bytes: Buffer, headers: Record<string, string>) => client.patch(at, 0, bytes.subarray(0, half), headers),
  },
  'the last part': {
    before: half,
    from: 1,
    send: (client: Tus, at: string, bytes: Buffer, headers: Record<string, string>) => client.patch(at, half, bytes.subarray(half), headers),
  },
  'all of it': { before: 0, from: 14, send: (client: Tus, at: string, bytes: Buffer, headers: Record<string, string>) => client.patch(at, 0, bytes, headers) },
} as const;

test.each(Object.entries(requests))(
  '%s: killed before any step, what was acknowledged is there, and the file comes through once',
  async (what, { before, from, send }) => {
    let [next, last] = [from, Number.POSITIVE_INFINITY];
    const counted = { before: 0, after: 0 };
    async function work(): Promise<void> {
      while (next <= last) {
        const step = next++;
        const bytes = somePdf(size);
        const name = `${what}-${step}.pdf`;
        const at = await created(resumed, size, { filename: name, obligation: task.id });
        if (before > 0) await resumed.patch(at, 0, bytes.subarray(0, before));
        const doomed = await start();
        const answer = await send(clientOf(doomed), at, bytes, { 'x-crash-at': String(step) }).catch(() => null);
        const offset = await offsetAt(resumed, at);
        expect([step, offset >= before]).toEqual([step, true]);
        if (answer) {
          last = Math.min(last, step);
          expect([answer.status, offset]).toEqual([204, Number(answer.headers.get('upload-offset'))]);
        } else counted[offset > before ? 'after' : 'before'] += 1;
        await kill(doomed);
        expect([step, await outcome(at, bytes, name)]).toEqual([step, whole]);
      }
    }
    await Promise.all(Array.from({ length: atOnce }, work));
    console.log(
      `${what} takes ${last - 1} steps; killed before each: ${counted.before} times it did not count, ${counted.after} times it did; 0 false acknowledgements, every file whole and once`,
    );
    expect(last).toBeGreaterThan(12);
    expect([counted.before > 5, counted.after > 0]).toEqual([true, true]);
  },
  300_000,
);

test('a creating request that brings the file, killed before any step, leaves no document or the one, and the file can be sent again', async () => {
  let [next, last] = [1, Number.POSITIVE_INFINITY];
  async function work(): Promise<void> {
    while (next <= last) {
      const step = next++;
      const bytes = somePdf(size);
      const name = `oprettet-${step}.pdf`;
      const doomed = await start();
      const answer = await clientOf(doomed)
        .create(size, { filename: name, obligation: task.id }, { 'x-crash-at': String(step) }, bytes)
        .catch(() => null);
      await kill(doomed);
      if (answer) last = Math.min(last, step);
      const again = await resumed.create(size, { filename: name, obligation: task.id }, {}, bytes);
      expect([step, again.status]).toEqual([step, 201]);
      const documents = await database.owner.db.selectFrom('document').select('sha256').where('name', '=', name).execute();
      expect([step, documents]).toEqual([step, [{ sha256: sha256Of(bytes) }]]);
    }
  }
  await Promise.all(Array.from({ length: atOnce }, work));
  console.log(`creating with the file takes ${last - 1} steps; killed before each: never two documents, never a part of one`);
  expect(last).toBeGreaterThan(20);
}, 300_000);

test('what the killed left behind goes with its time, and nothing else', async () => {
  const { db } = database.owner;
  const unfinished = somePdf(size);
  const at = await created(resumed, size, { filename: 'bliver.pdf', obligation: task.id });
  await resumed.patch(at, 0, unfinished.subarray(0, half));
  const incoming = path.join(filesDir, 'incoming');
  const before = fs.readdirSync(incoming).length;
  await db
    .updateTable('upload')
    .set({ expires_at: new Date(0) })
    .where('id', '!=', at.slice(-32))
    .execute();
  const worker = connect(database.workerUrl, createLog('error'), 1);
  const expired = await sweepExpired(worker.db, incoming, testNow);
  await worker.close();
  console.log(`${before} files on their way, ${expired} uploads expired, ${fs.readdirSync(incoming).length} left`);
  expect(fs.readdirSync(incoming)).toEqual([at.slice(-32)]);
  expect(await outcome(at, unfinished, 'bliver.pdf')).toBe(whole);
});

test('control: a server that acknowledges before it has synced loses what it acknowledged, and this test sees it', async () => {
  const rounds = 5;
  const lost = { honest: 0, weakened: 0 };
  for (const variant of ['honest', 'weakened'] as const) {
    for (let round = 0; round < rounds; round += 1) {
      const bytes = somePdf(size);
      const name = `${variant}-${round}.pdf`;
      const at = await created(resumed, size, { filename: name, obligation: task.id });
      const server = await start(variant === 'weakened' ? 'no-sync' : '');
      expect((await clientOf(server).patch(at, 0, bytes.subarray(0, half))).headers.get('upload-offset')).toBe(String(half));
      await kill(server);
      await sleep(5);
      if ((await outcome(at, bytes, name)) !== whole) lost[variant] += 1;
    }
  }
  console.log(`acknowledged, then killed: ${lost.honest} of ${rounds} lost; without the sync ${lost.weakened} of ${rounds}`);
  expect(lost).toEqual({ honest: 0, weakened: rounds });
}, 300_000);
