import { randomUUID } from 'node:crypto';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import compression from 'compression';
import sirv from 'sirv';
import { withoutToken } from './alerts/token.ts';
import { type App, createApp, provideApp, requireScanner, startJobs } from './app.ts';
import { ContentFaults } from './content/files.ts';
import { minutes } from './platform/clock.ts';
import { type Config, readConfig, SettingError } from './platform/config.ts';
import { queryCount } from './platform/db.ts';
import { createLog, type Log } from './platform/log.ts';
import { type Database, openDatabase } from './platform/postgres/database.ts';
import { searchIndexRoot } from './search/pagefind.ts';
import { commonHeaders, searchWorkerPolicy, strictTransport } from './web/headers.ts';
import { encodingFor, isHeld, type ReadyPage } from './web/page-cache.ts';
import { uploadEndpoint } from './web/uploads/endpoint.ts';
import { endSlowBody } from './web/uploads/slow-body.ts';

/**
 * The server in front of Astro: who may ask, how much, for how long; headers on every answer; files of the build.
 * Limits after ASVS 5.0 V4 and V13.
 */
interface Running {
  readonly url: string;
  /** Takes no new requests, lets those in progress finish (ten seconds at most), then closes. */
  stop(): Promise<void>;
}

type Layer = (req: http.IncomingMessage, res: http.ServerResponse, next: () => void) => void;
type AstroHandler = (req: http.IncomingMessage, res: http.ServerResponse, next?: (error?: unknown) => void, locals?: object) => Promise<void>;

const methods = new Set(['GET', 'HEAD', 'POST']);
const forever = 'public, max-age=31536000, immutable';

/** The largest body that is read: four files of the largest size and some text. */
const bodyLimit = (app: App): number => app.config.maxFileBytes * 4 + 2 ** 20;

