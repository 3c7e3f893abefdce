import { execFile } from 'node:child_process';
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { afterAll, describe, expect, test } from 'vitest';
import type { Files } from '../../src/platform/files/files.ts';
import { filesInS3 } from '../../src/platform/files/s3.ts';
import { s3Client } from '../../src/platform/files/s3-client.ts';
import { readS3Settings } from '../../src/platform/files/s3-settings.ts';
import { type S3Call, type S3Fault, type S3Server, startS3 } from '../support/s3-server.ts';

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'portal-s3-'));
afterAll(() => fs.rmSync(folder, { recursive: true, force: true }));
/** Little patience and small parts, so that many faults fit into a short time. */
const limits = { tries: 2, waitMs: 1, timeoutMs: 150, partBytes: 2_000 };
const strictS3 = async (): Promise<S3Server> => Object.assign(await startS3(), { leastPartBytes: 1, slowMs: 250 });
const faults: readonly S3Fault[] = [
  'reset-before',
  'reset-midway',
  'reset-after',
  'error',
  'busy',
  'error-after',
  'slow',
  'corrupt-write',
  'half-write',
  'no-write',
  'corrupt-read',
  'short-read',
  'empty-answer',
];

const hash = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

/** What must hold after a file was brought to the store, whatever went wrong on the way. */
async function bring(keep: Files['keep'], server: S3Server, bytes: Buffer): Promise<'kept' | 'refused' | string> {
  const place = path.join(folder, randomUUID());
  fs.writeFileSync(place, bytes);
  const outcome = await keep(place, hash(bytes), bytes.length).then(
    () => 'kept' as const,
    () => 'refused' as const,
  );
  const held = server.objects.get(server.settings.prefix + hash(bytes))?.[0];
  const there = fs.existsSync(place);
  fs.rmSync(place, { force: true });
  if (outcome === 'kept' && !held?.bytes.equals(bytes)) return 'acknowledged, and not what is stored';
  if (outcome === 'kept' && there) return 'acknowledged, and still in the folder of incoming files';
  if (outcome === 'refused' && !there) return 'refused, and gone';
  return outcome;
}

/** The store without its reading back: it believes what it is told. */
function careless(server: S3Server): Files['keep'] {
  const s3 = s3Client(server.settings, limits);
  return async (place, sha256) => {
    const body = fs.readFileSync(place);
    await s3.ask({ method: 'PUT', key: server.settings.prefix + sha256, headers: { 'x-amz-checksum-sha256': createHash('sha256').update(body).digest('base64') }, body });
    fs.rmSync(place);
  };
}

describe('a store that fails, is slow, or lies', () => {
  const small = 1_500;
  const inParts = 3_500;
  const grid = [small, inParts].flatMap((size) => faults.map((fault) => [size, fault] as const));

  test.each(grid)('%i bytes are kept whole or refused, whichever request meets "%s", once or from then on', async (size, fault) => {
    const server = await strictS3();
    const store = filesInS3(server.settings, folder, limits);
    const seen: string[] = [];
    const bytes = randomBytes(size);
    for (const lasting of [false, true]) {
      for (let nth = 0; nth < (size === small ? 3 : 6); nth += 1) {
        let count = 0;
        server.objects.clear();
        server.fault = () => {
          const now = count === nth || (lasting && count > nth);
          count += 1;
          return now ? fault : undefined;
        };
        const outcome = await bring(store.keep, server, bytes);
        seen.push(outcome);
        expect(['kept', 'refused']).toContain(outcome);
        server.fault = () => undefined;
        expect(await bring(store.keep, server, bytes)).toBe('kept');
        await store.tidy(new Date(Date.now() + 60_000));
        expect(server.unfinished.size).toBe(0);
      }
    }
    expect(seen).toContain(fault === 'corrupt-read' || fault === 'short-read' || fault === 'empty-answer' || fault.endsWith('write') ? 'refused' : 'kept');
    await server.close();
  });

  const rounds = 1_000;

  test(`in ${rounds} faults nothing is acknowledged that is not there, and a store that does not read back is caught`, async () => {
    const outcomes = { kept: 0, refused: 0 };
    const wrong: string[] = [];
    const acknowledged = new Map<string, Buffer>();
    const server = await strictS3();
    const plans = new Map<string, { fault: S3Fault; at: number; lasting: boolean; seen: number }>();
    server.fault = ({ key }: S3Call) => {
      const plan = plans.get(key);
      if (!plan) return undefined;
      plan.seen += 1;
      return plan.seen === plan.at || (plan.lasting && plan.seen > plan.at) ? plan.fault : undefined;
    };
    const store = filesInS3(server.settings, folder, limits);
    const believing = careless(server);
    let falseByBelieving = 0;
    const round = async (index: number): Promise<void> => {
      const plan = { fault: faults[index % faults.length] as S3Fault, at: 1 + (Math.floor(index / faults.length) % 3), lasting: index % 5 === 0, seen: 0 };
      const bytes = randomBytes(1 + (index % 3_000));
      const key = server.settings.prefix + hash(bytes);
      plans.set(key, { ...plan });
      const outcome = await bring(store.keep, server, bytes);
      if (outcome === 'kept') acknowledged.set(hash(bytes), bytes);
      if (outcome === 'kept' || outcome === 'refused') outcomes[outcome] += 1;
      else wrong.push(`${plan.fault} at request ${plan.at}: ${outcome}`);
      const others = randomBytes(1 + (index % 3_000));
      plans.set(server.settings.prefix + hash(others), { ...plan, at: 1 });
      if ((await bring(believing, server, others)).startsWith('acknowledged')) falseByBelieving += 1;
    };
    let next = 0;
    const oneAfterTheOther = async (): Promise<void> => {
      for (let index = next++; index < rounds; index = next++) await round(index);
    };
    await Promise.all(Array.from({ length: 16 }, oneAfterTheOther));

    server.fault = () => undefined;
    let dangling = 0;
    for (const [sha256, bytes] of acknowledged) if (!Buffer.concat(await (await store.read(sha256)).toArray()).equals(bytes)) dangling += 1;
    console.log(
      `measured: ${rounds} faults in S3: ${outcomes.kept} kept, ${outcomes.refused} refused, ${wrong.length} false acknowledgements, ${dangling} dangling references; without reading back: ${falseByBelieving} false acknowledgements`,
    );
    expect(wrong).toEqual([]);
    expect(dangling).toBe(0);
    expect(outcomes.kept).toBeGreaterThan(rounds / 10);
    expect(falseByBelieving).toBeGreaterThan(rounds / 20);
  });

  test('a store that is away is an error soon, and the file stays', async () => {
    const server = await strictS3();
    await server.close();
    expect(await bring(filesInS3(server.settings, folder, limits).keep, server, Buffer.from('væk'))).toBe('refused');
  });

  test('a stored copy that is damaged is never handed to a program that needs a path', async () => {
    const server = await strictS3();
    const store = filesInS3(server.settings, folder, limits);
    const stored = (await store.receive(Readable.from([Buffer.from('hel fil')]), 100)) as { sha256: string };
    server.fault = () => 'corrupt-read';
    let handed = false;
    await expect(
      store.local(stored.sha256, async () => {
        handed = true;
      }),
    ).rejects.toThrow();
    expect(handed).toBe(false);
  });

  test('an answer that is cut off is an error to whoever reads it, never a shorter file', async () => {
    const server = await strictS3();
    const store = filesInS3(server.settings, folder, limits);
    const stored = (await store.receive(Readable.from([randomBytes(200_000)]), 1e6)) as { sha256: string };
    server.fault = () => 'short-read';
    await expect((await store.read(stored.sha256)).toArray()).rejects.toThrow();
  });
});

