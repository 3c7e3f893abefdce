import { once } from 'node:events';
import { Readable, Transform } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';
import busboy from 'busboy';
import { contentIs, type FileKind, kindOfName, tidyName, type UploadFault } from '../documents/kind.ts';
import type { Files } from '../platform/files/files.ts';

/** A file of a form: stored, or not usable and why. */
export interface UsableFile {
  readonly name: string;
  readonly kind: FileKind;
  readonly sha256: string;
  readonly sizeBytes: number;
}
export interface UnusableFile {
  readonly name: string;
  readonly fault: UploadFault;
}
export type Upload = UsableFile | UnusableFile;

export interface PostedForm {
  readonly fields: Readonly<Record<string, string>>;
  readonly uploads: readonly Upload[];
  /** Fields that were longer than we read; their beginning is in `fields`. */
  readonly cut: readonly string[];
}

/** How a form's files are taken: where, how large, which kinds; absent, files are read and thrown away. */
export interface TakeFiles {
  readonly files: Files;
  readonly limitBytes: number;
  readonly kinds: readonly FileKind[];
  /** Do not look into the files: whoever reads them can say better what is wrong with one. */
  readonly unseen?: boolean;
}

/** The largest form is a sheet of 200 lines; how many bytes all fields may have together is bounded besides. */
const limits = { fields: 6_000, fieldNameSize: 100, fieldSize: 64 * 1024, files: 10, parts: 6_020 } as const;

/** A body that is no form, or is cut off. */
export class BrokenForm extends Error {}

/** A body that goes on past what we read of any form, whatever length it claimed. */
export class TooLarge extends Error {}

const textBodyLimit = 2_000_000;

/** The fields of a form without files; none where the body is no form, so that all of it is asked for again. */
export async function readFields(request: Request): Promise<PostedForm['fields']> {
  try {
    return (await readForm(request)).fields;
  } catch (error) {
    if (error instanceof BrokenForm) return {};
    throw error;
  }
}

/**
 * Reads a posted form, urlencoded or multipart, in constant memory: files go to the store as they come.
 * Of a name that comes twice the last value counts. Throws BrokenForm when the body is not a form to its end.
 */
export async function readForm(request: Request, take?: TakeFiles): Promise<PostedForm> {
  if (!request.body) return { fields: {}, uploads: [], cut: [] };
  let parser: busboy.Busboy;
  try {
    parser = busboy({ headers: { 'content-type': request.headers.get('content-type') ?? '' }, defParamCharset: 'utf8', limits });
  } catch (cause) {
    throw new BrokenForm('not a form', { cause });
  }
  const fields: Record<string, string> = Object.create(null) as Record<string, string>;
  const uploads: Promise<Upload | null>[] = [];
  const cut: string[] = [];
  parser.on('field', (name, value, { valueTruncated }) => {
    fields[name] = value.toWellFormed().normalize('NFC').replaceAll('\0', '');
    if (valueTruncated) cut.push(name);
  });
  parser.on('file', (_field, stream, { filename }) => {
    // A cut connection ends the stream with an error, possibly before anyone reads it; the reader is told when it does.
    stream.on('error', () => {});
    const upload = take ? receive(stream, filename, take) : drained(stream);
    upload.catch(() => {});
    uploads.push(upload);
  });
  parser.on('filesLimit', () => uploads.push(Promise.resolve({ name: '', fault: 'too-many-files' as const })));
  const closed = once(parser, 'close');
  const limitBytes = take ? take.limitBytes * 4 + textBodyLimit : textBodyLimit;
  Readable.fromWeb(request.body as ReadableStream)
    .on('error', (error) => parser.destroy(error))
    .pipe(atMost(limitBytes))
    .on('error', (error) => parser.destroy(error))
    .pipe(parser);
  try {
    await closed;
  } catch (cause) {
    if (cause instanceof TooLarge) throw cause;
    throw new BrokenForm('the form is cut off', { cause });
  }
  const received = await Promise.all(uploads);
  return { fields, cut, uploads: received.filter((upload) => upload !== null) };
}

/**
 * A form with small files, read into memory and written nowhere; null when it is no form. What is longer is read to its
 * end and thrown away, since browsers listen only when they have said all, and then refused with TooLarge.
 */
export async function readSmallForm(request: Request, limitBytes: number): Promise<FormData | null> {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let seen = 0;
  for await (const part of (request.body ?? []) as AsyncIterable<Uint8Array<ArrayBuffer>>) {
    seen += part.length;
    if (seen <= limitBytes) parts.push(part);
  }
  if (seen > limitBytes) throw new TooLarge('more than a small form');
  const body = new Response(new Blob(parts), { headers: { 'content-type': request.headers.get('content-type') ?? '' } });
  return body.formData().catch(() => null);
}

/** Lets bytes through until there are more than the limit. */
function atMost(limitBytes: number): Transform {
  let seen = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      seen += chunk.length;
      if (seen > limitBytes) done(new TooLarge('the body goes on and on'));
      else done(null, chunk);
    },
  });
}

/** Browsers write a quotation mark in a file name as %22 (HTML standard, multipart form data). */
function asChosen(filename: string): string {
  return filename.replaceAll('%22', '"').replace(/%0[AD]/gi, ' ');
}

async function drained(stream: Readable): Promise<null> {
  stream.resume();
  await once(stream, 'end');
  return null;
}

async function receive(stream: Readable, filename: string | undefined, take: TakeFiles): Promise<Upload | null> {
  const name = tidyName(asChosen(filename ?? ''));
  const kind = kindOfName(name);
  if (!filename) return drained(stream); // an empty file field
  if (!kind || !take.kinds.includes(kind)) {
    await drained(stream);
    return { name, fault: 'file-wrong-kind' };
  }
  const stored = await take.files.receive(stream, take.limitBytes);
  if (stored === 'too-large') return { name, fault: 'file-too-large' };
  if (stored.sizeBytes === 0) return { name, fault: 'file-empty' };
  if (!take.unseen && !contentIs(kind, stored.head)) return { name, fault: 'file-wrong-content' };
  return { name, kind, sha256: stored.sha256, sizeBytes: stored.sizeBytes };
}