async function serve(app: App): Promise<Running> {
  provideApp(app);
  const entry = path.resolve('dist/server/entry.mjs');
  const { handler } = (await import(entry)) as { handler: AstroHandler };
  const assets = sirv('dist/client', {
    etag: true,
    setHeaders: (res, pathname) => {
      res.setHeader('cache-control', /^\/(_astro|fonts)\//.test(pathname) ? forever : 'public, max-age=3600');
      if (pathname.endsWith('.txt')) res.setHeader('content-type', 'text/plain; charset=utf-8');
    },
  });
  // Looked up on disk each time, since the worker writes new ones.
  const searchIndex = sirv(searchIndexRoot(app.config), {
    dev: true,
    etag: true,
    brotli: true,
    setHeaders: (res, pathname) => {
      res.setHeader('cache-control', forever);
      if (pathname.endsWith('pagefind-worker.js')) res.setHeader('content-security-policy', searchWorkerPolicy);
    },
  });
  // What is sent in parts is sent as it is stored: a part, and the tag that asks for the next, are of those bytes.
  const compress = compression({ filter: (req, res) => !res.hasHeader('accept-ranges') && compression.filter(req, res) }) as unknown as Layer;

  const uploads = uploadEndpoint(app);
  let stopping = false;
  let hosts: ReadonlySet<string> = new Set();
  const always: Readonly<Record<string, string>> = { ...commonHeaders, ...(app.config.siteUrl.protocol === 'https:' && { 'strict-transport-security': strictTransport }) };
  const server = http.createServer({ maxHeaderSize: 16_384, connectionsCheckingInterval: 5_000, keepAliveTimeout: 10_000 }, (req, res) => {
    const counter = { queries: 0 };
    const startedAt = performance.now();
    const requestId = randomUUID();
    res.once('close', () => {
      if (stopping) server.closeIdleConnections();
      const ms = Math.round((performance.now() - startedAt) * 10) / 10;
      app.log('info', 'request', { id: requestId, method: req.method, path: withoutToken(req.url?.split('?')[0] ?? ''), status: res.statusCode, ms, queries: counter.queries });
    });

    const ready = req.method === 'POST' ? undefined : app.pages.fresh(req.url ?? '/');
    const onFilesHost = req.headers.host !== undefined && req.headers.host === app.config.filesUrl?.host;
    if (ready && methods.has(req.method ?? '') && hosts.has(req.headers.host ?? '')) return sendReady(req, res, ready, always, requestId);

    for (const [name, value] of Object.entries(always)) res.setHeader(name, value);
    res.setHeader('x-request-id', requestId);
    const upload = uploads.takes(req.url ?? '');
    if (!upload && !methods.has(req.method ?? '')) return refuse(res, 405, 'Method Not Allowed', { allow: 'GET, HEAD, POST' });
    if (!onFilesHost && !hosts.has(req.headers.host ?? '')) return refuse(res, 421, 'Misdirected Request');
    if (upload && !onFilesHost) return void queryCount.run(counter, () => uploads.answer(req, res, requestId));
    endSlowBody(req, minutes(20));
    if (Number(req.headers['content-length'] ?? 0) > bodyLimit(app)) return refuse(res, 413, 'Content Too Large', { connection: 'close' });
    const url = req.url ?? '/';
    // Files have that host to themselves, and are nowhere else.
    if (onFilesHost !== url.startsWith('/f/')) return refuse(res, 404, 'Not Found');
    if (!isPlainPath(url)) return refuse(res, 400, 'Bad Request');
    if (/^\/_(?!astro\/)/.test(url)) return refuse(res, 404, 'Not Found');
    const tidy = url.replace(/^\/{2,}/, '/').replace(/(?<=[^/])\/+(?=\?|$)/, '');
    if (tidy !== url) return refuse(res, 301, 'Moved', { location: tidy });

    if (/^\/pagefind\/[0-9a-f]{16}\//.test(url)) {
      req.url = url.slice('/pagefind'.length);
      return searchIndex(req, res, () => refuse(res, 404, 'Not Found'));
    }
    queryCount.run(counter, () => {
      compress(req, res, () => {
        assets(req, res, () => {
          handler(req, res, undefined, { requestId, clientAddress: clientAddress(req, app.config.trustProxy) }).catch((error: unknown) => {
            app.log('error', 'request failed', { id: requestId, error });
            if (res.headersSent) res.destroy();
            else refuse(res, 500, `Internal Server Error ${requestId}`);
          });
        });
      });
    });
  });
  server.headersTimeout = 15_000;
  // Uploads may take long as long as they go on; other bodies are timed one by one.
  server.requestTimeout = 0;
  server.timeout = minutes(1);
  server.maxHeadersCount = 64;
  server.maxConnections = 2_000;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(app.config.port, app.config.host, resolve);
  });
  const { port } = server.address() as AddressInfo;
  hosts = new Set([app.config.siteUrl.host, `localhost:${port}`, `127.0.0.1:${port}`, `[::1]:${port}`]);
  return {
    url: `http://${app.config.host === '127.0.0.1' ? 'localhost' : app.config.host}:${port}`,
    stop: () =>
      new Promise((resolve) => {
        stopping = true;
        const cut = setTimeout(() => server.closeAllConnections(), 10_000);
        setTimeout(() => void uploads.stop(), 2_000).unref();
        server.close(() => {
          clearTimeout(cut);
          resolve();
        });
        server.closeIdleConnections();
      }),
  };
}

/** An address whose percent signs can be read and that holds no backslash, which browsers take for a slash. */
function isPlainPath(url: string): boolean {
  try {
    decodeURIComponent(url.split('?')[0] ?? '');
    return !url.includes('\\');
  } catch {
    return false;
  }
}

/** Names and values one after the other, as Node takes them without looking at each. */
type FlatHeaders = readonly string[];

