import { type ChildProcess, spawn } from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { inject } from 'vitest';
import { atEnd } from './clean-up.ts';
import { freshDatabase, type TestDatabase } from './database.ts';
import { demoPassword, testNow } from './known.ts';
import { serverFlags } from './server-flags.ts';

export interface TestServer {
  readonly base: string;
  readonly database: TestDatabase;
  readonly dataDir: string;
  readonly process: ChildProcess;
  /** Lines of the server's log, parsed. */
  readonly log: Record<string, unknown>[];
  stop(signal?: NodeJS.Signals): Promise<void>;
}

export async function freePort(): Promise<number> {
  const probe = net.createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => probe.once('listening', resolve));
  const { port } = probe.address() as net.AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return port;
}

/** The built server in a process of its own, on loopback, with the demonstration's data and clock. */
export async function startServer({
  database,
  env = {},
  entry = 'src/server.ts',
  dataDir,
}: {
  database?: TestDatabase;
  env?: Record<string, string>;
  entry?: string;
  dataDir?: string;
} = {}): Promise<TestServer> {
  const own = database ?? (await freshDatabase());
  const folder = dataDir ?? fs.mkdtempSync(path.join(os.tmpdir(), 'portal-server-'));
  if (!dataDir) fs.cpSync(inject('files'), path.join(folder, 'files'), { recursive: true });
  const port = await freePort();
  const child = spawn(process.execPath, [...serverFlags, entry], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      NODE_ENV: 'production',
      PORT: String(port),
      DATABASE_URL: own.ownerUrl,
      DATA_DIR: folder,
      DEMO: 'true',
      DEMO_PASSWORD: demoPassword,
      SECRET_KEY: 'a key for tests only, long enough to be one',
      NOW: testNow.toISOString(),
      ...env,
    },
  });
  const log: Record<string, unknown>[] = [];
  let errors = '';
  let rest = '';
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk));
  await new Promise<void>((resolve, reject) => {
    child.stdout.on('data', (chunk: Buffer) => {
      const lines = (rest + chunk).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        try {
          log.push(JSON.parse(line) as Record<string, unknown>);
        } catch {
          log.push({ level: 'raw', line });
        }
        if (line.includes('"listening"')) resolve();
      }
    });
    child.once('exit', (code) => reject(new Error(`the server ended with ${code}: ${errors}`)));
  });
  const stop = async (signal: NodeJS.Signals = 'SIGTERM'): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) child.kill(signal);
    await gone;
  };
  atEnd(async () => {
    await stop();
    if (!dataDir) fs.rmSync(folder, { recursive: true, force: true });
  });
  return { base: `http://localhost:${port}`, database: own, dataDir: folder, process: child, log, stop };
}
