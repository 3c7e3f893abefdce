import { execFile, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { Upload as TusUpload, type UploadOptions } from 'tus-js-client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { cuttingProxy } from '../support/cutting-proxy.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { created, metadata, offsetAt, pdfTask, sendStubbornly, sha256Of, somePdf, type Tus, tus, uploads } from '../support/tus.ts';
import { Visitor } from '../support/visitor.ts';

/** Programs that others wrote for tus: tus-js-client, tuspy, and curl by hand. The client of test/support/tus.ts is a third, from the specification. */
let server: TestServer;
let visitor: Visitor;
let client: Tus;
let task: { id: string };
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'portal-clients-'));
afterAll(() => fs.rmSync(folder, { recursive: true, force: true }));
beforeAll(async () => {
  server = await startServer({ env: { WORKER: 'off' } });
  visitor = new Visitor(server.base);
  await visitor.logIn('leverandoer@demo.example');
  client = tus(visitor);
  task = await pdfTask(server.database);
});

const identity = (): Record<string, string> => ({ origin: server.base, cookie: `session=${visitor.cookies.get('session')}` });
const stored = (bytes: Buffer): Buffer => fs.readFileSync(path.join(server.dataDir, 'files', ...[0, 2].map((at) => sha256Of(bytes).slice(at, at + 2)), sha256Of(bytes)));
const documentsOf = (bytes: Buffer) => server.database.owner.db.selectFrom('document').select(['name', 'size_bytes']).where('sha256', '=', sha256Of(bytes)).execute();

describe('tus-js-client', () => {
  const send = (bytes: Buffer, options: Partial<UploadOptions> = {}): Promise<TusUpload> =>
    new Promise((resolve, reject) => {
      const upload = new TusUpload(bytes, {
        endpoint: server.base + uploads,
        headers: identity(),
        metadata: { filename: 'rapport æøå.pdf', obligation: task.id, sha256: sha256Of(bytes) },
        retryDelays: [0, 10, 20, 50, 100, 100, 100, 200, 200, 500, 500, 1_000],
        onSuccess: () => resolve(upload),
        onError: reject,
        ...options,
      });
      upload.start();
    });

  test.each([
    ['in one request', {}],
    ['in parts', { chunkSize: 300_000 }],
    ['with the bytes in the creating request', { uploadDataDuringCreation: true }],
    ['with the bytes in the creating request, in parts', { uploadDataDuringCreation: true, chunkSize: 300_000 }],
  ])('brings a file %s', async (_way, options) => {
    const bytes = somePdf(1_000_000);
    const { url } = await send(bytes, options);
    expect(stored(bytes).equals(bytes)).toBe(true);
    expect(await documentsOf(bytes)).toEqual([{ name: 'rapport æøå.pdf', size_bytes: 1_000_000 }]);
    expect(await offsetAt(client, new URL(url ?? '').pathname)).toBe(1_000_000);
  });

  test('goes on by itself through a network that cuts every connection', async () => {
    const proxy = await cuttingProxy(() => server.base, { seed: 1, cuts: () => 6, withinBytes: 900_000 });
    const bytes = somePdf(4_000_000);
    await send(bytes, { endpoint: proxy.base + uploads, headers: { ...identity(), host: new URL(server.base).host } });
    expect(proxy.cut() + proxy.swallowed()).toBeGreaterThanOrEqual(3);
    expect(stored(bytes).equals(bytes)).toBe(true);
    expect(await documentsOf(bytes)).toHaveLength(1);
    await proxy.close();
  });

  test('goes on with an upload that another program began, and finds out that one is whole already', async () => {
    const bytes = somePdf(2_000_000);
    const at = await created(client, bytes.length, { filename: 'begyndt.pdf', obligation: task.id });
    await client.patch(at, 0, bytes.subarray(0, 1_234_567));
    await send(bytes, { uploadUrl: server.base + at });
    await send(bytes, { uploadUrl: server.base + at });
    expect(await documentsOf(bytes)).toEqual([{ name: 'begyndt.pdf', size_bytes: 2_000_000 }]);
  });

  test('ends an upload in the middle of sending, and nothing of it is left', async () => {
    const bytes = somePdf(30_000_000);
    let upload: TusUpload | undefined;
    await new Promise<void>((resolve, reject) => {
      upload = new TusUpload(bytes, {
        endpoint: server.base + uploads,
        headers: identity(),
        metadata: { filename: 'a.pdf', obligation: task.id },
        onChunkComplete: () => resolve(),
        chunkSize: 4_000_000,
        onError: reject,
      });
      upload.start();
    });
    const at = new URL(upload?.url ?? '').pathname;
    await upload?.abort(true);
    expect((await client.head(at)).status).toBe(404);
    expect(fs.readdirSync(path.join(server.dataDir, 'files/incoming')).filter((name) => name.startsWith(at.slice(-32)))).toEqual([]);
  });

  test('is told in words why a file is not taken', async () => {
    const refused = await send(Buffer.alloc(10_000, 'x'), { retryDelays: [] }).catch((error: Error) => error.message);
    expect(refused).toContain('passer ikke til dens navn');
  });
});

/** Debian's Python, for which python3-tuspy is made. */
const python = '/usr/bin/python3';
const noTuspy = spawnSync(python, ['-c', 'import tusclient']).status !== 0;
if (noTuspy) console.log('skipped: there is no tuspy on this machine (apt-get install python3-tuspy), so no tus client in another language sends to us');

