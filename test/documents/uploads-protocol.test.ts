import { beforeAll, describe, expect, test } from 'vitest';
import { startServer, type TestServer } from '../support/server.ts';
import { bytesType, checksumHeader, created, metadata, offsetAt, pdfTask, sha256Of, somePdf, type Tus, tus, uploads } from '../support/tus.ts';
import { rawRequest, Visitor } from '../support/visitor.ts';

/** tus 1.0.0, sentence by sentence, where a sentence says what a server must do. */
let server: TestServer;
let client: Tus;
let visitor: Visitor;
let task: { id: string };
beforeAll(async () => {
  server = await startServer({ env: { WORKER: 'off', MAX_FILE_MB: '5' } });
  visitor = new Visitor(server.base);
  await visitor.logIn('leverandoer@demo.example');
  client = tus(visitor);
  task = await pdfTask(server.database);
});

const said = (more: Record<string, string> = {}): Record<string, string> => ({ filename: 'police.pdf', obligation: task.id, ...more });
const begin = (bytes: Buffer, more?: Record<string, string>): Promise<string> => created(client, bytes.length, said(more));
const problem = async (response: Response): Promise<[number, string]> => [response.status, ((await response.json()) as { code: string }).code];
const documents = async (): Promise<number> => (await server.database.owner.db.selectFrom('document').select('id').where('obligation_id', '=', task.id).execute()).length;

describe('the protocol', () => {
  test('is told to anybody who asks', async () => {
    const answer = await fetch(server.base + uploads, { method: 'OPTIONS' });
    expect([answer.status, Object.fromEntries(answer.headers)]).toMatchObject([
      204,
      {
        'tus-resumable': '1.0.0',
        'tus-version': '1.0.0',
        'tus-max-size': '5000000',
        'tus-extension': 'creation,creation-with-upload,checksum,termination,expiration',
        'tus-checksum-algorithm': 'sha256,sha1',
      },
    ]);
    expect(answer.headers.get('access-control-allow-origin')).toBe(null);
  });

  test('of another version is refused with 412 in every verb, and nothing is done', async () => {
    const at = await begin(somePdf(10));
    for (const version of ['0.2.2', '']) {
      for (const method of ['POST', 'HEAD', 'PATCH', 'DELETE']) {
        const answer = await visitor.request(method === 'POST' ? uploads : at, { method, headers: { ...(version && { 'tus-resumable': version }), 'upload-length': '1' } });
        expect([method, answer.status, answer.headers.get('tus-version')]).toEqual([method, 412, '1.0.0']);
      }
    }
    expect(await offsetAt(client, at)).toBe(0);
  });

  test('says its version on every answer, and that none is to be kept', async () => {
    for (const answer of [await client.head(`${uploads}/${'0'.repeat(32)}`), await client.create(1, {}), await client.request('PUT', uploads)])
      expect([answer.headers.get('tus-resumable'), answer.headers.get('cache-control')]).toEqual(['1.0.0', 'no-store']);
  });
});

