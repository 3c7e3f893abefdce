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

export interface Demonstration {
  readonly base: string;
  readonly server: ChildProcess & { pid: number };
  readonly coldStartMs: number;
  readonly folder: string;
  readonly ownerUrl: string;
  stop(): Promise<void>;
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
  await buildIfStale(console.log);

  const startedAt = performance.now();
  const server = spawn('taskset', ['-c', cores, process.execPath, '--max-semi-space-size=8', 'src/server.ts'], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, PORT: String(port), DATABASE_URL: postgres.url(), DEMO: 'true', DATA_DIR: folder, WORKER: 'off', LOG_LEVEL: 'info', NODE_ENV: 'production', ...env },
  });
  await new Promise<void>((resolve) => server.stdout.on('data', (chunk: Buffer) => chunk.includes('listening') && resolve()));
  const base = `http://localhost:${port}`;
  await (await fetch(`${base}/aftaler`)).text();
  return {
    base,
    server: server as unknown as Demonstration['server'],
    coldStartMs: performance.now() - startedAt,
    folder,
    ownerUrl: postgres.url(),
    async stop() {
      server.kill('SIGTERM');
      await new Promise((resolve) => server.once('exit', resolve));
      await postgres.stop();
      fs.rmSync(folder, { recursive: true, force: true });
    },
  };
}
