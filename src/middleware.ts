import { randomUUID } from 'node:crypto';
import type { APIContext, MiddlewareNext } from 'astro';
import { withoutToken } from './alerts/token.ts';
import { type App, currentApp } from './app.ts';
import { languageOf } from './i18n/language.ts';
import { pathTo } from './i18n/routes.ts';
import { type Actor, loadActor, mayKeepRegister, mayReadCases } from './identity/actor.ts';
import { styleIn } from './ui/style.ts';
import { comesFromUs, ourOrigins } from './web/cross-site.ts';
import { readForm, TooLarge } from './web/form.ts';
import { pagePolicy } from './web/headers.ts';
import { sealInterrupted } from './web/interrupted.ts';
import { encodingFor, isHeld, weakTag } from './web/page-cache.ts';
import { isDatabaseAway, type Problem } from './web/problem.ts';
import { isForKeys, needsKey, saysKey } from './web/programs/by-key.ts';
import { readSessionCookie } from './web/session-cookie.ts';

/** No path of ours holds one, and PostgreSQL takes no NUL in a text. */
const controlCharacters = /%[01][0-9a-f]|%7f/gi;

const publicCaching = 'public, max-age=0, stale-while-revalidate=60, stale-if-error=86400';

type Area = 'public' | 'identity' | 'supplier' | 'staff';

/** Who is asking, in which language; then the answer's headers. */
export async function onRequest(context: APIContext, next: MiddlewareNext): Promise<Response> {
  const app = currentApp();
  const { locals, request, url } = context;
  const lang = languageOf(url.pathname);
  const area = areaOf(url.pathname);
  // What is asked for is often pasted, from a PDF with control characters in it: each is a space, wherever the question is read.
  url.search = url.search.replace(controlCharacters, '+');
  locals.app = app;
  locals.lang = lang;
  locals.requestId ??= randomUUID();
  locals.clientAddress ??= 'unknown';
  const { municipality, logo, [lang]: content } = app.content.current();
  locals.content = content;
  locals.frame = { lang, owner: municipality, siteUrl: app.config.siteUrl, demo: app.config.demo, style: styleIn(municipality.colours).css, logo };

  const changes = request.method !== 'GET' && request.method !== 'HEAD';
  const forKeys = isForKeys(url.pathname);
  const byProgram = (forKeys && saysKey(request)) || isCheckByProgram(request, url.pathname);
  const mayPost = comesFromUs(request, ourOrigins(app.config.siteUrl, url)) || isUnsubscribing(url.pathname) || byProgram;
  if (changes && !mayPost) return forKeys ? needsKey(context) : plain(403, 'Cross-site request refused');

  const mark = app.pages.mark();
  try {
    if (url.pathname.match(controlCharacters) || url.pathname === '/500')
      return await finish(await problemPage(context, next, { status: 404, requestId: locals.requestId }), area, context, mark);
    if (area === 'supplier' || area === 'staff') {
      const actor = await actorOf(app, context);
      if (!actor) return finish(changes ? await interrupt(context, next, app) : askToLogIn(context), area, context, mark);
      locals.actor = actor;
      locals.frame.person = { name: actor.name, tasks: actor.suppliers.length > 0, queue: mayReadCases(actor), register: mayKeepRegister(actor) };
      const allowed = area === 'supplier' ? actor.suppliers.length > 0 : mayReadCases(actor) || mayKeepRegister(actor);
      if (!allowed) return finish(await problemPage(context, next, { status: 403, requestId: locals.requestId }), area, context, mark);
    }
    const response = await next();
    if (changes && !isCheck(url.pathname)) app.pages.changed();
    return await finish(response, area, context, mark);
  } catch (error) {
    if (error instanceof TooLarge) return finish(await problemPage(context, next, { status: 413, requestId: locals.requestId }), area, context, mark);
    const away = isDatabaseAway(error);
    const kept = away && area === 'public' && !changes ? app.pages.last(url.pathname + url.search) : undefined;
    if (kept) {
      app.log('warn', 'database away, page sent as last rendered', { id: locals.requestId, path: url.pathname });
      return new Response(kept.bodies.identity.toString(), { headers: { ...kept.headers, etag: kept.etag } });
    }
    const status = away ? 503 : 500;
    app.log('error', 'request failed', { id: locals.requestId, path: withoutToken(url.pathname), error });
    return finish(await problemPage(context, next, { status, requestId: locals.requestId }), area, context, mark);
  }
}