test('removing a file removes every version that the bucket keeps', async () => {
  const server = await strictS3();
  server.versioned = true;
  const store = filesInS3(server.settings, folder, limits);
  const stored = (await store.receive(Readable.from([Buffer.from('slettes')]), 100)) as { sha256: string };
  const key = server.settings.prefix + stored.sha256;
  const [only] = server.objects.get(key) ?? [];
  if (only) server.objects.set(key, [only, { ...only, version: 'earlier' }]);
  await store.remove(stored.sha256);
  expect(server.objects.has(key)).toBe(false);
});

test('requests with a wrong secret are refused: the server of these tests checks signatures', async () => {
  const server = await strictS3();
  const store = filesInS3({ ...server.settings, secretAccessKey: 'wrong' }, folder, limits);
  await expect(store.receive(Readable.from([Buffer.from('x')]), 100)).rejects.toThrow(/403/);
});

test('a large file goes through in flat memory', async () => {
  const server = await startS3();
  const peak = async (megabytes: number): Promise<number> => {
    const { stdout } = await promisify(execFile)(process.execPath, ['test/support/keep-large.ts', server.settings.endpoint.href, String(megabytes)]);
    return Number(stdout);
  };
  const [few, many] = [await peak(20), await peak(120)];
  console.log(`measured: peak memory of a process that keeps 20 MB in S3: ${few} MB, 120 MB: ${many} MB`);
  expect(many - few).toBeLessThan(60);
});

describe('the setting', () => {
  const read = (text: string) => readS3Settings(text, 'id', 'secret');

  test('names bucket, prefix, endpoint and region', () => {
    expect(read('s3://documents/portal/files?endpoint=https://s3.example.dk&region=dk-1')).toMatchObject({ bucket: 'documents', prefix: 'portal/files/', region: 'dk-1' });
    expect(read('s3://documents?region=eu-north-1').endpoint.href).toBe('https://s3.eu-north-1.amazonaws.com/');
    expect(read('s3://documents?endpoint=http://127.0.0.1:9000').prefix).toBe('');
  });

  test.each([
    ['s3://', /write s3/],
    ['s3://Documents', /write s3/],
    ['s3://documents', /region/],
    ['s3://documents?endpoint=http://store.example.dk&region=x', /must be https/],
    ['s3://documents?endpoint=ftp://store.example.dk&region=x', /address/],
    ['s3://documents?region=x&secret=y', /"secret" is no part/],
  ])('%s is refused in words', (text, words) => {
    expect(() => read(text)).toThrow(words);
  });

  test('credentials are required', () => {
    expect(() => readS3Settings('s3://documents?region=x', undefined, 'y')).toThrow(/S3_ACCESS_KEY_ID/);
  });
});
