import { execFileSync } from 'node:child_process';
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { filesOnDisk } from '../../src/platform/files/disk.ts';
import type { Files } from '../../src/platform/files/files.ts';
import { filesInS3 } from '../../src/platform/files/s3.ts';
import { usualLimits } from '../../src/platform/files/s3-client.ts';
import { type S3Server, startS3 } from '../support/s3-server.ts';

const root = fs.mkdtempSync(path.join(os.tmpdir(), 'portal-files-'));
afterAll(() => fs.rmSync(root, { recursive: true, force: true }));

const hash = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

interface Subject {
  readonly files: Files;
  /** Changes the stored copy behind the store's back, as a disk does that ages. */
  damage(sha256: string, bytes: Buffer): void;
}

function onDisk(): Subject {
  const folder = path.join(root, 'disk');
  const place = (sha256: string): string => path.join(folder, sha256.slice(0, 2), sha256.slice(2, 4), sha256);
  return { files: filesOnDisk(folder), damage: (sha256, bytes) => fs.writeFileSync(place(sha256), bytes) };
}

async function inS3(kind: Partial<Pick<S3Server, 'versioned' | 'knowsConditions'>> = {}): Promise<Subject> {
  const server = Object.assign(await startS3(), { pageSize: 7, ...kind });
  const damage = (sha256: string, bytes: Buffer): void => {
    const key = server.settings.prefix + sha256;
    const [latest, ...before] = server.objects.get(key) ?? [];
    if (latest) server.objects.set(key, [{ ...latest, bytes }, ...before]);
  };
  return { files: filesInS3(server.settings, path.join(root, `incoming-${randomUUID()}`), { ...usualLimits, waitMs: 5 }), damage };
}

const stores: [string, () => Subject | Promise<Subject>][] = [
  ['on a disk', onDisk],
  ['in S3', () => inS3()],
  ['in S3 that keeps versions', () => inS3({ versioned: true })],
  ['in S3 that does not know conditions', () => inS3({ knowsConditions: false })],
];

