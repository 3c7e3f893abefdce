import { type ChildProcess, spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { seed } from '../../db/seed/seed.ts';
import { createApp } from '../../src/app.ts';
import { buildIfStale } from '../../src/build.ts';
import { readConfig } from '../../src/platform/config.ts';
import { connect, urlForRole } from '../../src/platform/db.ts';
import { createLog } from '../../src/platform/log.ts';
import { createIfMissing, migrateAll } from '../../src/platform/postgres/database.ts';
import { startEmbeddedPostgres } from '../../src/platform/postgres/embedded-postgres.ts';
import { serverFlags } from '../support/server-flags.ts';

interface Site {
  readonly base: string;
  readonly server: ChildProcess & { pid: number };
  readonly coldStartMs: number;
  stop(): Promise<void>;
}

export interface Demonstration extends Site {
  readonly folder: string;
  readonly ownerUrl: string;
}

/** The built site in a process of its own on some cores, behind other processes by its niceness; `env` says on which database. */
export async function startSite(port: number, env: Record<string, string>, cores: string, niceness = 0): Promise<Site> {
  await buildIfStale(console.log);
  const startedAt = performance.now();
  const server = spawn('taskset', ['-c', cores, 'nice', '-n', String(niceness), process.execPath, ...serverFlags, 'src/server.ts'], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, PORT: String(port), DEMO: 'true', WORKER: 'off', LOG_LEVEL: 'info', NODE_ENV: 'production', ...env },
  });
  await new Promise<void>((resolve) => server.stdout.on('data', (chunk: Buffer) => chunk.includes('listening') && resolve()));
  const base = `http://localhost:${port}`;
  await (await fetch(`${base}/aftaler`)).text();
  return {
    base,
    server: server as unknown as Site['server'],
    coldStartMs: performance.now() - startedAt,
    async stop() {
      server.kill('SIGTERM');
      await new Promise((resolve) => server.once('exit', resolve));
    },
  };
}

/** The demonstration on a database of its own, served by the built site in a process of its own. */
export async function startDemonstration(port = 4399, env: Record<string, string> = {}, cores = '0'): Promise<Demonstration> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'portal-bench-'));
  const postgres = await startEmbeddedPostgres(path.join(folder, 'postgres'));
  await createIfMissing(postgres.url('postgres'), 'portal');
  const log = createLog('error');
  await migrateAll({ ownerUrl: postgres.url(), jobsUrl: urlForRole(postgres.url(), 'jobs', undefined, true) }, log);
  const config = readConfig({ DATA_DIR: folder, DEMO_PASSWORD: 'bench-password' });
  const owner = connect(postgres.url(), log, 2);
  const app = createApp(config, { webUrl: urlForRole(postgres.url(), 'web', undefined, true) }, log);
  await seed({ ...app.followup, owner: owner.db, web: app.db, files: app.files, content: app.content, clock: app.clock, password: 'bench-password' });
  await app.close();
  await owner.close();
  const { base, server, coldStartMs, stop } = await startSite(port, { DATABASE_URL: postgres.url(), DATA_DIR: folder, ...env }, cores);
  return {
    base,
    server,
    coldStartMs,
    folder,
    ownerUrl: postgres.url(),
    async stop() {
      await stop();
      await postgres.stop();
      fs.rmSync(folder, { recursive: true, force: true });
    },
  };
}
