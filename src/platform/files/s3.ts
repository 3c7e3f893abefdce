import { createHash, randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import fs from 'node:fs/promises';
import path from 'node:path';
import { addAbortSignal, Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ByteRange, Files, HeldFile } from './files.ts';
import { areBytesOf, checksum, demandBytes, receiveInto, tidyIncoming, unlessMissing } from './receive.ts';
import { type S3Limits, s3Client, usualLimits } from './s3-client.ts';
import { abortParts, putInParts, unfinishedParts } from './s3-parts.ts';
import type { S3Settings } from './s3-settings.ts';
import { childrenOf, readXml, textOf } from './s3-xml.ts';

/**
 * Files in a bucket of an S3-compatible store, each under its SHA-256. A file counts as kept when it has been read back
 * whole and has its checksum, and not before, whatever the store answered to the request that put it there.
 */
export function filesInS3(settings: S3Settings, incoming: string, limits: S3Limits = usualLimits): Files {
  const s3 = s3Client(settings, limits);
  const keyOf = (sha256: string): string => settings.prefix + checksum(sha256);

  async function stat(sha256: string): Promise<HeldFile | null> {
    const { status, headers } = await s3.ask({ method: 'HEAD', key: keyOf(sha256), also: [404] });
    return status === 404 ? null : { sha256, sizeBytes: Number(headers.get('content-length')), storedAt: new Date(headers.get('last-modified') ?? 0) };
  }

  async function read(sha256: string, range?: ByteRange): Promise<Readable> {
    const headers: Record<string, string> = range ? { range: `bytes=${range.start}-${range.end}` } : {};
    const { status, bytes } = await s3.open({ method: 'GET', key: keyOf(sha256), headers, also: [404, 416] });
    if (status !== 404 && status !== 416) return bytes;
    bytes.destroy();
    if (status === 416) return Readable.from([]);
    throw Object.assign(new Error(`the store does not hold ${sha256}`), { code: 'ENOENT' });
  }

  /** Whether the store gives back what it was given; at least 50 kB a second, so that a store that drips holds nobody up. */
  async function isWhole(sha256: string, sizeBytes: number): Promise<boolean> {
    const bytes = await read(sha256);
    return areBytesOf(addAbortSignal(AbortSignal.timeout(limits.timeoutMs + Math.ceil(sizeBytes / 50)), bytes), sha256, sizeBytes);
  }

  /** Puts a file where there is none (`anew`: wherever). Where another was quicker, or the condition is unknown to the store, it says so. */
  async function put(from: string, sha256: string, sizeBytes: number, anew: boolean): Promise<void> {
    const condition: Record<string, string> = anew ? {} : { 'if-none-match': '*' };
    if (sizeBytes > limits.partBytes) return putInParts(s3, from, keyOf(sha256), limits.partBytes, condition);
    const body = await fs.readFile(from);
    const headers = { ...condition, 'x-amz-checksum-sha256': createHash('sha256').update(body).digest('base64') };
    const { status } = await s3.ask({ method: 'PUT', key: keyOf(sha256), headers, body, also: [409, 412, 501] });
    if (status === 501 && !anew) await put(from, sha256, sizeBytes, true);
  }

  async function keep(from: string, sha256: string, sizeBytes: number, hashed?: 'hashed'): Promise<void> {
    checksum(sha256);
    if (!hashed) await demandBytes(from, sha256, sizeBytes);
    const held = await stat(sha256);
    if (!(held && (await isWhole(sha256, sizeBytes).catch(unlessMissing(false))))) {
      // An object that is there and not whole is replaced; else a second writer of the same bytes meets the condition.
      await put(from, sha256, sizeBytes, held !== null);
      if (!(await isWhole(sha256, sizeBytes))) throw new Error(`S3: what was read back under ${sha256} is not what was put there`);
    }
    await fs.rm(from, { force: true });
  }

  /** In a bucket that keeps versions, removing an object only hides it: each version is removed by its own name. */
  async function removeVersions(key: string): Promise<void> {
    for (let after: Record<string, string> | null = {}; after; ) {
      const { text } = await s3.ask({ method: 'GET', query: { versions: '', prefix: key, ...after } });
      const page = readXml(text);
      for (const version of [...childrenOf(page, 'Version'), ...childrenOf(page, 'DeleteMarker')].filter((each) => textOf(each, 'Key') === key))
        await s3.ask({ method: 'DELETE', key, query: { versionId: textOf(version, 'VersionId') }, also: [404] });
      const more = textOf(page, 'IsTruncated') === 'true';
      after = more ? { 'key-marker': textOf(page, 'NextKeyMarker'), 'version-id-marker': textOf(page, 'NextVersionIdMarker') } : null;
    }
  }

  const files: Files = {
    incoming,
    receive: (bytes, limitBytes) => receiveInto(files, bytes, limitBytes),
    keep,
    read,
    stat,
    async local(sha256, use) {
      const held = await stat(sha256);
      const bytes = await read(sha256);
      const place = path.join(incoming, randomUUID());
      try {
        await fs.mkdir(incoming, { recursive: true });
        await pipeline(bytes, createWriteStream(place, { mode: 0o600 }));
        await demandBytes(place, sha256, held?.sizeBytes ?? -1);
        return await use(place);
      } finally {
        await fs.rm(place, { force: true });
      }
    },
    async *list() {
      for (let token: string | null = ''; token !== null; ) {
        const { text } = await s3.ask({ method: 'GET', query: { 'list-type': '2', prefix: settings.prefix, ...(token && { 'continuation-token': token }) } });
        const page = readXml(text);
        for (const found of childrenOf(page, 'Contents')) {
          const name = textOf(found, 'Key').slice(settings.prefix.length);
          if (/^[0-9a-f]{64}$/.test(name)) yield { sha256: name, sizeBytes: Number(textOf(found, 'Size')), storedAt: new Date(textOf(found, 'LastModified')) };
        }
        token = textOf(page, 'IsTruncated') === 'true' ? textOf(page, 'NextContinuationToken') : null;
      }
    },
    async remove(sha256) {
      const key = keyOf(sha256);
      const { headers } = await s3.ask({ method: 'DELETE', key, also: [404] });
      if (headers.has('x-amz-version-id') || headers.has('x-amz-delete-marker')) await removeVersions(key);
    },
    async tidy(before) {
      let removed = await tidyIncoming(incoming, before);
      for (const upload of await unfinishedParts(s3, settings.prefix)) {
        if (upload.begunAt >= before) continue;
        await abortParts(s3, upload);
        removed += 1;
      }
      return removed;
    },
  };
  return files;
}
