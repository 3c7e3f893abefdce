import { Refusal } from '../../platform/refusal.ts';
import { isUuid } from '../../platform/uuid.ts';
import { type FileKind, kindOfName, kinds, tidyName } from '../kind.ts';
import type { UploadRefusal, Wish } from './upload.ts';

/**
 * What tus 1.0.0 (https://tus.io/protocols/resumable-upload) says in headers: core, creation, creation-with-upload,
 * checksum, termination, expiration. Nothing here touches a file or the database.
 */
export const tusVersion = '1.0.0';
export const extensions = 'creation,creation-with-upload,checksum,termination,expiration';
export const bytesType = 'application/offset+octet-stream';

/** SHA-1 since tus demands it: the checksum of a part that its sender asks for, on which nothing else rests. */
export const checksumAlgorithms = { sha256: 32, sha1: 20 } as const;
export type ChecksumAlgorithm = keyof typeof checksumAlgorithms;

/** What the bytes of one request add up to, as their sender says. */
export interface PartChecksum {
  readonly algorithm: ChecksumAlgorithm;
  readonly digest: Buffer;
}

export type Headers = Readonly<Record<string, string | string[] | undefined>>;

const one = (headers: Headers, name: string): string | undefined => {
  const value = headers[name];
  return typeof value === 'string' ? value : undefined;
};
const refusal = (code: UploadRefusal, facts: Record<string, string> = {}): Refusal<UploadRefusal> => new Refusal(code, facts);
const wholeNumber = /^\d{1,15}$/;
const base64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

export function refuseOtherVersions(headers: Headers): void {
  if (one(headers, 'tus-resumable') !== tusVersion) throw refusal('wrong-version');
}

/** Where the bytes of the request go on. */
export function offsetOf(headers: Headers): number {
  const text = one(headers, 'upload-offset') ?? '';
  if (!wholeNumber.test(text)) throw refusal('bad-offset');
  return Number(text);
}

export function checksumOf(headers: Headers): PartChecksum | null {
  const text = one(headers, 'upload-checksum');
  if (text === undefined) return null;
  const [algorithm = '', encoded = '', ...rest] = text.trim().split(' ');
  const digest = Buffer.from(encoded, 'base64');
  const length = checksumAlgorithms[algorithm as ChecksumAlgorithm];
  if (!Object.hasOwn(checksumAlgorithms, algorithm) || !base64.test(encoded) || digest.length !== length || rest.length > 0) throw refusal('bad-checksum');
  return { algorithm: algorithm as ChecksumAlgorithm, digest };
}

/** Whether the request carries bytes of the file; another type of body is refused. */
export function carriesBytes(headers: Headers): boolean {
  const hasBody = headers['transfer-encoding'] !== undefined || Number(one(headers, 'content-length') ?? 0) > 0;
  const type = one(headers, 'content-type');
  if (hasBody && type !== bytesType) throw refusal('wrong-content-type');
  return type === bytesType;
}

/** The file that a creating request announces: Upload-Length, and in Upload-Metadata `filename`, `obligation` or `supplier`, and `sha256`. */
export function wishOf(headers: Headers, maxFileBytes: number): Wish {
  if (headers['upload-defer-length'] !== undefined) throw refusal('length-deferred');
  const length = one(headers, 'upload-length') ?? '';
  if (!wholeNumber.test(length)) throw refusal('bad-length');
  const sizeBytes = Number(length);
  const metadata = one(headers, 'upload-metadata') ?? '';
  const said = metadataOf(metadata);

  const sent = said.get('filename') ?? said.get('name') ?? '';
  if (sent.trim() === '') throw refusal('name-missing');
  const name = tidyName(sent);
  const kind = kindOfName(name);
  if (!kind) throw refusal('file-wrong-kind', wrongKind(Object.keys(kinds) as FileKind[]));
  if (sizeBytes === 0) throw refusal('file-empty');
  if (sizeBytes > maxFileBytes) throw refusal('file-too-large', { bytes: String(maxFileBytes) });

  const sha256 = said.get('sha256')?.toLowerCase() ?? null;
  if (sha256 !== null && !/^[0-9a-f]{64}$/.test(sha256)) throw refusal('bad-metadata');
  const [obligationId, supplierId] = [said.get('obligation') ?? null, said.get('supplier') ?? null];
  if (obligationId !== null && !isUuid(obligationId)) throw refusal('not-found', { what: 'task' });
  if (supplierId !== null && !isUuid(supplierId)) throw refusal('not-found');
  return { name, kind, sizeBytes, sha256, obligationId, supplierId, metadata };
}

/** The facts of file-wrong-kind: which kinds there could be. */
export function wrongKind(possible: readonly FileKind[]): Record<string, string> {
  return { kinds: possible.join(',') };
}

/** Comma-separated pairs of a key and a text in Base64, which may be left out. Keys come once. */
function metadataOf(header: string): Map<string, string> {
  const pairs = new Map<string, string>();
  if (header.length > 4_000) throw refusal('bad-metadata');
  for (const pair of header.split(',')) {
    const [key = '', encoded = '', ...rest] = pair.trim().split(' ');
    if (key === '' && header.trim() === '') break;
    if (!/^[\x21-\x7e]+$/.test(key) || pairs.has(key) || rest.length > 0 || !base64.test(encoded)) throw refusal('bad-metadata');
    pairs.set(key, Buffer.from(encoded, 'base64').toString('utf8'));
  }
  return pairs;
}
