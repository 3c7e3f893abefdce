import { Readable } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';
import { attachmentHeader, type FileKind, kinds } from '../documents/kind.ts';
import type { Files } from '../platform/files/files.ts';

/** Sends a stored file as something to save, never to show: it cannot run in our pages, whatever it holds (ASVS 5.0 3.2.1). */
export async function download(files: Files, file: { readonly name: string; readonly kind: string; readonly sha256: string; readonly size_bytes: number }): Promise<Response> {
  const bytes = await files.read(file.sha256);
  return new Response(Readable.toWeb(bytes) as ReadableStream as BodyInit, {
    headers: toSave(kinds[file.kind as FileKind]?.mediaType ?? 'application/octet-stream', file.size_bytes, file.name),
  });
}

/** Sends something that we made, to save as well. */
export function sendFile(content: string | Uint8Array<ArrayBuffer>, mediaType: string, name: string): Response {
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