describe('creating', () => {
  test('gives an address, a time until which it waits, and the metadata back as sent', async () => {
    const answer = await client.create(10, said());
    expect(answer.status).toBe(201);
    expect(answer.headers.get('location')).toMatch(/^\/api\/uploads\/[0-9a-f]{32}$/);
    const told = await client.head(answer.headers.get('location') ?? '');
    expect([told.status, told.headers.get('upload-offset'), told.headers.get('upload-length'), told.headers.get('upload-metadata')]).toEqual([200, '0', '10', metadata(said())]);
    // An hour for the first byte, a day for each that follows.
    for (const each of [answer, told]) expect(each.headers.get('upload-expires')).toBe('Mon, 23 Nov 2026 10:00:00 GMT');
    const going = await client.patch(answer.headers.get('location') ?? '', 0, Buffer.from('%PDF'));
    expect(going.headers.get('upload-expires')).toBe('Tue, 24 Nov 2026 09:00:00 GMT');
  });

  test.each([
    ['no length', { 'upload-length': '' }, 400, 'bad-length'],
    ['a length that is none', { 'upload-length': '-1' }, 400, 'bad-length'],
    ['a length that is said later', { 'upload-defer-length': '1' }, 400, 'length-deferred'],
    ['no byte', { 'upload-length': '0' }, 422, 'file-empty'],
    ['a byte too many', { 'upload-length': '5000001' }, 413, 'file-too-large'],
    ['no name', { 'upload-metadata': '' }, 400, 'name-missing'],
    ['metadata that is not Base64', { 'upload-metadata': 'filename ???' }, 400, 'bad-metadata'],
    ['a key that comes twice', { 'upload-metadata': 'filename YQ==,filename Yg==' }, 400, 'bad-metadata'],
    ['a body of another type', { 'content-type': 'text/plain' }, 415, 'wrong-content-type'],
  ] as const)('with %s is refused', async (_what, headers, status, code) => {
    const answer = await client.request(
      'POST',
      uploads,
      { 'upload-length': 3, 'upload-metadata': metadata(said()), ...headers },
      'content-type' in headers ? Buffer.from('abc') : undefined,
    );
    expect(await problem(answer)).toEqual([status, code]);
  });

  test('of a file that the task does not take is refused before a byte, in the reader’s language', async () => {
    for (const [name, code] of [
      ['program.exe', 'file-wrong-kind'],
      ['tal.csv', 'file-wrong-kind'],
      ['uden-endelse', 'file-wrong-kind'],
    ] as const)
      expect(await problem(await client.create(3, said({ filename: name })))).toEqual([415, code]);
    const words = async (language: string): Promise<unknown> => (await client.create(3, said({ filename: 'tal.csv' }), { 'accept-language': language })).json();
    expect(await words('da-DK,da;q=0.9,en;q=0.8')).toMatchObject({ detail: 'Filtypen kan ikke bruges her. Du kan sende PDF, JPEG, PNG eller HEIC.' });
    expect(await words('en-GB,en;q=0.9')).toEqual({
      title: 'Unsupported Media Type',
      status: 415,
      detail: 'This type of file cannot be used here. You can send PDF, JPEG, PNG or HEIC.',
      code: 'file-wrong-kind',
    });
  });

  test('with bytes takes them at once, all or the first', async () => {
    const bytes = somePdf(3_000);
    const before = await documents();
    const first = await client.create(bytes.length, said(), {}, bytes.subarray(0, 1_000));
    expect([first.status, first.headers.get('upload-offset')]).toEqual([201, '1000']);
    const at = first.headers.get('location') ?? '';
    expect((await client.patch(at, 1_000, bytes.subarray(1_000))).headers.get('upload-offset')).toBe('3000');
    const whole = somePdf(2_000);
    const second = await client.create(whole.length, said(), {}, whole);
    expect([second.status, second.headers.get('upload-offset')]).toEqual([201, '2000']);
    expect(await documents()).toBe(before + 2);
  });
});

describe('adding bytes', () => {
  test('goes on from the offset, and only from there', async () => {
    const bytes = somePdf(2_500);
    const at = await begin(bytes, { sha256: sha256Of(bytes) });
    expect((await client.patch(at, 0, bytes.subarray(0, 1_000))).headers.get('upload-offset')).toBe('1000');
    for (const offset of [0, 999, 1_001, 2_500]) expect(await problem(await client.patch(at, offset, Buffer.from('x')))).toEqual([409, 'wrong-offset']);
    expect(await offsetAt(client, at)).toBe(1_000);
    expect((await client.patch(at, 1_000, Buffer.alloc(0))).headers.get('upload-offset')).toBe('1000');
    const last = await client.patch(at, 1_000, bytes.subarray(1_000));
    expect([last.status, last.headers.get('upload-offset'), await offsetAt(client, at)]).toEqual([204, '2500', 2_500]);
    expect(await client.state(at)).toMatchObject({ name: 'police.pdf', sizeBytes: 2_500, receivedBytes: 2_500, state: 'checking', documentId: expect.any(String) });
    // The same request again, as after a lost answer.
    expect(await problem(await client.patch(at, 1_000, bytes.subarray(1_000)))).toEqual([409, 'wrong-offset']);
    expect((await client.patch(at, 2_500, Buffer.alloc(0))).status).toBe(204);
    expect(await problem(await client.patch(at, 2_500, Buffer.from('x')))).toEqual([413, 'longer-than-declared']);
  });

  test('needs its content type and an offset that is a number', async () => {
    const at = await begin(somePdf(10));
    expect(await problem(await client.patch(at, 0, Buffer.from('x'), { 'content-type': 'application/octet-stream' }))).toEqual([415, 'wrong-content-type']);
    for (const offset of ['-1', '1.5', 'x', ''])
      expect(await problem(await client.request('PATCH', at, { 'content-type': bytesType, 'upload-offset': offset }, Buffer.from('x')))).toEqual([400, 'bad-offset']);
  });

  test('beyond the length is refused, also when the request does not say how much it brings', async () => {
    const bytes = somePdf(10);
    const at = await begin(bytes);
    expect(await problem(await client.patch(at, 0, Buffer.concat([bytes, bytes])))).toEqual([413, 'longer-than-declared']);
    const headers = { origin: server.base, cookie: `session=${visitor.cookies.get('session')}`, 'tus-resumable': '1.0.0', 'content-type': bytesType, 'upload-offset': '0' };
    const chunked = await rawRequest(server.base, { method: 'PATCH', path: at, headers: { ...headers, 'transfer-encoding': 'chunked' } }, '%PDF-1.7 and more');
    expect(chunked.status).toBe(413);
    expect(await offsetAt(client, at)).toBe(0);
  });

  test('with a checksum counts when it fits, and not at all when it does not (460)', async () => {
    const bytes = somePdf(9_000);
    const at = await begin(bytes);
    const [part, rest] = [bytes.subarray(0, 6_000), bytes.subarray(6_000)];
    expect(await problem(await client.patch(at, 0, part, { 'upload-checksum': checksumHeader(rest) }))).toEqual([460, 'wrong-checksum']);
    expect(await offsetAt(client, at)).toBe(0);
    expect((await client.patch(at, 0, part, { 'upload-checksum': checksumHeader(part, 'sha1') })).status).toBe(204);
    expect(await problem(await client.patch(at, 6_000, rest, { 'upload-checksum': checksumHeader(part) }))).toEqual([460, 'wrong-checksum']);
    expect(await offsetAt(client, at)).toBe(6_000);
    for (const header of ['md5 1B2M2Y8AsgTpgAmY7PhCfg==', 'sha256', 'sha256 AAAA', 'toString x', `${checksumHeader(rest)} x`])
      expect([header, await problem(await client.patch(at, 6_000, rest, { 'upload-checksum': header }))]).toEqual([header, [400, 'bad-checksum']]);
    expect((await client.patch(at, 6_000, rest, { 'upload-checksum': checksumHeader(rest) })).status).toBe(204);
    expect(await offsetAt(client, at)).toBe(9_000);
  });
});

