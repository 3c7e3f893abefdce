import { spawn } from 'node:child_process';
import fs from 'node:fs';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { seed } from '../../db/seed/seed.ts';
import { createApp } from '../../src/app.ts';
import { buildIfStale } from '../../src/build.ts';
import { readConfig } from '../../src/platform/config.ts';
import { createIfMissing, migrateAll } from '../../src/platform/database.ts';
import { connect, urlForRole } from '../../src/platform/db.ts';
import { startEmbeddedPostgres } from '../../src/platform/embedded-postgres.ts';
import { createLog } from '../../src/platform/log.ts';

/**
 * Measures the built server beside a bare Node server that sends the same bytes, in one run, interleaved.
 * Numbers are for people to read; machines are too noisy for a timing to pass or fail.
 */
const rounds = 5;
const requests = 300;
const atOnce = 8;

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'portal-bench-'));
const postgres = await startEmbeddedPostgres(path.join(folder, 'postgres'));
await createIfMissing(postgres.url('postgres'), 'portal');
const log = createLog('error');
const jobsUrl = urlForRole(postgres.url(), 'jobs', undefined, true);
await migrateAll({ ownerUrl: postgres.url(), jobsUrl }, log);
const config = readConfig({ DATA_DIR: folder, DEMO_PASSWORD: 'bench-password' });
const owner = connect(postgres.url(), log, 2);
const app = createApp(config, { webUrl: urlForRole(postgres.url(), 'web', undefined, true) }, log);
await seed({ ...app.followup, owner: owner.db, web: app.db, files: app.files, content: app.content, clock: app.clock, password: 'bench-password' });
await app.close();
await owner.close();
await buildIfStale(console.log);

const port = 4399;
const startedAt = performance.now();
const server = spawn(process.execPath, ['src/server.ts'], {
  stdio: ['ignore', 'pipe', 'inherit'],
  env: { ...process.env, PORT: String(port), DATABASE_URL: postgres.url(), DEMO: 'true', DATA_DIR: folder, WORKER: 'off', LOG_LEVEL: 'info', NODE_ENV: 'production' },
});
await new Promise<void>((resolve) => server.stdout.on('data', (chunk: Buffer) => chunk.includes('listening') && resolve()));
const base = `http://localhost:${port}`;
await (await fetch(`${base}/aftaler`)).text();
const coldStart = performance.now() - startedAt;

const rows: { page: string; ours: number; bare: number; bytes: number }[] = [];
for (const page of ['/', '/aftaler', '/aftaler/2024-031', '/strategi/sund-oekonomi', '/krav/arbejdsklausul']) {
  const body = await (await fetch(base + page)).text();
  const bare = http.createServer((_req, res) => res.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(body)).listen(0, '127.0.0.1');
  await new Promise((resolve) => bare.once('listening', resolve));
  const bareUrl = `http://127.0.0.1:${(bare.address() as { port: number }).port}/`;
  const times = { ours: [] as number[], bare: [] as number[] };
  for (let round = 0; round < rounds; round += 1) {
    times.ours.push(await timeOf(base + page));
    times.bare.push(await timeOf(bareUrl));
  }
  bare.close();
  rows.push({ page, ours: median(times.ours), bare: median(times.bare), bytes: Buffer.byteLength(body) });
}
const memory = Number(/VmRSS:\s+(\d+)/.exec(fs.readFileSync(`/proc/${server.pid}/status`, 'utf8'))?.[1]) / 1024;

console.log(`\nload ${os.loadavg()[0]?.toFixed(2)}, ${os.cpus().length} cores, Node ${process.version}`);
console.log(`cold start to the first page with its data: ${Math.round(coldStart)} ms; memory after ${rounds * requests * rows.length} pages: ${Math.round(memory)} MB\n`);
console.log('| page | bytes | ours, ms a request | bare Node, same bytes | ratio |\n|---|---|---|---|---|');
for (const { page, ours, bare, bytes } of rows) console.log(`| ${page} | ${bytes} | ${ours.toFixed(2)} | ${bare.toFixed(2)} | ${(ours / bare).toFixed(1)} |`);

server.kill('SIGTERM');
await new Promise((resolve) => server.once('exit', resolve));
await postgres.stop();
fs.rmSync(folder, { recursive: true, force: true });

/** Milliseconds of wall time per request, `atOnce` at a time. */
async function timeOf(url: string): Promise<number> {
  const start = performance.now();
  let left = requests;
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      while (left > 0) {
        left -= 1;
        await (await fetch(url)).arrayBuffer();
      }
    }),
  );
  return (performance.now() - start) / requests;
}

function median(values: number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
