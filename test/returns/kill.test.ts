import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, expect, test } from 'vitest';
import { attach } from '../../src/followup/draft.ts';
import { actorOf, type TestDatabase, testApp } from '../support/database.ts';
import { testNow } from '../support/known.ts';
import { obligationOf } from '../support/obligations.ts';
import { startServer } from '../support/server.ts';
import { csvOf } from './support.ts';

/** SIGKILL at random points of reading, checking and keeping a return: its lines are there whole with its report, or not at all. */
const lines = Number(process.env['KILL_LINES'] ?? 30_000);
const kills = Number(process.env['KILLS'] ?? 15);
/** Of a test that kills: milliseconds. */
const timeout = 60_000 + kills * lines * 0.2;

let database: TestDatabase;
let filesDir: string;
let id: string;

beforeAll(
  async () => {
    const app = await testApp();
    ({ database } = app);
    filesDir = app.config.filesDir;
    const actor = await actorOf(app, 'leverandoer@demo.example');
    const task = await obligationOf(database, '90000004', 'open', 'salgsstatistik');
    const own = { aftalenummer: task.agreement };
    const stored = await app.files.receive(Readable.from(csvInPieces(own)), 1_000_000_000);
    if (stored === 'too-large') throw new Error('too large');
    await attach(app.db, app.types, actor, task.id, [{ name: 'salg.csv', kind: 'csv', sizeBytes: stored.sizeBytes, sha256: stored.sha256 }], testNow);
    ({ id } = await database.owner.db.selectFrom('return_file').select('id').where('obligation_id', '=', task.id).executeTakeFirstOrThrow());
  },
  60_000 + lines / 10,
);

const pieceLines = 10_000;

function* csvInPieces(own: Readonly<Record<string, string>>): Generator<Buffer> {
  for (let from = 0; from < lines; from += pieceLines) {
    const piece = csvOf(...Array.from({ length: Math.min(pieceLines, lines - from) }, (_, at) => ({ ...own, fakturanummer: `F-${from + at}` })));
    yield Buffer.from(from === 0 ? piece : piece.slice(piece.indexOf('\r\n')));
  }
}

function reading(): { child: ChildProcess; begun: Promise<unknown>; gone: Promise<unknown> } {
  const child = spawn(process.execPath, ['test/support/reading-return.ts', database.workerUrl, filesDir, id], { stdio: ['ignore', 'pipe', 'inherit'] });
  const begun = once(child.stdout as NodeJS.ReadableStream, 'data');
  child.stdout?.on('data', () => {});
  return { child, begun, gone: once(child, 'exit') };
}

async function left(): Promise<{ state: string; lines: number }> {
  const { db } = database.owner;
  const { state } = await db.selectFrom('return_file').select('state').where('id', '=', id).executeTakeFirstOrThrow();
  const { count } = await db
    .selectFrom('return_line')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('return_file_id', '=', id)
    .executeTakeFirstOrThrow();
  return { state, lines: count };
}

async function startOver(): Promise<void> {
  const { db } = database.owner;
  await db.deleteFrom('return_line').where('return_file_id', '=', id).execute();
  await db.updateTable('return_file').set({ state: 'waiting', report: null, read_at: null, line_count: 0 }).where('id', '=', id).execute();
}

test('a process that is killed leaves all of a return or nothing of it', { timeout }, async () => {
  const whole = reading();
  await whole.begun;
  const startedAt = performance.now();
  await whole.gone;
  const takes = performance.now() - startedAt;
  expect(await left()).toEqual({ state: 'read', lines });
  const seen = { nothing: 0, all: 0 };
  for (let round = 0; round < kills; round += 1) {
    await startOver();
    const { child, begun, gone } = reading();
    await begun;
    await sleep(((round + Math.random()) / kills) * takes);
    child.kill('SIGKILL');
    await gone;
    // PostgreSQL notices that its client is gone when it next reads from it or answers.
    await expect
      .poll(async () => ['{"state":"waiting","lines":0}', `{"state":"read","lines":${lines}}`].includes(JSON.stringify(await left())), { timeout: 10_000 + lines / 100 })
      .toBe(true);
    seen[(await left()).state === 'read' ? 'all' : 'nothing'] += 1;
  }
  console.log(`measured: ${kills} kills within ${Math.round(takes)} ms: ${seen.nothing} left nothing, ${seen.all} left all ${lines} lines`);
  expect(seen.nothing).toBeGreaterThan(kills / 3);
});

test('the next worker reads it without anybody asking', { timeout: 90_000 + lines / 10 }, async () => {
  await startOver();
  const first = await startServer({ database, dataDir: filesDir.replace(/\/files$/, '') });
  await expect.poll(async () => (await left()).state === 'read' || first.log.some(({ event }) => event === 'listening'), { timeout: 20_000 }).toBe(true);
  await sleep(300);
  await first.stop('SIGKILL');
  const stopped = await left();
  expect([0, lines]).toContain(stopped.lines);
  const second = await startServer({ database, dataDir: filesDir.replace(/\/files$/, '') });
  await expect.poll(left, { timeout: 60_000 + lines / 20, interval: 500 }).toEqual({ state: 'read', lines });
  await second.stop();
});
