import { type ChildProcess, spawn } from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { atEnd } from './clean-up.ts';

/** The test virus, in two pieces so that no scanner takes this file for it (eicar.org). */
export const eicar = Buffer.from(['X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-STANDARD-', 'ANTIVIRUS-TEST-FILE!$H+H*'].join(''));
/** Nothing in itself; a virus for a clamd that has been told so. */
export const marker = Buffer.from('a word that only new signatures know');

const program = ['/usr/sbin/clamd', '/usr/bin/clamd', '/usr/local/sbin/clamd', '/opt/homebrew/sbin/clamd'].find((name) => fs.existsSync(name));

/** Why there is no clamd to test with, or null. */
export const noClamd = program ? null : 'clamd is not installed (apt-get install clamav-daemon)';

export interface RunningClamd {
  /** The path of its socket. */
  readonly address: string;
  readonly process: ChildProcess;
  stop(signal?: NodeJS.Signals): Promise<void>;
}

export interface ClamdOptions {
  readonly signatures?: readonly Buffer[];
  readonly streamLimit?: string;
  /** The folder of an earlier one, to come back at the same address. */
  readonly folder?: string;
}

export function clamdFolder(): string {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'portal-clamd-'));
  atEnd(() => fs.rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A real clamd with signatures of our own on a socket of its own. Rejects with what it said when it does not start. */
export async function startClamd({ signatures = [eicar], streamLimit = '25M', folder = clamdFolder() }: ClamdOptions = {}): Promise<RunningClamd> {
  const database = path.join(folder, 'db');
  fs.rmSync(database, { recursive: true, force: true });
  fs.mkdirSync(database);
  // A body signature that may stand anywhere: <name>:<any kind of file>:<any offset>:<bytes>.
  if (signatures.length > 0) fs.writeFileSync(path.join(database, 'test.ndb'), signatures.map((bytes, index) => `Test.${index}:0:*:${bytes.toString('hex')}\n`).join(''));
  const address = path.join(folder, 'socket');
  const settings = {
    DatabaseDirectory: database,
    LocalSocket: address,
    FixStaleSocket: 'yes',
    Foreground: 'yes',
    StreamMaxLength: streamLimit,
    MaxFileSize: '25M',
    MaxRecursion: '8',
    AlertEncrypted: 'yes',
    AlertExceedsMax: 'yes',
    ConcurrentDatabaseReload: 'no',
    ...(process.getuid?.() === 0 && { User: 'root' }),
  };
  const config = path.join(folder, 'clamd.conf');
  fs.writeFileSync(
    config,
    Object.entries(settings)
      .map(([name, value]) => `${name} ${value}\n`)
      .join(''),
  );
  const child = spawn(program ?? 'clamd', ['-c', config], { stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  for (const output of [child.stdout, child.stderr]) output.on('data', (text: Buffer) => (said += text));
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const stop = async (signal: NodeJS.Signals = 'SIGKILL'): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) child.kill(signal);
    // One that is frozen takes no other signal.
    if (signal !== 'SIGKILL') child.kill('SIGCONT');
    await gone;
  };
  atEnd(() => stop());
  for (let tries = 0; ; tries += 1) {
    if (child.exitCode !== null || tries > 400) throw new Error(`clamd did not start: ${said}`);
    if (await answers(address)) return { address, process: child, stop };
    await sleep(25);
  }
}

function answers(address: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect(address, () => socket.write('zPING\0'));
    socket.once('data', (bytes) => {
      socket.destroy();
      resolve(bytes.toString() === 'PONG\0');
    });
    socket.once('error', () => resolve(false));
    socket.once('close', () => resolve(false));
  });
}

/** A small server that speaks as clamd does, for answers that a real one cannot be made to give. */
export interface FakeClamd {
  readonly address: string;
  readonly port: number;
}

/**
 * `answer` gets the command and says what comes back, after all of the file was taken: a text, or 'hang up', or 'say nothing';
 * `early` answers before. Without an answer for it, PING is answered as it should be, and VERSION with `version()`.
 */
export async function fakeClamd(
  answer: string | (() => string),
  { early = false, version = () => 'ClamAV 1.4.6/27500/Mon Nov 23 09:12:11 2026', behind = '' }: { early?: boolean; version?: () => string; behind?: string } = {},
): Promise<FakeClamd> {
  const sockets = new Set<net.Socket>();
  const server = net.createServer((socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    socket.on('error', () => {});
    socket.once('data', (first) => {
      const command = first.toString('latin1', 0, first.indexOf(0));
      if (command === 'zVERSION') return void socket.end(`${version()}\0`);
      if (command === 'zPING') return void socket.end('PONG\0');
      if (behind) {
        const real = net.connect(behind);
        real.on('error', () => socket.destroy());
        real.write(first);
        socket.pipe(real).pipe(socket);
        return undefined;
      }
      const reply = (): void => {
        const words = typeof answer === 'string' ? answer : answer();
        if (words === 'hang up') socket.destroy();
        else if (words !== 'say nothing') socket.end(words);
      };
      if (early) return reply();
      let tail = first;
      const take = (bytes: Buffer): void => {
        tail = Buffer.concat([tail, bytes]).subarray(-4);
        if (tail.equals(Buffer.alloc(4))) reply();
      };
      socket.on('data', take);
      take(Buffer.alloc(0));
      return undefined;
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  const { port } = server.address() as net.AddressInfo;
  atEnd(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  return { address: `127.0.0.1:${port}`, port };
}
