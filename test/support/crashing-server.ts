import fs, { type FileHandle } from 'node:fs/promises';
import http from 'node:http';
import pg from 'pg';

/**
 * The real server, dying by SIGKILL before its n-th step of a request that says `x-crash-at: n`. A step is a statement
 * to the database, an operation on a file, or the first byte of the answer: everything that leaves a trace outside.
 */
let left = Number.POSITIVE_INFINITY;
let armed: http.ServerResponse | undefined;

function step(): void {
  if (!armed) return;
  left -= 1;
  if (left <= 0) process.kill(process.pid, 'SIGKILL');
}

// biome-ignore lint/suspicious/noExplicitAny: methods of many shapes are wrapped alike
type Anything = any;
function before(target: Anything, ...names: string[]): void {
  for (const name of names) {
    const original = target[name];
    target[name] = function (this: unknown, ...args: unknown[]) {
      step();
      return Reflect.apply(original, this, args);
    };
  }
}

before(pg.Client.prototype, 'query');
before(fs, 'mkdir', 'open', 'link', 'rename', 'rm');
const probe: FileHandle = await fs.open('package.json', 'r');
before(Object.getPrototypeOf(probe), 'writeFile', 'datasync', 'stat', 'sync', 'close');
await probe.close();

const createServer = http.createServer as Anything;
(http as Anything).createServer = (options: http.ServerOptions, listener: http.RequestListener) =>
  createServer(options, (req: http.IncomingMessage, res: http.ServerResponse & { req: http.IncomingMessage }) => {
    const at = Number(req.headers['x-crash-at']);
    if (at > 0) {
      armed = res;
      left = at;
      before(res, 'writeHead');
    }
    listener(req, res);
  });

const { main } = await import('../../src/server.ts');
await main();
