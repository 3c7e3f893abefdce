import { Readable } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';
import type { APIContext } from 'astro';
import { z } from 'zod';
import { attachmentHeader, type FileKind, kinds } from '../documents/kind.ts';
import { mayBeOpened, type Verdict } from '../documents/stored.ts';
import { seal, unseal } from '../identity/sealed.ts';
import { minutes } from '../platform/clock.ts';
import type { Files } from '../platform/files/files.ts';
import { rangeOf } from './byte-range.ts';

export interface Downloadable {
  readonly id: string;
  readonly name: string;
  readonly kind: string;
  readonly sha256: string;
  readonly size_bytes: number;
  readonly verdict: string;
}

const nothing = (status: number, headers: Record<string, string> = {}): Response => new Response(null, { status, headers: { 'cache-control': 'no-store', ...headers } });

/** Who asks for a file; on the files' own host, which has no cookies, a ticket says so. */
const ticketShape = z.strictObject({ document: z.uuid(), account: z.uuid(), reader: z.enum(['supplier', 'staff']), until: z.number() });
export type Ticket = z.infer<typeof ticketShape>;

/**
 * Answers a request for a file that the reader may see: nothing until it has been checked; the bytes; or, where files
 * have a host name of their own, the way there, which holds for a minute and for this reader only (ASVS 5.0 3.5.4).
 */
export async function sendFile({ locals: { app, actor }, request }: Pick<APIContext, 'locals' | 'request'>, file: Downloadable, reader: Ticket['reader']): Promise<Response> {
  const { filesUrl, demo, secretKey } = app.config;
  if (!mayBeOpened(file.verdict as Verdict, demo)) return nothing(404);
  if (!filesUrl || request.method === 'HEAD') return bytesOf(app.files, file, request);
  const ticket: Ticket = { document: file.id, account: actor.accountId, reader, until: Date.now() + minutes(1) };
  return nothing(303, { location: new URL(`/f/${seal(secretKey, 'file', ticket)}`, filesUrl).href });
}

/** What a ticket of ours says, or null when it is not ours or its minute is over. */
export function readTicket(secretKey: string, sealed: string): Ticket | null {
  const ticket = ticketShape.safeParse(unseal(secretKey, 'file', sealed)).data;
  return ticket && ticket.until >= Date.now() ? ticket : null;
}

/** Sends a stored file as something to save, never to show: it cannot run in our pages, whatever it holds (ASVS 5.0 3.2.1). Parts on request. */
export async function bytesOf(files: Files, file: Downloadable, request: Request): Promise<Response> {
  const etag = `"${file.sha256}"`;
  const conditional = request.headers.get('if-range');
  const range = conditional === null || conditional === etag ? rangeOf(request.headers.get('range'), file.size_bytes) : null;
  if (range === 'unsatisfiable') return nothing(416, { 'content-range': `bytes */${file.size_bytes}` });
  const headers = {
    ...toSave(kinds[file.kind as FileKind]?.mediaType ?? 'application/octet-stream', range ? range.end - range.start + 1 : file.size_bytes, file.name),
    'accept-ranges': 'bytes',
    etag,
    ...(range && { 'content-range': `bytes ${range.start}-${range.end}/${file.size_bytes}` }),
  };
  const body = request.method === 'HEAD' ? null : (Readable.toWeb(await files.read(file.sha256, range ?? undefined)) as ReadableStream as BodyInit);
  return new Response(body, { status: range ? 206 : 200, headers });
}

/** When a request is noted as a reading: a further part goes on with one only where there is one, and HEAD gets neither bytes nor a ticket. */
export function notedWhen(request: Request): 'always' | 'unless-lately' | 'never' {
  if (request.method === 'HEAD') return 'never';
  return /^bytes=[1-9]/.test(request.headers.get('range') ?? '') ? 'unless-lately' : 'always';
}

/** Sends something that we made, to save as well. */
export function sendMade(content: string | Uint8Array<ArrayBuffer>, mediaType: string, name: string): Response {
  return new Response(content, { headers: toSave(mediaType, typeof content === 'string' ? Buffer.byteLength(content) : content.length, name) });
}

function toSave(mediaType: string, sizeBytes: number, name: string): Record<string, string> {
  return {
    'content-type': mediaType,
    'content-length': String(sizeBytes),
    'content-disposition': attachmentHeader(name),
    'content-security-policy': "sandbox; default-src 'none'; frame-ancestors 'none'",
    'cache-control': 'no-store',
  };
}
