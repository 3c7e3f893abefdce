import fs, { type FileHandle } from 'node:fs/promises';
import type http from 'node:http';
import pg from 'pg';

/**
 * This process, dying by SIGKILL before its n-th step of a request that says `x-crash-at: n`. A step is a statement to the
 * database, an operation on a file, or the first byte of the answer: everything that leaves a trace outside.
 */
let armed = false;
let left = Number.POSITIVE_INFINITY;

function step(): void {
  if (!armed) return;
  left -= 1;
  if (left <= 0) process.kill(process.pid, 'SIGKILL');
}

/** What an object can do, to be wrapped whatever its shape. */
export type Methods = Record<string, (...args: unknown[]) => unknown>;

function before(of: object, ...names: string[]): void {
  const target = of as Methods;
  for (const name of names) {
    const original = target[name];
    if (!original) throw new Error(`there is no method ${name}`);
    target[name] = function (this: unknown, ...args: unknown[]) {
      step();
      return Reflect.apply(original, this, args);
    };
  }
}

/** What every open file can do. */
export async function fileMethods(): Promise<Methods> {
  const probe: FileHandle = await fs.open('package.json', 'r');
  const methods = Object.getPrototypeOf(probe);
  await probe.close();
  return methods;
}

export async function countSteps(): Promise<void> {
  before(pg.Client.prototype, 'query');
  before(fs, 'mkdir', 'open', 'rename', 'rm', 'link', 'unlink', 'copyFile');
  before(await fileMethods(), 'writeFile', 'writev', 'write', 'read', 'datasync', 'stat', 'sync');
}

/** Counts from here on when the request asks for it. */
export function armFor(req: http.IncomingMessage, res: http.ServerResponse): void {
  const at = Number(req.headers['x-crash-at']);
  if (!(at > 0)) return;
  armed = true;
  left = at;
  before(res, 'writeHead');
}
