import http from 'node:http';
import { type UploadProblem, wordsFor } from '../../documents/uploads/messages.ts';
import { tusVersion } from '../../documents/uploads/protocol.ts';
import type { Language } from '../../i18n/language.ts';
import { Refusal } from '../../platform/refusal.ts';
import { isDatabaseAway } from '../problem.ts';

/** 460 is the status of tus for bytes that were changed on their way. */
const statuses: Readonly<Record<UploadProblem, number>> = {
  'bad-length': 400,
  'length-deferred': 400,
  'bad-offset': 400,
  'bad-metadata': 400,
  'bad-checksum': 400,
  'name-missing': 400,
  'supplier-missing': 400,
  'not-logged-in': 401,
  'cross-site': 403,
  'not-allowed': 403,
  'not-found': 404,
  'method-not-allowed': 405,
  'wrong-offset': 409,
  'bytes-lost': 410,
  expired: 410,
  'wrong-version': 412,
  'file-too-large': 413,
  'longer-than-declared': 413,
  'wrong-content-type': 415,
  'file-wrong-kind': 415,
  'file-wrong-content': 415,
  'takes-no-files': 422,
  'not-open-yet': 422,
  'already-filed': 422,
  'file-empty': 422,
  'already-received': 422,
  locked: 423,
  'too-many-open': 429,
  'too-many-bytes': 429,
  'too-much-in-a-day': 429,
  'too-many-at-once': 429,
  'wrong-checksum': 460,
  'file-wrong-checksum': 460,
  failed: 500,
  'disk-failed': 503,
  'database-away': 503,
  'disk-full': 507,
};

/** Seconds after which our own trouble may be over. */
const retryAfter: Partial<Record<UploadProblem, string>> = { 'database-away': '5', 'disk-failed': '30', 'disk-full': '60' };

const noRoom = new Set(['ENOSPC', 'EDQUOT']);
const noDisk = new Set(['EIO', 'EROFS', 'EMFILE', 'ENFILE', 'ESTALE', 'ETIMEDOUT']);

/** What the sender is told of an error; a bug is 'failed'. */
export function problemOf(error: unknown): { readonly code: UploadProblem; readonly facts: Readonly<Record<string, string>> } {
  if (error instanceof Refusal && Object.hasOwn(statuses, error.code)) return { code: error.code as UploadProblem, facts: error.facts };
  const errno = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (noRoom.has(errno)) return { code: 'disk-full', facts: {} };
  if (noDisk.has(errno)) return { code: 'disk-failed', facts: {} };
  return { code: isDatabaseAway(error) ? 'database-away' : 'failed', facts: {} };
}

/** Problem details (RFC 9457) in one language, with the code for programs. What was given up before is gone, for whatever reason. */
export function sendProblem(res: http.ServerResponse, error: unknown, lang: Language, requestId: string): void {
  const { code, facts } = problemOf(error);
  const status = facts['gone'] ? 410 : statuses[code];
  const seconds = facts['seconds'] ?? retryAfter[code];
  const body = JSON.stringify({
    title: http.STATUS_CODES[status] ?? 'Checksum Mismatch',
    status,
    detail: wordsFor(code, { ...facts, id: requestId }, lang),
    code,
  });
  res.writeHead(status, {
    'content-type': 'application/problem+json; charset=utf-8',
    'content-language': lang,
    'content-length': Buffer.byteLength(body),
    ...(seconds && { 'retry-after': seconds }),
    ...(code === 'wrong-version' && { 'tus-version': tusVersion }),
  });
  res.end(res.req.method === 'HEAD' ? undefined : body);
}
