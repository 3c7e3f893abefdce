import { createHash, createHmac, randomUUID } from 'node:crypto';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import zlib from 'node:zlib';
import type { S3Settings } from '../../src/platform/files/s3-settings.ts';
import { atEnd } from './clean-up.ts';

/**
 * A strict S3-compatible server in memory, on loopback: it checks the signature (Version 4) of every request, the checksum of every
 * body and part, conditions, ranges and names, lists in pages, and can be told to fail, to be slow, and to lie. Our own, since the
 * servers that come as packages accept wrong checksums and ignore If-None-Match.
 */
export type S3Fault =
  | 'reset-before' // no answer, nothing done
  | 'reset-midway' // cut while the request is being sent
  | 'reset-after' // done, but no answer
  | 'error' // 500, nothing done
  | 'busy' // 503 SlowDown, nothing done
  | 'error-after' // done, answered with 500
  | 'slow' // done and answered after the client's patience
  | 'corrupt-write' // one bit stored wrong, answered with 200
  | 'half-write' // half of it stored, answered with 200
  | 'no-write' // nothing stored, answered with 200
  | 'corrupt-read' // one bit given back wrong
  | 'short-read' // cut while the answer is being sent
  | 'empty-answer'; // 200 and nothing else

export interface S3Call {
  readonly method: string;
  readonly key: string;
  readonly query: ReadonlyMap<string, string>;
}

interface Kept {
  readonly bytes: Buffer;
  readonly etag: string;
  readonly at: Date;
  readonly version: string;
}

interface Parts {
  readonly key: string;
  readonly begunAt: Date;
  readonly parts: Map<number, Buffer>;
  /** A part was stored otherwise than it came, and the store does not notice. */
  lied: boolean;
}

export interface S3Server {
  readonly settings: S3Settings;
  /** Latest version first; an empty list is a removed object. */
  readonly objects: Map<string, Kept[]>;
  readonly unfinished: Map<string, Parts>;
  readonly calls: S3Call[];
  /** Which fault a request meets; undefined for none. */
  fault: (call: S3Call) => S3Fault | undefined;
  /** Keeps every version, as buckets do where that is switched on. */
  versioned: boolean;
  /** Answers 501 to If-None-Match, as older stores do. */
  knowsConditions: boolean;
  /** Objects on one page of a list. */
  pageSize: number;
  /** Parts but the last must be as large as this, 5 MiB in S3. */
  leastPartBytes: number;
  /** How long "slow" takes, in milliseconds. */
  slowMs: number;
  close(): Promise<void>;
}

class Refused extends Error {
  readonly status: number;
  constructor(status: number, code: string) {
    super(code);
    this.status = status;
  }
}

