import { Readable } from 'node:stream';
import type { ReadableStream as NodeStream } from 'node:stream/web';
import type { APIContext, APIRoute } from 'astro';
import { withoutToken } from '../alerts/token.ts';
import { attachmentHeader } from '../documents/kind.ts';
import { pathTo } from '../i18n/routes.ts';
import type { ProblemBody, ProblemError } from '../opendata/lists/schemas.ts';
import { openDataMessages } from '../opendata/messages.ts';
import { isHeld, weakTag } from './page-cache.ts';
import { isDatabaseAway } from './problem.ts';

/** Public data: any page in any browser may read it (Fetch standard, CORS), and it may be kept for a minute. */
const open: Readonly<Record<string, string>> = {
  'access-control-allow-origin': '*',
  'access-control-expose-headers': 'ETag, Link, Content-Disposition',
  'cross-origin-resource-policy': 'cross-origin',
  'cache-control': 'public, max-age=60',
};

/** What is one supplier's: kept nowhere, and read by no other site's pages. */
const closed: Readonly<Record<string, string>> = { 'cache-control': 'no-store' };

type ProblemType = keyof typeof openDataMessages.da.problems;
const statuses: Readonly<Record<ProblemType, number>> = {
  'bad-parameter': 400,
  'bad-body': 400,
  'no-key': 401,
  'not-found': 404,
  'method-not-allowed': 405,
  'not-now': 409,
  'too-large': 413,
  'wrong-media-type': 415,
  'unreadable-file': 422,
  'cannot-be-filed': 422,
  'too-many': 429,
  failed: 500,
  unavailable: 503,
};

/** So many errors are told in the sentences of the whole; more are told one by one only. */
const mostInDetail = 3;

/** Says what went wrong; `more` are members of the problem beyond those that each has. */
type Say = (
  context: Pick<APIContext, 'locals'>,
  type: ProblemType,
  errors?: readonly ProblemError[],
  headers?: Readonly<Record<string, string>>,
  more?: Partial<ProblemBody>,
) => Response;

/** Problem details (RFC 9457): title and detail in Danish, each error in both languages. Without errors the problem itself is the one. */
const problemWith =
  (always: Readonly<Record<string, string>>): Say =>
  ({ locals: { app } }, type, errors = [], headers = {}, more = {}) => {
    const words = openDataMessages.da.problems[type];
    const body: ProblemBody = {
      type: new URL(`${pathTo('data', 'da')}#${type}`, app.config.siteUrl).href,
      title: words.title,
      status: statuses[type],
      detail: errors.length > 0 && errors.length <= mostInDetail ? errors.map(({ message_da }) => message_da).join(' ') : words.detail,
      ...more,
      errors: errors.length > 0 ? [...errors] : [{ code: type, message_da: words.detail, message_en: openDataMessages.en.problems[type].detail }],
    };
    return new Response(JSON.stringify(body), { status: body.status, headers: { ...always, ...headers, 'content-type': 'application/problem+json', 'content-language': 'da' } });
  };

export const problem: Say = problemWith(open);
/** The same about what is one supplier's. */
export const privateProblem: Say = problemWith(closed);

/** An answer in JSON that is one supplier's. */
export function privateJson(body: object, status = 200, headers: Readonly<Record<string, string>> = {}): Response {
  return new Response(JSON.stringify(body), { status, headers: { ...closed, ...headers, 'content-type': 'application/json' } });
}

/** An endpoint for machines: answers GET and HEAD unless other methods are named, and says every fault as problem details. */
export function machine(answer: (context: APIContext) => Promise<Response>, methods: readonly string[] = ['GET', 'HEAD'], say = problem): APIRoute {
  return async (context) => {
    const { locals, request, url } = context;
    if (!methods.includes(request.method)) return say(context, 'method-not-allowed', [], { allow: methods.join(', ') });
    try {
      const response = await answer(context);
      if (request.method !== 'HEAD') return response;
      await response.body?.cancel();
      return new Response(null, { status: response.status, headers: response.headers });
    } catch (error) {
      locals.app.log('error', 'request failed', { id: locals.requestId, path: withoutToken(url.pathname), error });
      return isDatabaseAway(error) ? say(context, 'unavailable', [], { 'retry-after': '5' }) : say(context, 'failed');
    }
  };
}

/**
 * An answer in JSON with a weak ETag (RFC 9110 8.8.3) of what it says: `moment` is left out of it, since the time of an
 * answer is no news. 304 when the reader has it.
 */
export function json(
  { request }: Pick<APIContext, 'request'>,
  body: object,
  { type = 'application/json', headers = {}, moment }: { type?: string; headers?: Record<string, string>; moment?: string } = {},
): Response {
  const text = JSON.stringify(body);
  const lasting = moment === undefined ? text : text.replace(JSON.stringify(moment), '');
  const etag = weakTag(lasting);
  const all = { ...open, ...headers, etag };
  if (isHeld(request.headers.get('if-none-match'), etag)) return new Response(null, { status: 304, headers: all });
  return new Response(text, { headers: { ...all, 'content-type': type } });
}

/** JSON that is made while it is sent. */
export function jsonParts(parts: AsyncIterable<string>): Response {
  return new Response(Readable.toWeb(Readable.from(parts, { objectMode: false })) as NodeStream as BodyInit, { headers: { ...open, 'content-type': 'application/json' } });
}

/** A file to save, made while it is sent. */
export function fileStream(stream: ReadableStream<Uint8Array>, mediaType: string, name: string): Response {
  return new Response(stream, { headers: { ...open, 'content-type': mediaType, 'content-disposition': attachmentHeader(name) } });
}