describe('the end of an upload', () => {
  test('comes by termination: its bytes go, and it is known no longer', async () => {
    const bytes = somePdf(5_000);
    const at = await begin(bytes);
    await client.patch(at, 0, bytes.subarray(0, 4_000));
    expect((await client.remove(at)).status).toBe(204);
    for (const answer of [await client.head(at), await client.patch(at, 4_000, bytes.subarray(4_000)), await client.remove(at)]) expect(answer.status).toBe(404);
  });

  test('by termination after the last byte is refused: the file is in the draft', async () => {
    const bytes = somePdf(500);
    const at = await begin(bytes);
    await client.patch(at, 0, bytes);
    expect(await problem(await client.remove(at))).toEqual([422, 'already-received']);
  });

  test('comes by its time: 410', async () => {
    const at = await begin(somePdf(10));
    await server.database.owner.db
      .updateTable('upload')
      .set({ expires_at: new Date('2026-11-23T08:59:59Z') })
      .where('id', '=', at.slice(-32))
      .execute();
    for (const answer of [await client.head(at), await client.patch(at, 0, Buffer.from('x')), await client.remove(at)]) expect(answer.status).toBe(410);
  });

  test('comes with the first bytes when they are not what the name says, and its sender can read why', async () => {
    const at = await begin(Buffer.alloc(10_000));
    expect(await problem(await client.patch(at, 0, Buffer.alloc(4_096, 'MZ')))).toEqual([415, 'file-wrong-content']);
    expect(await problem(await client.patch(at, 0, somePdf(10_000)))).toEqual([410, 'file-wrong-content']);
    expect((await client.head(at)).status).toBe(410);
    expect(await client.state(at)).toMatchObject({ state: 'given-up', reason: 'file-wrong-content', message: expect.stringContaining('passer ikke til dens navn') });
    // Fewer bytes than it takes to tell are waited for.
    const slow = await begin(Buffer.alloc(10_000));
    expect((await client.patch(slow, 0, Buffer.from('MZ'))).status).toBe(204);
    expect(await problem(await client.patch(slow, 2, Buffer.alloc(5_000)))).toEqual([415, 'file-wrong-content']);
  });

  test('methods and addresses that there are not are refused, whatever X-HTTP-Method-Override says', async () => {
    const at = await begin(somePdf(10));
    expect((await client.request('PUT', at)).status).toBe(405);
    expect((await client.request('GET', uploads)).headers.get('allow')).toBe('POST, OPTIONS');
    expect((await client.request('POST', at, { 'x-http-method-override': 'DELETE' })).status).toBe(405);
    for (const path of [`${at}/x`, `${uploads}/..%2f..%2fetc`, `${uploads}/${'A'.repeat(32)}`]) expect([path, (await client.head(path)).status]).toEqual([path, 404]);
    expect(await offsetAt(client, at)).toBe(0);
    expect(server.log.filter((line) => line['level'] === 'error')).toEqual([]);
  });
});