/** How to reach it, but for its address. */
export const testSettings = { region: 'eu-north-1', bucket: 'documents', accessKeyId: 'test-access-key', secretAccessKey: 'a secret for tests only' } as const;
const { region, bucket, accessKeyId, secretAccessKey } = testSettings;
export async function startS3(prefix = 'portal/'): Promise<S3Server> {
  const http_ = http.createServer((req, res) => {
    serve(req, res).catch(() => res.destroy());
  });
  await new Promise<void>((resolve) => http_.listen(0, '127.0.0.1', resolve));
  const { port } = http_.address() as AddressInfo;
  const server: S3Server = {
    settings: { ...testSettings, endpoint: new URL(`http://127.0.0.1:${port}`), prefix },
    objects: new Map(),
    unfinished: new Map(),
    calls: [],
    fault: () => undefined,
    versioned: false,
    knowsConditions: true,
    pageSize: 1000,
    leastPartBytes: 5 * 2 ** 20,
    slowMs: 0,
    close: () =>
      new Promise((resolve) => {
        http_.close(() => resolve());
        http_.closeAllConnections();
      }),
  };
  atEnd(() => server.close());

  async function serve(req: http.IncomingMessage, res: http.ServerResponse): Promise<void> {
    const url = new URL(req.url ?? '/', 'http://store');
    const call: S3Call = { method: req.method ?? '', key: decodeURIComponent(url.pathname.slice(`/${bucket}/`.length)), query: new Map(url.searchParams) };
    server.calls.push(call);
    const fault = server.fault(call);
    if (fault === 'reset-before') return void req.socket.destroy();
    const chunks: Buffer[] = [];
    for await (const chunk of req as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      if (fault === 'reset-midway') return void req.socket.destroy();
    }
    if (fault === 'reset-midway') return void req.socket.destroy();
    if (fault === 'error' || fault === 'busy') return answer(res, fault === 'error' ? 500 : 503, {}, errorText(fault === 'error' ? 'InternalError' : 'SlowDown'));
    if (fault === 'slow') await new Promise((resolve) => setTimeout(resolve, server.slowMs));
    const sent = Buffer.concat(chunks);
    try {
      checkSignature(req, url, sent);
      checkSums(req, sent);
      if (!url.pathname.startsWith(`/${bucket}`)) throw new Refused(404, 'NoSuchBucket');
      const done = perform(call, req, sent, fault);
      if (fault === 'reset-after') return void req.socket.destroy();
      if (fault === 'error-after') return answer(res, 500, {}, errorText('InternalError'));
      if (fault === 'empty-answer') return answer(res, 200, {}, '');
      if (fault === 'short-read' && Buffer.isBuffer(done.body)) {
        res.writeHead(done.status, { ...done.headers, 'content-length': String(done.body.length) });
        res.write(done.body.subarray(0, done.body.length >> 1), () => req.socket.destroy());
        return;
      }
      answer(res, done.status, done.headers ?? {}, fault === 'corrupt-read' && Buffer.isBuffer(done.body) ? flipped(done.body) : (done.body ?? ''), call.method === 'HEAD');
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      answer(res, error.status, {}, call.method === 'HEAD' ? '' : errorText(error.message));
    }
  }

  interface Done {
    readonly status: number;
    readonly headers?: Record<string, string>;
    readonly body?: Buffer | string;
  }

  const latest = (key: string): Kept | undefined => server.objects.get(key)?.[0];

  function store(key: string, bytes: Buffer, etag: string, onlyNew: boolean, fault: S3Fault | undefined): void {
    if (onlyNew && !server.knowsConditions) throw new Refused(501, 'NotImplemented');
    if (onlyNew && latest(key)) throw new Refused(412, 'PreconditionFailed');
    if (fault === 'no-write') return;
    server.objects.set(key, [
      { bytes: asStored(bytes, fault), etag, at: new Date(Math.floor(Date.now() / 1000) * 1000), version: randomUUID() },
      ...(server.versioned ? (server.objects.get(key) ?? []) : []),
    ]);
  }

  function perform(call: S3Call, req: http.IncomingMessage, body: Buffer, fault: S3Fault | undefined): Done {
    const { method, key, query } = call;
    const onlyNew = req.headers['if-none-match'] === '*';
    if (key === '') return list(query);
    if (method === 'POST' && query.has('uploads')) {
      const id = randomUUID();
      if (fault !== 'no-write') server.unfinished.set(id, { key, begunAt: new Date(), parts: new Map(), lied: false });
      return { status: 200, body: `<InitiateMultipartUploadResult><UploadId>${id}</UploadId></InitiateMultipartUploadResult>` };
    }
    const upload = query.get('uploadId');
    if (upload !== undefined) {
      const open = server.unfinished.get(upload);
      if (!open || open.key !== key) throw new Refused(404, 'NoSuchUpload');
      if (method === 'DELETE') {
        server.unfinished.delete(upload);
        return { status: 204 };
      }
      if (method === 'PUT') {
        open.lied ||= fault === 'no-write' || asStored(body, fault) !== body;
        if (fault !== 'no-write') open.parts.set(Number(query.get('partNumber')), asStored(body, fault));
        return { status: 200, headers: { etag: etagOf(body) } };
      }
      const whole = Buffer.concat(partsNamed(body.toString(), open, server.leastPartBytes));
      store(key, whole, `${etagOf(whole).slice(0, -1)}-${open.parts.size}"`, onlyNew, fault);
      server.unfinished.delete(upload);
      return { status: 200, body: '<CompleteMultipartUploadResult></CompleteMultipartUploadResult>' };
    }
    if (method === 'PUT') {
      store(key, body, etagOf(body), onlyNew, fault);
      return { status: 200, headers: { etag: etagOf(body) } };
    }
    if (method === 'DELETE') return remove(key, query.get('versionId'));
    const found = latest(key);
    if (!found) throw new Refused(404, 'NoSuchKey');
    const headers = { etag: found.etag, 'last-modified': found.at.toUTCString(), 'accept-ranges': 'bytes' };
    const range = /^bytes=(\d+)-(\d+)$/.exec(req.headers.range ?? '');
    if (!range) return { status: 200, headers, body: found.bytes };
    if (Number(range[1]) >= found.bytes.length) throw new Refused(416, 'InvalidRange');
    return { status: 206, headers, body: found.bytes.subarray(Number(range[1]), Number(range[2]) + 1) };
  }

  function remove(key: string, version: string | undefined): Done {
    const kept = server.objects.get(key) ?? [];
    if (version !== undefined)
      server.objects.set(
        key,
        kept.filter((each) => each.version !== version),
      );
    else if (!server.versioned) server.objects.delete(key);
    const left = server.objects.get(key);
    if (left?.length === 0) server.objects.delete(key);
    return { status: 204, headers: server.versioned && version === undefined ? { 'x-amz-delete-marker': 'true', 'x-amz-version-id': randomUUID() } : {} };
  }

  function list(query: ReadonlyMap<string, string>): Done {
    const keys = [...server.objects.keys()].filter((key) => key.startsWith(query.get('prefix') ?? '')).sort();
    if (query.has('uploads')) {
      const uploads = [...server.unfinished].map(
        ([id, { key, begunAt }]) => `<Upload><Key>${key}</Key><UploadId>${id}</UploadId><Initiated>${begunAt.toISOString()}</Initiated></Upload>`,
      );
      return { status: 200, body: `<ListMultipartUploadsResult>${uploads.join('')}<IsTruncated>false</IsTruncated></ListMultipartUploadsResult>` };
    }
    if (query.has('versions')) {
      const versions = keys.flatMap((key) => (server.objects.get(key) ?? []).map(({ version }) => `<Version><Key>${key}</Key><VersionId>${version}</VersionId></Version>`));
      return { status: 200, body: `<ListVersionsResult>${versions.join('')}<IsTruncated>false</IsTruncated></ListVersionsResult>` };
    }
    if (query.get('list-type') !== '2') throw new Refused(400, 'InvalidArgument');
    // A token with what XML must escape and a slash, so that both are tried.
    const after = query.get('continuation-token')?.replace(/^&</, '');
    const rest = after === undefined ? keys : keys.filter((key) => key > after);
    const page = rest.slice(0, server.pageSize);
    const more = rest.length > page.length;
    const contents = page.map(
      (key) => `<Contents><Key>${key}</Key><LastModified>${latest(key)?.at.toISOString()}</LastModified><Size>${latest(key)?.bytes.length}</Size></Contents>`,
    );
    const next = more ? `<NextContinuationToken>&amp;&lt;${page.at(-1)}</NextContinuationToken>` : '';
    return { status: 200, body: `<ListBucketResult>${contents.join('')}<IsTruncated>${more}</IsTruncated>${next}</ListBucketResult>` };
  }

  return server;
}

