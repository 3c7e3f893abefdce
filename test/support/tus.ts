import { createHash, randomBytes } from 'node:crypto';
import http from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'kysely';
import type { TestDatabase } from './database.ts';
import { obligationOf } from './obligations.ts';
import type { Visitor } from './visitor.ts';

/** tus 1.0.0 as the specification says it, on plain fetch: for tests that look at single requests, and as a client of its own. */
export const uploads = '/api/uploads';
export const bytesType = 'application/offset+octet-stream';

export const sha256Of = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');
export const checksumHeader = (bytes: Buffer, algorithm: 'sha256' | 'sha1' = 'sha256'): string => `${algorithm} ${createHash(algorithm).update(bytes).digest('base64')}`;

/** Bytes that begin as a PDF does and then are anything. */
export function somePdf(sizeBytes: number): Buffer {
  const bytes = randomBytes(sizeBytes);
  bytes.write('%PDF-1.7\n');
  return bytes;
}

/** Upload-Metadata. */
export function metadata(said: Readonly<Record<string, string>>): string {
  return Object.entries(said)
    .map(([key, value]) => `${key} ${Buffer.from(value).toString('base64')}`)
    .join(',');
}

/** Somebody whose requests go through another address, each on a connection of its own. */
export function through(address: () => string, visitor: Visitor, base: string): Pick<Visitor, 'request'> {
  return {
    request: (path, { method = 'GET', headers, body } = {}) =>
      new Promise((resolve, reject) => {
        const { hostname, port } = new URL(address());
        const own = { host: new URL(base).host, origin: base, cookie: `session=${visitor.cookies.get('session')}`, 'content-length': (body as Buffer | undefined)?.length ?? 0 };
        const request = http.request({ hostname, port, method, path, agent: false, headers: { ...own, ...(headers as Record<string, string>) } }, (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.on('error', reject);
          response.on('end', () => {
            const empty = method === 'HEAD' || response.statusCode === 204;
            resolve(new Response(empty ? null : Buffer.concat(chunks), { status: response.statusCode ?? 0, headers: response.headers as Record<string, string> }));
          });
        });
        request.on('error', reject);
        request.end(body);
      }),
  };
}

/** Uploads of one person. */
export function tus(visitor: Pick<Visitor, 'request'>) {
  const request = (method: string, path: string, headers: Record<string, string | number> = {}, body?: Buffer): Promise<Response> =>
    visitor.request(path, {
      method,
      headers: { 'tus-resumable': '1.0.0', ...Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)])) },
      ...(body && { body: body as unknown as BodyInit }),
    });
  return {
    request,
    create: (sizeBytes: number, said: Record<string, string>, headers: Record<string, string> = {}, body?: Buffer): Promise<Response> =>
      request('POST', uploads, { 'upload-length': sizeBytes, 'upload-metadata': metadata(said), ...headers, ...(body && { 'content-type': bytesType }) }, body),
    head: (at: string): Promise<Response> => request('HEAD', at),
    patch: (at: string, offset: number, body: Buffer, headers: Record<string, string> = {}): Promise<Response> =>
      request('PATCH', at, { 'content-type': bytesType, 'upload-offset': offset, ...headers }, body),
    remove: (at: string): Promise<Response> => request('DELETE', at),
    state: async (at: string): Promise<Record<string, unknown>> => (await visitor.request(at)).json() as Promise<Record<string, unknown>>,
  };
}
export type Tus = ReturnType<typeof tus>;

/** Creates an upload and resolves to its address. */
export async function created(client: Tus, sizeBytes: number, said: Record<string, string>): Promise<string> {
  const response = await client.create(sizeBytes, said);
  if (response.status !== 201) throw new Error(`not created: ${response.status} ${await response.text()}`);
  return response.headers.get('location') ?? '';
}

/** The offset that the server tells, or its refusal as a negative status. */
export async function offsetAt(client: Tus, at: string): Promise<number> {
  const response = await client.head(at);
  return response.ok ? Number(response.headers.get('upload-offset')) : -response.status;
}

/**
 * Sends a file as a stubborn client does: whatever fails, it asks for the offset and goes on from there. `heard` is told
 * of each acknowledged offset. Resolves to the address of the finished upload.
 */
export async function sendStubbornly(
  client: Tus,
  bytes: Buffer,
  said: Record<string, string>,
  { partBytes = bytes.length, heard = (_offset: number) => {}, tries = 200 } = {},
): Promise<string> {
  let at = '';
  for (let attempt = 0; attempt < tries; attempt += 1) {
    try {
      let offset = 0;
      if (at) offset = await offsetAt(client, at);
      else at = await created(client, bytes.length, said);
      if (offset < 0) throw new Error(`no offset: ${offset}`);
      heard(offset);
      while (offset < bytes.length) {
        const answer = await client.patch(at, offset, bytes.subarray(offset, offset + partBytes));
        if (answer.status !== 204) throw new Error(`${answer.status} ${await answer.text()}`);
        offset = Number(answer.headers.get('upload-offset'));
        heard(offset);
      }
      return at;
    } catch (error) {
      if (/^(4(?!08|09|23)\d\d) /.test((error as Error).message)) throw error;
      await sleep(Math.min(5 * attempt, 200));
    }
  }
  throw new Error(`given up after ${tries} tries`);
}

/** An open task of a supplier that takes a PDF. */
export async function pdfTask(database: Pick<TestDatabase, 'owner'>, cvr = '90000004'): Promise<{ id: string; supplier_id: string }> {
  const task = await obligationOf(database, cvr, 'open');
  await database.owner.db.updateTable('obligation').set({ type: 'forsikring', period: task.id }).where('id', '=', task.id).execute();
  return task;
}

/** Waits until so many requests add to uploads, in all processes on a database. */
export async function untilWriters(database: TestDatabase, count: number): Promise<void> {
  for (;;) {
    const { rows } = await sql<{ held: number }>`
      select count(*) as held from pg_locks
      where locktype = 'advisory' and objsubid = 1 and database = (select oid from pg_database where datname = current_database())`.execute(database.owner.db);
    if (rows[0]?.held === count) return;
    await sleep(10);
  }
}
