import http from 'node:http';
import type { AddressInfo } from 'node:net';
import type { App } from '../../src/app.ts';
import type { ObligationType } from '../../src/followup/obligation-type.ts';
import { sessionsIn } from '../../src/identity/sessions.ts';
import { standingClock } from '../../src/platform/clock.ts';
import { connect } from '../../src/platform/db.ts';
import { filesOnDisk } from '../../src/platform/files/disk.ts';
import { locksIn } from '../../src/platform/locks.ts';
import { createLog } from '../../src/platform/log.ts';
import { uploadEndpoint } from '../../src/web/uploads/endpoint.ts';
import { armFor, countSteps, fileMethods } from './dying-steps.ts';
import { testNow } from './known.ts';

/**
 * The upload endpoint without the site, so that many can be started and killed, on a disk that forgets at SIGKILL
 * everything that was not synced, as at a power cut: writes are held in memory until they are synced.
 * With WEAKEN=no-sync it says synced and does nothing, which is what must be seen as loss.
 */
const [databaseUrl = '', filesDir = '', weaken = ''] = process.argv.slice(2);

const methods = (await fileMethods()) as unknown as {
  writev(this: object, buffers: readonly Buffer[], at: number): Promise<unknown>;
  write(this: object, buffer: Buffer, offset: number, length: number, at: number): Promise<unknown>;
  datasync(this: object): Promise<void>;
};
const held = new WeakMap<object, { buffer: Buffer; at: number }[]>();
const { write, datasync } = methods;
methods.writev = async function (this: object, buffers: readonly Buffer[], at: number) {
  const buffer = Buffer.concat(buffers);
  held.set(this, [...(held.get(this) ?? []), { buffer, at }]);
  return { bytesWritten: buffer.length, buffers };
};
methods.datasync = async function (this: object) {
  if (weaken === 'no-sync') return;
  for (const { buffer, at } of held.get(this) ?? []) await Reflect.apply(write, this, [buffer, 0, buffer.length, at]);
  held.delete(this);
  await Reflect.apply(datasync, this, []);
};
await countSteps();

const log = createLog('warn');
const { db } = connect(databaseUrl, log, 2);
const type = { id: 'forsikring', files: 'required', evidence: ['pdf'], fields: [] } as unknown as ObligationType;
const app = {
  config: { siteUrl: new URL('http://localhost'), maxFileBytes: 50_000_000 },
  log,
  db,
  files: filesOnDisk(filesDir),
  locks: locksIn(databaseUrl, log),
  sessions: sessionsIn(db),
  clock: standingClock(testNow),
  types: new Map([[type.id, type]]),
} as unknown as App;
const endpoint = uploadEndpoint(app);
const server = http.createServer((req, res) => {
  armFor(req, res);
  void endpoint.answer(req, res, 'test');
});
server.listen(0, '127.0.0.1', () => console.log(`http://localhost:${(server.address() as AddressInfo).port}`));