/** What every file store must do. */
describe.each(stores)('files %s', (_name, make) => {
  let files: Files;
  let damage: Subject['damage'];
  beforeAll(async () => {
    ({ files, damage } = await make());
  });

  const contents = async (sha256: string, range?: { start: number; end: number }): Promise<Buffer> => Buffer.concat(await (await files.read(sha256, range)).toArray());
  const receive = async (bytes: Buffer): Promise<string> => {
    const stored = await files.receive(Readable.from([bytes]), 50_000_000);
    if (stored === 'too-large') throw new Error('unexpected');
    return stored.sha256;
  };
  const incoming = (): string[] => (fs.existsSync(files.incoming) ? fs.readdirSync(files.incoming) : []);
  const brought = (bytes: Buffer): string => {
    fs.mkdirSync(files.incoming, { recursive: true });
    const place = path.join(files.incoming, randomUUID());
    fs.writeFileSync(place, bytes);
    return place;
  };

  test('what is received is read back byte for byte under its SHA-256', async () => {
    const bytes = randomBytes(3_000_000);
    const stored = await files.receive(Readable.from([bytes.subarray(0, 1), bytes.subarray(1, 2_000_000), bytes.subarray(2_000_000)]), 5_000_000);
    expect(stored).toEqual({ sha256: hash(bytes), sizeBytes: 3_000_000, head: bytes.subarray(0, 4096) });
    expect((await contents(hash(bytes))).equals(bytes)).toBe(true);
  });

  test('a file of several parts is read back byte for byte', async () => {
    const bytes = randomBytes(20_000_001);
    expect((await contents(await receive(bytes))).equals(bytes)).toBe(true);
  });

  test('a file of exactly the limit is taken, one byte more is not, and nothing of it is kept', async () => {
    expect(await files.receive(Readable.from([Buffer.alloc(1000, 1)]), 1000)).toMatchObject({ sizeBytes: 1000 });
    const tooLarge = Buffer.alloc(1001, 2);
    expect(await files.receive(Readable.from([tooLarge]), 1000)).toBe('too-large');
    expect(await files.stat(hash(tooLarge))).toBeNull();
  });

  test('the same bytes at the same time by many are one file', async () => {
    const bytes = Buffer.from('ens');
    const results = await Promise.all(Array.from({ length: 20 }, () => receive(bytes)));
    expect(new Set(results)).toEqual(new Set([hash(bytes)]));
    expect((await contents(hash(bytes))).toString()).toBe('ens');
    const listed = (await Array.fromAsync(files.list())).filter(({ sha256 }) => sha256 === hash(bytes));
    expect(listed).toHaveLength(1);
  });

  test('what is there and whole is not written again', async () => {
    const sha256 = await receive(Buffer.from('én gang'));
    const before = await files.stat(sha256);
    await new Promise((resolve) => setTimeout(resolve, 1_100)); // Times in S3 are whole seconds.
    await receive(Buffer.from('én gang'));
    expect(await files.stat(sha256)).toEqual(before);
  });

  test.each([
    ['one bit wrong', (bytes: Buffer) => Buffer.from([...bytes.subarray(0, -1), (bytes.at(-1) ?? 0) ^ 1])],
    ['half of it gone', (bytes: Buffer) => bytes.subarray(0, bytes.length / 2)],
    ['empty', () => Buffer.alloc(0)],
  ])('a stored copy that has been damaged (%s) is replaced when the true bytes come in again', async (_how, spoil) => {
    const bytes = randomBytes(10_000);
    const sha256 = await receive(bytes);
    damage(sha256, spoil(bytes));
    expect((await contents(sha256)).equals(bytes)).toBe(false);
    expect(await receive(bytes)).toBe(sha256);
    expect((await contents(sha256)).equals(bytes)).toBe(true);
  });

  test('a file is taken over from its place in the folder of incoming files, and is gone from there', async () => {
    const bytes = randomBytes(5_000);
    const place = brought(bytes);
    await files.keep(place, hash(bytes), 5_000);
    expect(fs.existsSync(place)).toBe(false);
    expect((await contents(hash(bytes))).equals(bytes)).toBe(true);
  });

  test.each([
    ['of another checksum', (bytes: Buffer) => [hash(Buffer.from('andet')), bytes.length] as const],
    ['of another size', (bytes: Buffer) => [hash(bytes), bytes.length + 1] as const],
  ])('a file %s than it is brought under is refused, stays where it is, and nothing is stored', async (_what, claim) => {
    const bytes = randomBytes(5_000);
    const place = brought(bytes);
    const [sha256, sizeBytes] = claim(bytes);
    await expect(files.keep(place, sha256, sizeBytes)).rejects.toThrow(/is not the/);
    expect(fs.readFileSync(place).equals(bytes)).toBe(true);
    expect(await files.stat(sha256)).toBeNull();
    fs.rmSync(place);
  });

  test('a stream that breaks keeps nothing and says so', async () => {
    async function* broken() {
      yield Buffer.from('halv');
      throw new Error('cut');
    }
    await expect(files.receive(Readable.from(broken()), 100)).rejects.toThrow('cut');
    expect(await files.stat(hash(Buffer.from('halv')))).toBeNull();
  });

  test('part of a file is given from the first byte to the last that was asked for, and no more than there is', async () => {
    const sha256 = await receive(Buffer.from('0123456789'));
    expect((await contents(sha256, { start: 0, end: 0 })).toString()).toBe('0');
    expect((await contents(sha256, { start: 3, end: 6 })).toString()).toBe('3456');
    expect((await contents(sha256, { start: 8, end: 99 })).toString()).toBe('89');
    expect((await contents(sha256, { start: 10, end: 12 })).toString()).toBe('');
  });

  test('the store tells what it holds: size and time, or nothing', async () => {
    const before = Date.now() - 2_000;
    const sha256 = await receive(Buffer.from('tolv tegn...'));
    const held = await files.stat(sha256);
    expect(held).toMatchObject({ sha256, sizeBytes: 12 });
    expect(held?.storedAt.getTime()).toBeGreaterThan(before);
    expect(await files.stat(hash(Buffer.from('aldrig set')))).toBeNull();
  });

  test('a file that is not there says so by its code', async () => {
    const absent = hash(Buffer.from('aldrig set'));
    await expect(files.read(absent)).rejects.toMatchObject({ code: 'ENOENT' });
    await expect(files.read(absent, { start: 0, end: 5 })).rejects.toMatchObject({ code: 'ENOENT' });
  });

  test('a program that needs a path gets one with the true bytes', async () => {
    const bytes = randomBytes(70_000);
    const sha256 = await receive(bytes);
    expect(await files.local(sha256, async (place) => hash(fs.readFileSync(place)))).toBe(sha256);
    await expect(
      files.local(sha256, async () => {
        throw new Error('the program failed');
      }),
    ).rejects.toThrow('the program failed');
  });

  test('everything that it holds is listed once, with its size, over as many pages as it takes', async () => {
    const some = await Promise.all(Array.from({ length: 30 }, (_, index) => receive(Buffer.from(`nummer ${index}`))));
    const listed = await Array.fromAsync(files.list());
    expect(new Set(listed.map(({ sha256 }) => sha256)).size).toBe(listed.length);
    for (const sha256 of some) expect(listed.find((held) => held.sha256 === sha256)).toEqual(await files.stat(sha256));
  });

  test('what is removed is gone, once or twice, and can come again', async () => {
    const bytes = Buffer.from('skal væk');
    const sha256 = await receive(bytes);
    await files.remove(sha256);
    await files.remove(sha256);
    expect(await files.stat(sha256)).toBeNull();
    await expect(files.read(sha256)).rejects.toMatchObject({ code: 'ENOENT' });
    expect((await Array.fromAsync(files.list())).some((held) => held.sha256 === sha256)).toBe(false);
    await receive(bytes);
    expect((await contents(sha256)).equals(bytes)).toBe(true);
  });

  test('a name that is no checksum is never turned into a path or an address', async () => {
    const place = brought(Buffer.from('x'));
    for (const name of ['../../etc/passwd', '', 'A'.repeat(64), `${'a'.repeat(64)}/..`, `${'a'.repeat(63)}?`, `${'a'.repeat(64)}\n`]) {
      await expect(files.read(name)).rejects.toThrow(RangeError);
      await expect(files.stat(name)).rejects.toThrow(RangeError);
      await expect(files.remove(name)).rejects.toThrow(RangeError);
      await expect(files.keep(place, name, 1)).rejects.toThrow(RangeError);
      await expect(Promise.resolve().then(() => files.local(name, async () => null))).rejects.toThrow(RangeError);
    }
    fs.rmSync(place);
  });

  test('what a reception left behind when its process died is cleared away after a time, and nothing else', async () => {
    const old = brought(Buffer.from('halv fil'));
    const other = path.join(files.incoming, 'f'.repeat(32));
    fs.writeFileSync(other, 'not ours');
    fs.utimesSync(old, new Date(0), new Date(0));
    fs.utimesSync(other, new Date(0), new Date(0));
    const recent = brought(Buffer.from('på vej'));
    expect(await files.tidy(new Date(Date.now() - 60_000))).toBe(1);
    expect([fs.existsSync(old), fs.existsSync(other), fs.existsSync(recent)]).toEqual([false, true, true]);
    for (const place of [other, recent]) fs.rmSync(place);
  });

  test('after all of it no unfinished file lies about', () => {
    expect(incoming()).toEqual([]);
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
