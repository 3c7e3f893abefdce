import { execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, expect, test } from 'vitest';
import { roomyMemory } from '../support/memory.ts';

/**
 * A power cut: the program is stopped at a moment that nobody chose, and what had reached the block device by then is copied; what
 * only the kernel knew is gone. The copy is mounted as after a restart (its journal is played back), and everything that the store had
 * acknowledged must be there, whole.
 */
const cuts = 12;
/** The control goes on until it has seen a loss, and no longer than this. */
const mostControlCuts = 25;
const folder = fs.mkdtempSync(path.join(roomyMemory(), 'portal-cut-'));
const place = { image: path.join(folder, 'disk'), copy: path.join(folder, 'copy'), mount: path.join(folder, 'mount'), after: path.join(folder, 'after') };
const mounted = new Set<string>();
const run = (program: string, ...args: string[]): void => void execFileSync(program, args, { stdio: 'ignore' });
afterAll(() => {
  for (const at of mounted) run('umount', '--lazy', at);
  fs.rmSync(folder, { recursive: true, force: true });
});

function mount(image: string, at: string): void {
  fs.mkdirSync(at, { recursive: true });
  run('mount', '-o', 'loop,commit=3600', image, at);
  mounted.add(at);
}

function unmount(at: string): void {
  run('umount', at);
  mounted.delete(at);
}

/** Why no disk can be pulled out here; null when it can. */
function notHere(): string | null {
  try {
    fs.writeFileSync(place.image, '');
    fs.truncateSync(place.image, 2 ** 23);
    run('mkfs.ext4', '-q', '-F', place.image);
    mount(place.image, place.mount);
    unmount(place.mount);
    return null;
  } catch (error) {
    return `not shown: a power cut; this machine does not let us make and mount a file system (${(error as Error).message.split('\n')[0]})`;
  }
}
const reason = notHere();
if (reason) console.log(reason);

/** Cuts the power once. Returns how many files were acknowledged, and how many of them are not there whole afterwards. */
async function cut(unsynced?: 'files' | 'folders'): Promise<{ acknowledged: number; lost: number }> {
  fs.rmSync(place.image, { force: true });
  fs.writeFileSync(place.image, '');
  fs.truncateSync(place.image, 64 * 2 ** 20);
  run('mkfs.ext4', '-q', '-F', place.image);
  mount(place.image, place.mount);
  const root = path.join(place.mount, 'files');
  fs.mkdirSync(root);
  run('sync', '-f', root);
  const writer = spawn(process.execPath, ['test/support/keep-until-cut.ts', root, ...(unsynced ? [unsynced] : [])], { stdio: ['ignore', 'pipe', 'inherit'] });
  const gone = new Promise((resolve) => writer.once('exit', resolve));
  let said = '';
  writer.stdout.on('data', (chunk: Buffer) => (said += chunk));
  while (!said.includes('\n')) await sleep(5);
  await sleep(20 + Math.random() * 300);
  writer.kill('SIGSTOP');
  while (!isStopped(writer.pid ?? 0)) await sleep(1);
  fs.copyFileSync(place.image, place.copy);
  writer.kill('SIGKILL');
  await gone;
  unmount(place.mount);

  mount(place.copy, place.after);
  const acknowledged = said.slice(0, said.lastIndexOf('\n')).split('\n');
  const lost = acknowledged.filter((line) => {
    const [sha256 = '', size] = line.split(' ');
    const at = path.join(place.after, 'files', sha256.slice(0, 2), sha256.slice(2, 4), sha256);
    if (!fs.existsSync(at)) return true;
    const bytes = fs.readFileSync(at);
    return bytes.length !== Number(size) || createHash('sha256').update(bytes).digest('hex') !== sha256;
  });
  unmount(place.after);
  return { acknowledged: acknowledged.length, lost: lost.length };
}

/** All threads stand still: a call into the kernel that had begun has ended. */
function isStopped(pid: number): boolean {
  return fs.readdirSync(`/proc/${pid}/task`).every((thread) => /\) T /.test(fs.readFileSync(`/proc/${pid}/task/${thread}/stat`, 'utf8')));
}

test.skipIf(reason)(`after ${cuts} power cuts every file that was acknowledged is there, whole`, async () => {
  const sum = { acknowledged: 0, lost: 0 };
  for (let at = 0; at < cuts; at += 1) add(sum, await cut());
  console.log(`measured: ${cuts} power cuts: ${sum.lost} lost of ${sum.acknowledged} acknowledged`);
  expect(sum.acknowledged).toBeGreaterThan(cuts * 5);
  expect(sum.lost).toBe(0);
});

test.skipIf(reason).each(['files', 'folders'] as const)('the same cuts lose acknowledged files when %s are not synced', async (unsynced) => {
  const sum = { acknowledged: 0, lost: 0 };
  let count = 0;
  for (; count < mostControlCuts && sum.lost === 0; count += 1) add(sum, await cut(unsynced));
  console.log(`measured: ${count} power cuts without syncing ${unsynced}: ${sum.lost} lost of ${sum.acknowledged} acknowledged`);
  expect(sum.lost).toBeGreaterThan(0);
});

function add(sum: { acknowledged: number; lost: number }, { acknowledged, lost }: Awaited<ReturnType<typeof cut>>): void {
  sum.acknowledged += acknowledged;
  sum.lost += lost;
}