/** The parts in the order and with the checksums that the request names; all but the last as large as they must be. */
function partsNamed(text: string, { parts, lied: lenient }: Parts, leastBytes: number): Buffer[] {
  const named = [...text.matchAll(/<Part><PartNumber>(\d+)<\/PartNumber><ETag>(.*?)<\/ETag><ChecksumSHA256>(.*?)<\/ChecksumSHA256><\/Part>/g)];
  const found = named.map(([, number, , sum]) => {
    const bytes = parts.get(Number(number));
    if (!lenient && (!bytes || createHash('sha256').update(bytes).digest('base64') !== sum)) throw new Refused(400, 'InvalidPart');
    return bytes ?? Buffer.alloc(0);
  });
  if (found.length === 0) throw new Refused(400, 'MalformedXML');
  if (!lenient && found.slice(0, -1).some((bytes) => bytes.length < leastBytes)) throw new Refused(400, 'EntityTooSmall');
  return found;
}

function checkSignature(req: http.IncomingMessage, url: URL, body: Buffer): void {
  const given = /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/s3\/aws4_request, ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/.exec(
    req.headers.authorization ?? '',
  );
  if (!given) throw new Refused(403, 'AccessDenied');
  const [, key, day = '', zone = '', names = '', signature] = given;
  const at = String(req.headers['x-amz-date']);
  const instant = Date.parse(at.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'));
  if (key !== accessKeyId || zone !== region || !at.startsWith(day)) throw new Refused(403, 'InvalidAccessKeyId');
  if (!(Math.abs(Date.now() - instant) < 15 * 60_000)) throw new Refused(403, 'RequestTimeTooSkewed');
  const signed = names.split(';');
  const amazon = Object.keys(req.headers).filter((name) => name.startsWith('x-amz-') || name === 'host' || name === 'if-none-match');
  if (amazon.some((name) => !signed.includes(name))) throw new Refused(403, 'AccessDenied');
  const sum = String(req.headers['x-amz-content-sha256']);
  if (sum !== 'UNSIGNED-PAYLOAD' && sum !== hex(body)) throw new Refused(400, 'XAmzContentSHA256Mismatch');
  const encode = (text: string): string => encodeURIComponent(text).replace(/[!'()*]/g, (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`);
  const canonical = [
    req.method,
    url.pathname,
    [...url.searchParams]
      .map(([name, value]) => `${encode(name)}=${encode(value)}`)
      .sort()
      .join('&'),
    ...signed.map((name) => `${name}:${String(req.headers[name]).trim().replace(/\s+/g, ' ')}`),
    '',
    names,
    sum,
  ].join('\n');
  const mac = (secret: string | Buffer, text: string): Buffer => createHmac('sha256', secret).update(text).digest();
  const secret = mac(mac(mac(mac(`AWS4${secretAccessKey}`, day), zone), 's3'), 'aws4_request');
  const expected = mac(secret, ['AWS4-HMAC-SHA256', at, `${day}/${zone}/s3/aws4_request`, hex(Buffer.from(canonical))].join('\n')).toString('hex');
  if (expected !== signature) throw new Refused(403, 'SignatureDoesNotMatch');
}

function checkSums(req: http.IncomingMessage, body: Buffer): void {
  const crc = Buffer.alloc(4);
  crc.writeUInt32BE(zlib.crc32(body));
  const own = {
    'x-amz-checksum-sha256': createHash('sha256').update(body).digest('base64'),
    'x-amz-checksum-crc32': crc.toString('base64'),
    'content-md5': createHash('md5').update(body).digest('base64'),
  };
  for (const [name, sum] of Object.entries(own)) if (req.headers[name] !== undefined && req.headers[name] !== sum) throw new Refused(400, 'BadDigest');
}

const hex = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');
const etagOf = (bytes: Buffer): string => `"${createHash('md5').update(bytes).digest('hex')}"`;
const errorText = (code: string): string => `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code></Error>`;

/** What a store that lies makes of what it was given. */
function asStored(bytes: Buffer, fault: S3Fault | undefined): Buffer {
  return fault === 'corrupt-write' ? flipped(bytes) : fault === 'half-write' ? bytes.subarray(0, bytes.length >> 1) : bytes;
}

function flipped(bytes: Buffer): Buffer {
  const wrong = Buffer.from(bytes);
  const at = wrong.length >> 1;
  if (wrong.length > 0) wrong[at] = (wrong[at] ?? 0) ^ 1;
  return wrong;
}

function answer(res: http.ServerResponse, status: number, headers: Record<string, string>, body: Buffer | string, headOnly = false): void {
  res.writeHead(status, { ...headers, 'content-length': String(Buffer.byteLength(body)) });
  res.end(headOnly ? undefined : body);
}