describe.skipIf(noTuspy)('tuspy', () => {
  const script = `
import json, sys
from tusclient.client import TusClient
said = json.loads(sys.argv[1])
client = TusClient(said['endpoint'], headers=said['headers'])
uploader = client.uploader(said['file'], url=said.get('url'), chunk_size=said['chunk'], metadata=said['metadata'], retries=said['retries'], retry_delay=0.05, upload_checksum=True)
uploader.upload(stop_at=said.get('stopAt'))
print(json.dumps({'url': uploader.url, 'offset': uploader.offset}))`;

  /** Sends a file in parts, each with its SHA-1, which is the one checksum that tuspy knows. */
  async function send(
    bytes: Buffer,
    filename: string,
    options: { endpoint?: string; url?: string; stopAt?: number; retries?: number } = {},
  ): Promise<{ url: string; offset: number }> {
    const file = path.join(folder, filename);
    fs.writeFileSync(file, bytes);
    const said = {
      endpoint: server.base + uploads,
      headers: { ...identity(), host: new URL(server.base).host },
      file,
      chunk: 400_000,
      metadata: { filename, obligation: task.id, sha256: sha256Of(bytes) },
      retries: 0,
      ...options,
    };
    return JSON.parse((await promisify(execFile)(python, ['-c', script, JSON.stringify(said)])).stdout) as { url: string; offset: number };
  }

  test('brings a file in parts with checksums, stopped in the middle and gone on with by another process', async () => {
    const bytes = somePdf(2_000_000);
    const { url, offset } = await send(bytes, 'prøve.pdf', { stopAt: 1_100_000 });
    expect(offset).toBe(1_100_000);
    expect(await offsetAt(client, new URL(url).pathname)).toBe(1_100_000);
    expect((await send(bytes, 'prøve.pdf', { url })).offset).toBe(2_000_000);
    expect(stored(bytes).equals(bytes)).toBe(true);
    expect(await documentsOf(bytes)).toEqual([{ name: 'prøve.pdf', size_bytes: 2_000_000 }]);
  });

  test('goes on by itself through a network that cuts connections', async () => {
    let connections = 0;
    // It does not ask again for what it creates.
    const proxy = await cuttingProxy(() => server.base, { seed: 2, cuts: () => (connections++ > 0 ? 5 : 0), withinBytes: 400_000 });
    const bytes = somePdf(3_000_000);
    await send(bytes, 'afbrudt.pdf', { endpoint: proxy.base + uploads, retries: 50 });
    expect(proxy.cut() + proxy.swallowed()).toBe(5);
    expect(stored(bytes).equals(bytes)).toBe(true);
    expect(await documentsOf(bytes)).toHaveLength(1);
    await proxy.close();
  });

  test('is refused a file that is not what its name says', async () => {
    const bytes = Buffer.alloc(10_000, 'x');
    await expect(send(bytes, 'tekst.pdf')).rejects.toThrow('TusUploadFailed');
    expect(await documentsOf(bytes)).toEqual([]);
  });
});

describe('other programs', () => {
  const curl = async (...args: string[]): Promise<string> =>
    (
      await promisify(execFile)('curl', [
        '--silent',
        '--show-error',
        ...Object.entries({ ...identity(), 'tus-resumable': '1.0.0' }).flatMap(([name, value]) => ['-H', `${name}: ${value}`]),
        ...args,
      ])
    ).stdout;

  test('curl alone can send a file, stop in the middle and go on', async () => {
    const bytes = somePdf(3_000_000);
    const place = path.join(folder, 'fil.pdf');
    fs.writeFileSync(place, bytes);
    const said = metadata({ filename: 'fra curl.pdf', obligation: task.id, sha256: sha256Of(bytes) });
    const answer = await curl('-i', '-X', 'POST', '-H', `Upload-Length: ${bytes.length}`, '-H', `Upload-Metadata: ${said}`, server.base + uploads);
    const at = /^location: (\S+)/im.exec(answer)?.[1] ?? '';
    const rest = path.join(folder, 'rest');
    fs.writeFileSync(rest, bytes.subarray(0, 1_111_111));
    for (let tries = 0, offset = 0; offset < bytes.length && tries < 3; tries += 1) {
      await curl('-X', 'PATCH', '-H', 'Content-Type: application/offset+octet-stream', '-H', `Upload-Offset: ${offset}`, '--data-binary', `@${rest}`, server.base + at);
      offset = Number(/^upload-offset: (\d+)/im.exec(await curl('-I', server.base + at))?.[1]);
      fs.writeFileSync(rest, bytes.subarray(offset));
    }
    expect(stored(bytes).equals(bytes)).toBe(true);
    expect(await documentsOf(bytes)).toEqual([{ name: 'fra curl.pdf', size_bytes: 3_000_000 }]);
  });

  test('a client written from the specification alone sends a file in parts', async () => {
    const bytes = somePdf(3_000_000);
    const heard: number[] = [];
    await sendStubbornly(client, bytes, { filename: 'del.pdf', obligation: task.id }, { partBytes: 1_000_000, heard: (offset) => heard.push(offset) });
    expect(heard).toEqual([0, 1_000_000, 2_000_000, 3_000_000]);
    expect(stored(bytes).equals(bytes)).toBe(true);
  });
});
