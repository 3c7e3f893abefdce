import { Readable } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';
import type { APIContext } from 'astro';
import { contentIs, kinds } from '../../documents/kind.ts';
import type { ReceivedFile } from '../../followup/draft.ts';
import { followupMessages } from '../../followup/messages.ts';
import { type ObligationType, tableOf } from '../../followup/obligation-type.ts';
import type { WholeObligation } from '../../followup/queries.ts';
import type { ProblemError } from '../../opendata/lists/schemas.ts';
import type { Files, StoredFile } from '../../platform/files/files.ts';
import { linesFile } from '../../returns/lines-file.ts';
import { type ReturnBody, readBody } from '../../returns/programs/body.ts';
import { BrokenForm, readForm, TooLarge } from '../../web/form.ts';
import { privateProblem } from '../../web/machine.ts';
import { readJsonBody } from '../../web/programs/json-body.ts';
import { bodyError } from './words.ts';

/** What a program sent: a return as JSON, or the file of its lines. */
export type Sent = { readonly body: ReturnBody } | { readonly file: ReceivedFile };

/** Where files go, and how large they may be. */
interface Taking {
  readonly files: Files;
  readonly limitBytes: number;
}

const fileTypes = new Set<string>([kinds.csv.mediaType, kinds.xlsx.mediaType, 'application/octet-stream']);

/** Takes the body of a request for a task, or says what is wrong with its form. */
export async function receive(context: APIContext, task: WholeObligation, type: ObligationType, taking: Taking): Promise<Sent | Response> {
  const mediaType = context.request.headers.get('content-type')?.split(';')[0]?.trim().toLowerCase() ?? '';
  if (mediaType === 'application/json') return receiveJson(context, type);
  if (!tableOf(type) || !(mediaType === 'multipart/form-data' || fileTypes.has(mediaType))) return privateProblem(context, 'wrong-media-type');
  try {
    return mediaType === 'multipart/form-data' ? await receiveForm(context, type, taking) : await receiveFile(context, task, taking);
  } catch (error) {
    if (error instanceof TooLarge) return privateProblem(context, 'too-large');
    if (error instanceof BrokenForm || (error as NodeJS.ErrnoException).code === 'ECONNRESET') return badBody(context, 'not-whole');
    throw error;
  }
}

/** The lines of a body as the file that is kept of them. */
export async function fileOfLines(
  task: WholeObligation,
  type: ObligationType,
  lines: NonNullable<ReturnBody['lines']>,
  { files, limitBytes }: Taking,
): Promise<ReceivedFile | 'too-large'> {
  const table = tableOf(type);
  if (!table) throw new Error(`the type ${type.id} has no lines`);
  const stored = await files.receive(Readable.fromWeb(linesFile(table, lines) as ReadableStream), limitBytes);
  return stored === 'too-large' ? stored : { name: nameOf(task, 'csv'), kind: 'csv', sha256: stored.sha256, sizeBytes: stored.sizeBytes };
}

/** The same lines sent again have the same name, so that they are one file in the draft. */
const nameOf = ({ type, period }: WholeObligation, kind: string): string => `${[type, period].filter(Boolean).join('-')}.${kind}`;

const badBody = (context: APIContext, code: Parameters<typeof bodyError>[0]['code'], place = ''): Response => privateProblem(context, 'bad-body', [bodyError({ code, place })]);

async function receiveJson(context: APIContext, type: ObligationType): Promise<Sent | Response> {
  const read = await readJsonBody(context.request);
  if ('fault' in read) {
    if (read.fault === 'too-large') return privateProblem(context, 'too-large');
    return read.fault === 'too-many-parts' ? privateProblem(context, 'too-large', [bodyError({ code: read.fault, place: '' })]) : badBody(context, read.fault, read.place);
  }
  const body = await readBody(type, read.value);
  return 'faults' in body ? privateProblem(context, 'bad-body', body.faults.map(bodyError)) : { body };
}

async function receiveFile(context: APIContext, task: WholeObligation, { files, limitBytes }: Taking): Promise<Sent | Response> {
  const { body } = context.request;
  const stored = body && (await files.receive(Readable.fromWeb(body as ReadableStream), limitBytes));
  if (stored === 'too-large') return privateProblem(context, 'too-large');
  if (!stored || stored.sizeBytes === 0) return unusable(context, 'file-empty');
  const kind = kindOf(stored);
  return contentIs(kind, stored.head) ? { file: { name: nameOf(task, kind), kind, sha256: stored.sha256, sizeBytes: stored.sizeBytes } } : unusable(context, 'file-wrong-content');
}

/** A workbook is a ZIP, or the older container in which one is locked by a password. */
const kindOf = ({ head }: StoredFile): 'csv' | 'xlsx' => (['PK\x03\x04', '\xd0\xcf\x11\xe0'].includes(head.toString('latin1', 0, 4)) ? 'xlsx' : 'csv');

async function receiveForm(context: APIContext, type: ObligationType, taking: Taking): Promise<Sent | Response> {
  const { uploads, fields } = await readForm(context.request, { ...taking, kinds: type.evidence });
  const [upload, ...others] = uploads;
  if (!upload || others.length > 0 || Object.keys(fields).length > 0) return badBody(context, 'one-file');
  if (!('fault' in upload)) return { file: upload };
  return upload.fault === 'file-too-large' ? privateProblem(context, 'too-large') : unusable(context, upload.fault);
}

function unusable(context: APIContext, code: keyof (typeof followupMessages)['da']['faults']): Response {
  const error: ProblemError = { code, severity: 'error', message_da: followupMessages.da.faults[code], message_en: followupMessages.en.faults[code] };
  return privateProblem(context, 'unreadable-file', [error]);
}
