import { createHash } from 'node:crypto';
import fs from 'node:fs/promises';
import { type S3Client, S3Error } from './s3-client.ts';
import { childrenOf, readXml, textOf } from './s3-xml.ts';

interface InParts {
  readonly key: string;
  readonly uploadId: string;
}

type Condition = Readonly<Record<string, string>>;

/** Puts the file at `from` in parts, each with its SHA-256 for the store to check. When it rejects, no part stays. */
export async function putInParts(s3: S3Client, from: string, key: string, partBytes: number, condition: Condition): Promise<void> {
  const begun = await s3.ask({ method: 'POST', key, query: { uploads: '' }, headers: { 'x-amz-checksum-algorithm': 'SHA256' } });
  const upload = { key, uploadId: textOf(readXml(begun.text), 'UploadId') };
  try {
    const parts = await sendParts(s3, from, upload, partBytes);
    await complete(s3, upload, Buffer.from(`<CompleteMultipartUpload xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${parts}</CompleteMultipartUpload>`), condition);
  } catch (error) {
    await abortParts(s3, upload).catch((cause: unknown) => {
      throw new AggregateError([error, cause], 'S3: not put, and its parts not taken back; the nightly tidying takes them back');
    });
    throw error;
  }
}

/** Sends the parts one after the other. Returns what the request that completes them says of each. */
async function sendParts(s3: S3Client, from: string, { key, uploadId }: InParts, partBytes: number): Promise<string> {
  const file = await fs.open(from);
  try {
    const buffer = Buffer.alloc(partBytes);
    let parts = '';
    for (let at = 0, number = 1; ; number += 1) {
      const { bytesRead } = await file.read(buffer, 0, partBytes, at);
      if (bytesRead === 0) return parts;
      const body = buffer.subarray(0, bytesRead);
      const sum = createHash('sha256').update(body).digest('base64');
      const { headers } = await s3.ask({ method: 'PUT', key, query: { partNumber: String(number), uploadId }, headers: { 'x-amz-checksum-sha256': sum }, body });
      const tag = (headers.get('etag') ?? '').replaceAll('&', '&amp;').replaceAll('<', '&lt;');
      parts += `<Part><PartNumber>${number}</PartNumber><ETag>${tag}</ETag><ChecksumSHA256>${sum}</ChecksumSHA256></Part>`;
      at += bytesRead;
    }
  } finally {
    await file.close();
  }
}

async function complete(s3: S3Client, upload: InParts, body: Buffer<ArrayBuffer>, condition: Condition): Promise<void> {
  const { key, uploadId } = upload;
  const done = await s3.ask({ method: 'POST', key, query: { uploadId }, headers: { 'content-type': 'application/xml', ...condition }, body, also: [409, 412, 501] });
  if (done.status === 501 && 'if-none-match' in condition) return complete(s3, upload, body, {});
  // Another was quicker with the same bytes: what is there is read back like everything else.
  if (done.status >= 400) return abortParts(s3, upload);
  // The answer begins with 200 before the store is done; what became of it stands in the text.
  if (readXml(done.text).name !== 'CompleteMultipartUploadResult') throw new S3Error('POST', done.status, done.text);
}

export async function abortParts(s3: S3Client, { key, uploadId }: InParts): Promise<void> {
  await s3.ask({ method: 'DELETE', key, query: { uploadId }, also: [404] });
}

/** Parts below a prefix that were neither completed nor taken back. */
export async function unfinishedParts(s3: S3Client, prefix: string): Promise<(InParts & { readonly begunAt: Date })[]> {
  const found: (InParts & { readonly begunAt: Date })[] = [];
  for (let after: Record<string, string> | null = {}; after; ) {
    const { status, text } = await s3.ask({ method: 'GET', query: { uploads: '', prefix, ...after }, also: [501] });
    if (status === 501) return []; // A store that cannot tell cleans up by itself.
    const page = readXml(text);
    for (const upload of childrenOf(page, 'Upload'))
      found.push({ key: textOf(upload, 'Key'), uploadId: textOf(upload, 'UploadId'), begunAt: new Date(textOf(upload, 'Initiated')) });
    const more = textOf(page, 'IsTruncated') === 'true';
    after = more ? { 'key-marker': textOf(page, 'NextKeyMarker'), 'upload-id-marker': textOf(page, 'NextUploadIdMarker') } : null;
  }
  return found;
}
