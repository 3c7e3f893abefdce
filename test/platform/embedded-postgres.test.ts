import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import pg from 'pg';
import { afterEach, describe, expect, test } from 'vitest';
import { startEmbeddedPostgres } from '../../src/platform/postgres/embedded-postgres.ts';
import { roomyMemory } from '../support/memory.ts';

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) fs.rmSync(folder, { recursive: true, force: true });
});

function newFolder(owner?: number): string {
  const folder = fs.mkdtempSync(path.join(roomyMemory(), 'portal-pg-'));
  if (owner !== undefined) fs.chownSync(folder, owner, owner);
  folders.push(folder);
  return folder;
}

/** Another process that runs the database and writes rows. */
async function writer(folder: string, ids: { uid?: number; gid?: number } = {}): Promise<{ child: ChildProcess; first: string; last: () => number }> {
  const child = spawn(process.execPath, ['test/support/hold-postgres.ts', folder], { stdio: ['ignore', 'pipe', 'pipe'], ...ids });
  let output = '';
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk));
  await new Promise<void>((resolve, reject) => {
    child.stdout.on('data', (chunk: Buffer) => {
      output += chunk;
      if (output.split('\n').length > 50) resolve();
    });
    child.once('exit', (code) => reject(new Error(`ended with ${code}: ${errors}`)));
  });
  return { child, first: output.split('\n')[0] ?? '', last: () => Number(output.trimEnd().split('\n').slice(0, -1).at(-1)) };
}

const gone = (child: ChildProcess): Promise<void> => new Promise((resolve) => child.once('exit', () => resolve()));
const servers = (folder: string): string[] =>
  fs
    .readdirSync('/proc')
    .filter((pid) => /^\d+$/.test(pid))
    .filter((pid) => {
      try {
        return fs.readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(`${folder}/data`);
      } catch {
        return false; // ended meanwhile
      }
    });

describe('the embedded PostgreSQL', () => {
  test('listens on a socket that only its user may enter, and on no port', async () => {
    const postgres = await startEmbeddedPostgres(newFolder());
    const client = new pg.Client({ connectionString: postgres.url('postgres') });
    await client.connect();
    const { rows } = await client.query("select current_setting('listen_addresses') as addresses, current_setting('unix_socket_directories') as socket");
    await client.end();
    await postgres.stop();
    expect(rows[0].addresses).toBe('');
    expect(fs.statSync(rows[0].socket).mode & 0o777).toBe(0o700);
  });

  test('kill -9 of its parent leaves no orphan and loses no row that was acknowledged', async () => {
    const folder = newFolder();
    for (let round = 0; round < 3; round += 1) {
      const { child, last } = await writer(folder);
      child.kill('SIGKILL');
      await gone(child);
      const acknowledged = last();
      await expect.poll(() => servers(folder), { timeout: 10_000 }).toEqual([]);
      const postgres = await startEmbeddedPostgres(folder);
      const client = new pg.Client({ connectionString: postgres.url('postgres') });
      await client.connect();
      const { rows } = await client.query('select count(*)::int as count, max(n)::int as last from row');
      await client.end();
      await postgres.stop();
      expect(rows[0].last).toBeGreaterThanOrEqual(acknowledged);
      expect(rows[0].count).toBe(rows[0].last);
    }
  });

  test('kill -9 of the server itself: the next start recovers every acknowledged row', async () => {
    const folder = newFolder();
    const { child, last } = await writer(folder);
    const postmaster = Number(fs.readFileSync(path.join(folder, 'data/postmaster.pid'), 'utf8').split('\n')[0]);
    process.kill(postmaster, 'SIGKILL');
    await gone(child);
    const acknowledged = last();
    const postgres = await startEmbeddedPostgres(folder);
    const client = new pg.Client({ connectionString: postgres.url('postgres') });
    await client.connect();
    const { rows } = await client.query('select max(n)::int as last from row');
    await client.end();
    await postgres.stop();
    expect(rows[0].last).toBeGreaterThanOrEqual(acknowledged);
  });

  test('a second process on the same folder attaches, and its end does not stop the first', async () => {
    const folder = newFolder();
    const { child, first } = await writer(folder);
    const second = await startEmbeddedPostgres(folder);
    expect([first.split(' ')[1], second.attached]).toEqual(['own', true]);
    await second.stop();
    const third = await startEmbeddedPostgres(folder);
    expect(third.attached).toBe(true);
    child.kill('SIGTERM');
    await gone(child);
  });

  test('a folder that holds something else is refused with the server’s own words', async () => {
    const folder = newFolder();
    fs.mkdirSync(path.join(folder, 'data'));
    fs.writeFileSync(path.join(folder, 'data/PG_VERSION'), '9\n');
    await expect(startEmbeddedPostgres(folder, { patienceMs: 500 })).rejects.toThrow(/does not start on .*Its last words:\n.*(postgresql\.conf|not compatible)/s);
  });

  const isRoot = process.getuid?.() === 0;
  if (!isRoot) console.log('skipped: "works as a normal user too" needs to be started as root; this whole run is as a normal user');
  test.skipIf(!isRoot)('works as a normal user too', async () => {
    const user = 65_534;
    const folder = newFolder(user);
    const reachable = (() => {
      try {
        execFileSync(process.execPath, ['-e', "require('fs').readdirSync('src')"], { uid: user, gid: user, stdio: 'ignore' });
        return true;
      } catch {
        return false;
      }
    })();
    if (!reachable) return console.log('not shown: a normal user may not read this folder');
    const { child, first } = await writer(folder, { uid: user, gid: user });
    expect(first).toBe(`started own ${user}`);
    child.kill('SIGKILL');
    await gone(child);
    await expect.poll(() => servers(folder), { timeout: 10_000 }).toEqual([]);
  });
});
