import { type ChildProcess, spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { sql } from 'kysely';
import { describe, expect, test } from 'vitest';
import { asAccount, connect } from '../../src/platform/db.ts';
import { enqueue, startWorker } from '../../src/platform/jobs.ts';
import { createLog } from '../../src/platform/log.ts';
import { atEnd } from '../support/clean-up.ts';
import { freshDatabase } from '../support/database.ts';

const silent = createLog('error', () => {});
const children: ChildProcess[] = [];
atEnd(() => {
  for (const child of children) if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
});

async function queue() {
  const database = await freshDatabase('migrated');
  const web = connect(database.webUrl, silent);
  atEnd(() => web.close());
  const waiting = async () => {
    const { rows } = await sql<{ count: number }>`select count(*) as count from graphile_worker._private_jobs`.execute(database.owner.db);
    return rows[0]?.count;
  };
  return { database, web, waiting };
}

describe('a job', () => {
  test('is enqueued with the change that calls for it, or not at all', async () => {
    const { web, waiting } = await queue();
    await asAccount(web.db, null, async (tx) => {
      await enqueue(tx, 'mail-send', { mailId: 'a' }, 'a');
      throw new Error('rolled back');
    }).catch(() => {});
    expect(await waiting()).toBe(0);
    await asAccount(web.db, null, (tx) => enqueue(tx, 'mail-send', { mailId: 'a' }, 'a'));
    expect(await waiting()).toBe(1);
  });

  test('waits once per key', async () => {
    const { web, waiting } = await queue();
    for (const key of ['a', 'a', 'b']) await asAccount(web.db, null, (tx) => enqueue(tx, 'mail-send', { mailId: key }, key));
    expect(await waiting()).toBe(2);
  });

  test('that nobody handles is refused when it is enqueued', async () => {
    const { web } = await queue();
    await expect(asAccount(web.db, null, (tx) => enqueue(tx, 'something-else' as 'mail-send', { mailId: 'a' }, 'a'))).rejects.toThrow(/no handler/);
  });

  test('can be neither read nor added past that door by the role that serves pages', async () => {
    const { web } = await queue();
    for (const statement of ['select * from graphile_worker._private_jobs', "select graphile_worker.add_job('mail-send')"])
      await expect(sql.raw(statement).execute(web.db)).rejects.toThrow(/permission denied/);
  });

  test('runs soon after its commit, and again when it failed', async () => {
    const { database, web, waiting } = await queue();
    let tries = 0;
    const worker = await startWorker(
      database.jobsUrl,
      {
        'mail-send': async () => {
          tries += 1;
          if (tries === 1) throw new Error('greylisted');
        },
      },
      [],
      silent,
    );
    await asAccount(web.db, null, (tx) => enqueue(tx, 'mail-send', { mailId: 'a' }, 'a'));
    await expect.poll(waiting, { timeout: 20_000 }).toBe(0);
    expect(tries).toBe(2);
    await worker.stop();
  });

  test('whose worker is killed in the middle runs once more within seconds, by another worker, and none is lost', async () => {
    const { database, web, waiting } = await queue();
    const record = path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'portal-jobs-')), 'runs');
    const start = async (slow: number): Promise<ChildProcess> => {
      const child = spawn(process.execPath, ['test/support/busy-worker.ts', database.jobsUrl, record, String(slow)], { stdio: ['ignore', 'pipe', 'inherit'] });
      children.push(child);
      await new Promise((resolve) => child.stdout?.once('data', resolve));
      return child;
    };
    const doomed = await start(60_000);
    await asAccount(web.db, null, async (tx) => {
      for (const id of ['a', 'b', 'c']) await enqueue(tx, 'mail-send', { mailId: id }, id);
    });
    await expect.poll(() => (fs.existsSync(record) ? fs.readFileSync(record, 'utf8').split('\n').length : 0), { timeout: 20_000 }).toBe(3);
    doomed.kill('SIGKILL');
    const heir = await start(0);
    const killedAt = Date.now();
    await expect.poll(waiting, { timeout: 40_000 }).toBe(0);
    const runs = fs.readFileSync(record, 'utf8').trim().split('\n');
    expect(
      runs
        .filter((run) => run.startsWith(`${heir.pid} ended`))
        .map((run) => run.at(-1))
        .sort(),
    ).toEqual(['a', 'b', 'c']);
    console.log(`abandoned jobs were done ${((Date.now() - killedAt) / 1000).toFixed(1)} s after the kill`);
    heir.kill('SIGTERM');
  });
});
