import { execFileSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, expect, test } from 'vitest';
import { filesOnDisk } from '../../src/platform/files/disk.ts';

/**
 * A disk that fails: every call by which the store writes, syncs or names a file fails once, in turn, with the errors that disks
 * give. What is acknowledged must have been written and synced without one.
 */
const root = await fs.mkdtemp(path.join(os.tmpdir(), 'portal-faults-'));
afterAll(() => fs.rm(root, { recursive: true, force: true }));

const handle = await fs.open(process.execPath);
const prototype = Object.getPrototypeOf(handle) as Record<string, (...given: unknown[]) => Promise<unknown>>;
await handle.close();
const calls = [
  ...(['mkdir', 'open', 'link', 'rename'] as const).map((name) => [fs as unknown as typeof prototype, name] as const),
  ...(['writeFile', 'datasync', 'sync', 'stat', 'close'] as const).map((name) => [prototype, name] as const),
];

interface Plan {
  /** Which call of all fails, counted from 0, and how. */
  readonly nth: number;
  readonly code: string;
  /** Whether the store is told; a store that does not look at errors is not. */
  readonly told: boolean;
}

/** Runs work while the calls go by the plan. Resolves to whether a call failed, and what came of the work. */
async function under<T>(plan: Plan, work: () => Promise<T>): Promise<{ failed: boolean; outcome: PromiseSettledResult<T> }> {
  let [count, failed] = [0, false];
  const originals = calls.map(([on, name]) => on[name]);
  for (const [on, name] of calls) {
    const original = on[name] as (...given: unknown[]) => Promise<unknown>;
    on[name] = async function (this: unknown, ...given) {
      const mine = count === plan.nth;
      count += 1;
      if (!mine) return original.apply(this, given);
      failed = true;
      if (name === 'close') await original.apply(this, given); // The file is closed, and what was written may be lost.
      if (plan.told || name === 'open' || name === 'stat') throw Object.assign(new Error(`${plan.code}: ${name}`), { code: plan.code });
      return undefined;
    };
  }
  try {
    const [outcome] = await Promise.allSettled([work()]);
    return { failed, outcome };
  } finally {
    for (const [index, [on, name]] of calls.entries()) on[name] = originals[index] as (typeof prototype)[string];
  }
}

async function faults(rounds: number, told: boolean): Promise<{ faults: number; wrong: string[]; kept: number }> {
  const store = filesOnDisk(path.join(root, String(told)));
  const sum = { faults: 0, wrong: [] as string[], kept: 0 };
  const codes = ['EIO', 'ENOSPC', 'EROFS', 'EDQUOT'];
  for (let round = 0; round < rounds; round += 1) {
    const bytes = randomBytes(2_000);
    // Twice the same bytes: the second time the store finds them there, in one round of three damaged.
    if (round % 3 > 0) await store.receive(Readable.from([bytes]), 1e6);
    const place = path.join(root, String(told), hash(bytes).slice(0, 2), hash(bytes).slice(2, 4), hash(bytes));
    if (round % 3 === 2) await fs.writeFile(place, 'gammelt');
    const plan = { nth: round % 17, code: codes[round % codes.length] ?? '', told };
    const { failed, outcome } = await under(plan, () => store.receive(Readable.from([bytes.subarray(0, 900), bytes.subarray(900)]), 1e6));
    if (failed) sum.faults += 1;
    if (outcome.status === 'fulfilled' && failed) sum.wrong.push(`${plan.code} at call ${plan.nth}: acknowledged all the same`);
    if (outcome.status === 'fulfilled' && !isWhole(place, bytes)) sum.wrong.push(`${plan.code} at call ${plan.nth}: acknowledged and not whole`);
    if (outcome.status === 'fulfilled') sum.kept += 1;
    // The disk works again: so does the store, without a restart.
    await store.receive(Readable.from([bytes]), 1e6);
    expect(isWhole(place, bytes)).toBe(true);
  }
  return sum;
}

const isWhole = (place: string, bytes: Buffer): boolean => existsSync(place) && readFileSync(place).equals(bytes);
const hash = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

test('of 200 times that a disk fails none is acknowledged, and the store works again as soon as the disk does', async () => {
  const sum = await faults(320, true);
  console.log(`measured: ${sum.faults} faults of a disk: ${sum.wrong.length} false acknowledgements`);
  expect(sum.wrong).toEqual([]);
  expect(sum.faults).toBeGreaterThanOrEqual(200);
});

test('the same counts false acknowledgements of a store that does not look at errors', async () => {
  expect((await faults(60, false)).wrong.length).toBeGreaterThan(10);
});

const mayMount = process.getuid?.() === 0;
if (!mayMount) console.log('skipped: "a disk that can only be read" needs a file system of its own, which only root may mount');
test.skipIf(!mayMount)('a disk that can only be read is an error; when it can be written again the store works', async () => {
  const place = path.join(root, 'read-only');
  await fs.mkdir(place);
  try {
    execFileSync('mount', ['-t', 'tmpfs', 'tmpfs', place], { stdio: 'ignore' });
  } catch {
    return console.log('not shown: this machine lets nobody mount a file system');
  }
  try {
    const store = filesOnDisk(place);
    const stored = await store.receive(Readable.from([Buffer.from('før')]), 100);
    execFileSync('mount', ['-o', 'remount,ro', place]);
    await expect(store.receive(Readable.from([Buffer.from('imens')]), 100)).rejects.toMatchObject({ code: 'EROFS' });
    expect((await (await store.read((stored as { sha256: string }).sha256)).toArray()).join('')).toBe('før');
    execFileSync('mount', ['-o', 'remount,rw', place]);
    await expect(store.receive(Readable.from([Buffer.from('efter')]), 100)).resolves.toMatchObject({ sizeBytes: 5 });
  } finally {
    execFileSync('umount', [place]);
  }
});