/** A page from memory, or 304 when the browser has it. */
function sendReady(req: http.IncomingMessage, res: http.ServerResponse, page: ReadyPage, always: Readonly<Record<string, string>>, requestId: string): void {
  page.prepared ??= prepare(page, always);
  const prepared = page.prepared as ReturnType<typeof prepare>;
  const id = ['x-request-id', requestId];
  if (isHeld(req.headers['if-none-match'], page.etag)) return void res.writeHead(304, prepared.unchanged.concat(id) as string[]).end();
  const encoding = encodingFor(req.headers['accept-encoding']);
  res.writeHead(200, prepared[encoding].concat(id) as string[]);
  res.end(req.method === 'HEAD' ? undefined : page.bodies[encoding]);
}

function prepare(page: ReadyPage, always: Readonly<Record<string, string>>): Record<keyof ReadyPage['bodies'] | 'unchanged', FlatHeaders> {
  const shared = { ...always, ...page.headers, etag: page.etag, vary: 'Accept-Encoding' };
  const flat = (encoding: keyof ReadyPage['bodies']): FlatHeaders =>
    Object.entries({ ...shared, 'content-length': String(page.bodies[encoding].length), ...(encoding !== 'identity' && { 'content-encoding': encoding }) }).flat();
  return { identity: flat('identity'), gzip: flat('gzip'), br: flat('br'), unchanged: Object.entries(shared).flat() };
}

function refuse(res: http.ServerResponse, status: number, text: string, headers: Record<string, string> = {}): void {
  res.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', ...headers });
  res.end(`${status} ${text}\n`);
}

/** The address of the client: the connection's, or behind our own proxy the last one that the proxy saw. */
function clientAddress(req: http.IncomingMessage, trustProxy: boolean): string {
  const forwarded = trustProxy
    ? String(req.headers['x-forwarded-for'] ?? '')
        .split(',')
        .at(-1)
        ?.trim()
    : undefined;
  return forwarded || (req.socket.remoteAddress ?? 'unknown');
}

/** Stops everything in order on SIGTERM or SIGINT, and ends the process with 1 on a promise that nobody waited for. */
export function stopOnSignal(log: App['log'], stop: () => Promise<void>): void {
  let stopping = false;
  const end = (code: number): void => {
    if (stopping) return;
    stopping = true;
    stop().then(
      () => process.exit(code),
      (error: unknown) => {
        log('error', 'stopping failed', { error });
        process.exit(1);
      },
    );
  };
  // Whoever reads the log is gone: stop, and do not try to write about it.
  process.stdout.on('error', () => end(1));
  process.once('SIGTERM', () => end(0));
  process.once('SIGINT', () => end(0));
  const fatal = (error: unknown): void => {
    if (!stopping) log('error', 'unexpected failure, stopping', { error });
    end(1);
  };
  // The adapter adds a handler of its own that only writes a line.
  process.removeAllListeners('unhandledRejection');
  process.on('unhandledRejection', fatal);
  process.on('uncaughtException', fatal);
}

/** Serves the site on an open database, with the worker where it runs inline, until the process is told to stop. Resolves to its address. */
export async function runSite(config: Config, database: Database, log: Log): Promise<string> {
  await requireScanner(config);
  const app = createApp(config, database, log);
  app.content.watch(app.pages.changed);
  const running = await serve(app);
  const worker = config.worker === 'inline' ? await startJobs(config, database, log) : undefined;
  stopOnSignal(log, async () => {
    await running.stop();
    await worker?.stop();
    await app.close();
    await database.stop();
  });
  return running.url;
}

/** The server process on a database that has been migrated and a site that has been built. */
export async function main(): Promise<void> {
  try {
    const config = readConfig();
    const log = createLog(config.logLevel);
    const url = await runSite(config, await openDatabase(config), log);
    log('info', 'listening', { url });
  } catch (error) {
    if (!(error instanceof SettingError || error instanceof ContentFaults)) throw error;
    console.error(error.message);
    process.exitCode = 1;
  }
}

if (import.meta.main) await main();
