import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { AwsClient } from 'aws4fetch';
import type { S3Settings } from './s3-settings.ts';

/** The store said no, or something that we do not understand. */
export class S3Error extends Error {
  readonly status: number;
  constructor(what: string, status: number, text: string) {
    super(`S3: ${what}: ${status} ${/<Code>(\w{1,60})<\/Code>/.exec(text)?.[1] ?? ''}`.trim());
    this.name = 'S3Error';
    this.status = status;
  }
}

/** How much at a time, how long to wait and how often to try. */
export interface S3Limits {
  /** Times that a request is made before we give up: a store that is busy or cut off is asked again. */
  readonly tries: number;
  /** Milliseconds before the second try; twice as long before each one after it. */
  readonly waitMs: number;
  /** Milliseconds for one request with its answer; of a file that is read, for each wait for more bytes. */
  readonly timeoutMs: number;
  /** Files larger than this go in parts of this size, one in memory at a time. The protocol takes 5 MiB and up, and 10,000 parts. */
  readonly partBytes: number;
}

export const usualLimits: S3Limits = { tries: 4, waitMs: 200, timeoutMs: 60_000, partBytes: 8 * 2 ** 20 };

export interface S3Request {
  readonly method: 'GET' | 'HEAD' | 'PUT' | 'POST' | 'DELETE';
  /** Name of the object in the bucket; absent for the bucket itself. */
  readonly key?: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array<ArrayBuffer>;
  /** Answers besides 2xx that the caller understands. */
  readonly also?: readonly number[];
}

interface S3Answer {
  readonly status: number;
  readonly headers: Headers;
}

export interface S3Client {
  /** A request whose answer is short, read to its end. */
  ask(request: S3Request): Promise<S3Answer & { readonly text: string }>;
  /** A request whose answer is a file. */
  open(request: S3Request): Promise<S3Answer & { readonly bytes: Readable }>;
}

/**
 * Speaks to one bucket, by path (endpoint/bucket/key), every request signed with the checksum of its body (Signature
 * Version 4). What may pass (no connection, 429, 5xx) is tried again; every other refusal is an S3Error at once.
 */
export function s3Client({ accessKeyId, secretAccessKey, region, endpoint, bucket }: S3Settings, { tries, waitMs, timeoutMs }: S3Limits): S3Client {
  const aws = new AwsClient({ accessKeyId, secretAccessKey, region, service: 's3', retries: 0 });

  async function send({ method, key = '', query = {}, headers = {}, body }: S3Request, signal: AbortSignal): Promise<Response> {
    const url = new URL(`${endpoint.pathname.replace(/\/$/, '')}/${bucket}${key && `/${key}`}`, endpoint);
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
    const signed = await aws.sign(url, {
      method,
      headers: {
        ...headers,
        'x-amz-content-sha256': createHash('sha256')
          .update(body ?? '')
          .digest('hex'),
      },
      ...(body && { body }),
      redirect: 'manual',
    });
    return fetch(signed, { signal });
  }

  /** Tries until there is an answer that the caller understands; `take` reads it within the time for one request. */
  async function patiently<T>(request: S3Request, take: (answer: Response) => Promise<T> | T): Promise<T> {
    for (let attempt = 1; ; attempt += 1) {
      const limit = new AbortController();
      const timer = setTimeout(() => limit.abort(new Error(`S3: ${request.method} got no answer in ${timeoutMs} ms`)), timeoutMs);
      try {
        const answer = await send(request, limit.signal);
        if (answer.ok || request.also?.includes(answer.status)) return await take(answer);
        throw new S3Error(request.method, answer.status, await answer.text());
      } catch (error) {
        const lasting = error instanceof S3Error && error.status < 500 && error.status !== 429;
        if (lasting || attempt >= tries) throw error;
      } finally {
        clearTimeout(timer);
      }
      await sleep(waitMs * 2 ** (attempt - 1));
    }
  }

  return {
    ask: (request) => patiently(request, async (answer) => ({ status: answer.status, headers: answer.headers, text: await answer.text() })),
    open: (request) =>
      patiently(request, async (answer) => {
        if (!answer.ok) await answer.text();
        return { status: answer.status, headers: answer.headers, bytes: answer.ok ? bytesOf(answer, timeoutMs) : Readable.from([]) };
      }),
  };
}

/** The bytes of an answer; ends in an error when none come for that long while somebody waits for them. */
function bytesOf(answer: Response, timeoutMs: number): Readable {
  const reader = answer.body?.getReader();
  if (!reader) return Readable.from([]);
  return new Readable({
    read() {
      const timer = setTimeout(() => this.destroy(new Error(`S3: no bytes came for ${timeoutMs} ms`)), timeoutMs);
      reader.read().then(
        ({ done, value }) => {
          clearTimeout(timer);
          this.push(done ? null : Buffer.from(value.buffer, value.byteOffset, value.byteLength));
        },
        (error: Error) => {
          clearTimeout(timer);
          this.destroy(error);
        },
      );
    },
    destroy(error, done) {
      reader.cancel().then(
        () => done(error),
        () => done(error),
      );
    },
  });
}