/** By the path as the router reads it: decoded, so that no spelling of an address behind log-in passes for a public one. */
function areaOf(spelled: string): Area {
  const pathname = decoded(spelled);
  const within = (base: string): boolean => pathname === base || pathname.startsWith(`${base}/`);
  if (within('/f')) return 'identity';
  for (const lang of ['da', 'en'] as const) {
    if (within(pathTo('tasks', lang))) return 'supplier';
    if (within(pathTo('queue', lang))) return 'staff';
    if (within(pathTo('logIn', lang)) || within(pathTo('logOut', lang))) return 'identity';
    // Behind the link of a subscriber, or of who asked a question: one person's page, kept nowhere.
    if (pathname.startsWith(`${pathTo('subscribe', lang)}/`) || pathname.startsWith(pathTo('confirmQuestion', lang, { token: '' }))) return 'identity';
  }
  return 'public';
}

/**
 * The one form that other sites may post: mail programs do so for their user (RFC 8058), and say no origin. Nobody gains
 * by forging it, since the signed token in the address is all the authority there is: no cookie is read here, and all that
 * a holder of the token can do is to end mails that the token came with.
 */
function isUnsubscribing(pathname: string): boolean {
  return (['da', 'en'] as const).some((lang) => pathname.startsWith(pathTo('unsubscribe', lang, { token: '' })));
}

/** Files that are only looked at change nothing, whoever sends them. */
function isCheck(pathname: string): boolean {
  return /^\/api\/v1\/returns\/[^/]+\/check$/.test(pathname) || pathname === pathTo('checkFile', 'da') || pathname === pathTo('checkFile', 'en');
}

/** Programs say no origin, and need none where nothing is changed and no cookie is read. Other people's pages may not use up what a visitor is allowed. */
function isCheckByProgram(request: Request, pathname: string): boolean {
  return isCheck(pathname) && request.headers.get('origin') === null && request.headers.get('sec-fetch-site') === null;
}

function decoded(pathname: string): string {
  try {
    return decodeURIComponent(pathname);
  } catch {
    return pathname;
  }
}

async function actorOf(app: App, context: APIContext): Promise<Actor | null> {
  const token = readSessionCookie(context.cookies, app.config.siteUrl);
  const account = token ? await app.sessions.accountOf(token) : null;
  return account && loadActor(app.db, account);
}

function askToLogIn(context: APIContext): Response {
  const next = context.url.pathname + context.url.search;
  return context.redirect(`${pathTo('logIn', context.locals.lang)}?next=${encodeURIComponent(next)}`, 303);
}

/** A form came after its session had ended: what was typed is carried through the log-in, so that none of it is lost. */
async function interrupt(context: APIContext, next: MiddlewareNext, app: App): Promise<Response> {
  const { fields } = await readForm(context.request);
  context.locals.interrupted = sealInterrupted(app.config.secretKey, { path: context.url.pathname, fields });
  const page = await next(new Request(new URL(pathTo('logIn', context.locals.lang), context.url)));
  return new Response(page.body, { status: 401, headers: page.headers });
}

async function problemPage(context: APIContext, next: MiddlewareNext, problem: Problem): Promise<Response> {
  context.locals.problem = problem;
  const page = await next(new Request(new URL('/500', context.url)));
  const headers = new Headers(page.headers);
  if (problem.status === 503) headers.set('retry-after', '5');
  return new Response(page.body, { status: problem.status, headers });
}

/** Pages are short: they are finished before the first byte is sent, so that a fault in the middle can still say so. */
async function finish(response: Response, area: Area, { locals, request, url }: APIContext, mark: number): Promise<Response> {
  const headers = new Headers(response.headers);
  if (area === 'public' && response.status < 400) {
    if (!headers.has('cache-control')) headers.set('cache-control', publicCaching);
  } else headers.set('cache-control', 'no-store');
  if (!headers.get('content-type')?.startsWith('text/html')) return new Response(response.body, { status: response.status, headers });

  headers.set('content-type', 'text/html; charset=utf-8');
  if (!import.meta.env.DEV)
    headers.set(
      'content-security-policy',
      pagePolicy(styleIn(locals.frame.owner.colours).hash, { startsWorker: area === 'supplier' || url.pathname === pathTo('search', locals.lang) }),
    );
  const html = await response.text();
  if (area === 'public' && response.status === 200 && request.method === 'GET') {
    const etag = weakTag(html);
    const ready = import.meta.env.DEV ? undefined : await locals.app.pages.put(url.pathname + url.search, { html, etag, headers: Object.fromEntries(headers) }, mark);
    headers.set('etag', etag);
    if (isHeld(request.headers.get('if-none-match'), etag)) return new Response(null, { status: 304, headers });
    const encoding = encodingFor(request.headers.get('accept-encoding') ?? undefined);
    // Packed once, for this visitor and the next.
    if (ready && encoding !== 'identity') {
      headers.set('content-encoding', encoding);
      headers.append('vary', 'Accept-Encoding');
      return new Response(new Uint8Array(ready.bodies[encoding]), { headers });
    }
  }
  return new Response(request.method === 'HEAD' ? null : html, { status: response.status, headers });
}

function plain(status: number, text: string): Response {
  return new Response(`${status} ${text}\n`, { status, headers: { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' } });
}
