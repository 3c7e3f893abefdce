import { execFileSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, describe, expect, test } from 'vitest';
import { filesOnDisk } from '../../src/platform/files/disk.ts';
import type { Files } from '../../src/platform/files/files.ts';

const root = fs.mkdtempSync(path.join(os.tmpdir(), 'portal-files-'));
afterAll(() => fs.rmSync(root, { recursive: true, force: true }));

/** What every file store must do. */
describe.each([['on disk', () => filesOnDisk(path.join(root, 'disk'))]] as [string, () => Files][])('files %s', (_name, make) => {
  const files = make();
  const contents = async (sha256: string): Promise<Buffer> => Buffer.concat(await (await files.read(sha256)).toArray());

  test('what is received is read back byte for byte under its SHA-256', async () => {
    const bytes = randomBytes(3_000_000);
    const stored = await files.receive(Readable.from([bytes.subarray(0, 1), bytes.subarray(1, 2_000_000), bytes.subarray(2_000_000)]), 5_000_000);
    expect(stored).toMatchObject({ sha256: createHash('sha256').update(bytes).digest('hex'), sizeBytes: 3_000_000, head: bytes.subarray(0, 4096) });
    expect((await contents((stored as { sha256: string }).sha256)).equals(bytes)).toBe(true);
  });

  test('a file of exactly the limit is taken, one byte more is not, and nothing of it is kept', async () => {
    expect(await files.receive(Readable.from([Buffer.alloc(1000, 1)]), 1000)).toMatchObject({ sizeBytes: 1000 });
    const tooLarge = Buffer.alloc(1001, 2);
    expect(await files.receive(Readable.from([tooLarge]), 1000)).toBe('too-large');
    await expect(files.read(createHash('sha256').update(tooLarge).digest('hex'))).rejects.toThrow();
  });

  test('the same bytes at the same time by many are one file', async () => {
    const results = await Promise.all(Array.from({ length: 20 }, () => files.receive(Readable.from([Buffer.from('ens')]), 100)));
    expect(new Set(results.map((result) => (result as { sha256: string }).sha256)).size).toBe(1);
    expect((await contents((results[0] as { sha256: string }).sha256)).toString()).toBe('ens');
  });

  test('a stream that breaks keeps nothing and says so', async () => {
    async function* broken() {
      yield Buffer.from('halv');
      throw new Error('cut');
    }
    await expect(files.receive(Readable.from(broken()), 100)).rejects.toThrow('cut');
  });

  test('a name that is no checksum is never turned into a path', async () => {
    for (const name of ['../../etc/passwd', '', 'A'.repeat(64), `${'a'.repeat(64)}/..`]) await expect(files.read(name)).rejects.toThrow();
  });
});

const mayMount = process.getuid?.() === 0;
if (!mayMount) console.log('skipped: "a full disk is an error" needs a file system of its own, which only root may mount');
test.skipIf(!mayMount)('a full disk is an error, never a file that is shorter than its checksum says', async () => {
  const small = path.join(root, 'small');
  fs.mkdirSync(small);
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'tmpfs', small], { stdio: 'ignore' });
  } catch {
    return console.log('not shown: this machine lets nobody mount a file system');
  }
  try {
    const files = filesOnDisk(small);
    await expect(files.receive(Readable.from([Buffer.alloc(300_000, 'a')]), 1e9)).rejects.toThrow(/ENOSPC/);
    await expect(files.receive(Readable.from([Buffer.alloc(100_000, 'b')]), 1e9)).resolves.toMatchObject({ sizeBytes: 100_000 });
  } finally {
    execFileSync('umount', [small]);
  }
});

test('after all of it no unfinished file lies about', () => {
  expect(fs.readdirSync(path.join(root, 'disk/incoming'))).toEqual([]);
});
