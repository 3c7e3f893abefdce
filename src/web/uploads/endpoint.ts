import type { IncomingMessage, ServerResponse } from 'node:http';
import type { App } from '../../app.ts';
import { warningOf } from '../../documents/checks/words/warning.ts';
import { noteStored } from '../../documents/stored.ts';
import { wordsForState } from '../../documents/uploads/messages.ts';
import { carriesBytes, checksumAlgorithms, checksumOf, extensions, offsetOf, refuseOtherVersions, tusVersion, wishOf, wrongKind } from '../../documents/uploads/protocol.ts';
import { outcomeOf, uploadOf } from '../../documents/uploads/queries.ts';
import { type InTurn, turnsAt } from '../../documents/uploads/turns.ts';
import type { Sender, Upload, UploadContext, UploadRefusal } from '../../documents/uploads/upload.ts';
import { uploadsWith } from '../../documents/uploads/uploads.ts';
import { admitFile, attachIn } from '../../followup/draft.ts';
import type { Language } from '../../i18n/language.ts';
import { type Actor, actorIn, actsFor, loadActor } from '../../identity/actor.ts';
import { minutes } from '../../platform/clock.ts';
import type { Tx } from '../../platform/db.ts';
import { Refusal } from '../../platform/refusal.ts';
import { comesFromUs, ourOrigins } from '../cross-site.ts';
import { sessionTokenIn } from '../session-cookie.ts';
import { problemOf, sendProblem } from './problem.ts';
import { drainBody } from './slow-body.ts';

/** Resumable uploads, past the pages: their bodies are long and go from the socket to the disk. */
export interface UploadEndpoint {
  takes(url: string): boolean;
  /** Answers, whatever happens. */
  answer(req: IncomingMessage, res: ServerResponse, requestId: string): Promise<void>;
  /** Stops uploads in the middle, keeping what came; their senders go on with the next process. */
  stop(): Promise<void>;
}

const collection = '/api/uploads';
/** A connection from which nothing comes for so long is gone. */
const idleMs = 25_000;

interface Asking {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  readonly sender: Sender;
  readonly lang: Language;
  readonly refuseUnlessAllowed: () => Promise<void>;
}

type Verbs = Readonly<Record<string, (asking: Asking, id: string) => Promise<void>>>;

const refusal = (code: UploadRefusal, facts: Record<string, string> = {}): Refusal<UploadRefusal> => new Refusal(code, facts);

export function uploadEndpoint(app: App): UploadEndpoint {
  const { turn, inTurn } = turnsAt(app.db);
  const uploads = uploadsWith(contextOf(app, inTurn), app.locks);

  async function answer(req: IncomingMessage, res: ServerResponse, requestId: string): Promise<void> {
    const lang = /^[^,]*\ben\b/i.test(req.headers['accept-language'] ?? '') ? 'en' : 'da';
    const [, id] = /^\/api\/uploads\/?([^/?]*)$/.exec(req.url?.split('?')[0] ?? '') ?? [];
    res.setHeader('cache-control', 'no-store');
    res.setHeader('tus-resumable', tusVersion);
    req.socket.setTimeout(idleMs);
    // What is left to do then is up to our own disk.
    req.once('end', () => res.writableEnded || req.socket.setTimeout(minutes(10)));
    try {
      if (req.method === 'OPTIONS') return sayWhatWeSpeak(res, app.config.maxFileBytes);
      if (id === undefined) throw refusal('not-found');
      const verb = (id === '' ? onAll : onOne)[req.method ?? ''];
      if (!verb) throw refusal('method-not-allowed');
      const asking = await whoAsks(req, res, lang);
      if (req.method !== 'GET') refuseOtherVersions(req.headers);
      if (id !== '' && !/^[0-9a-f]{32}$/.test(id)) throw refusal('not-found');
      await verb(asking, id);
    } catch (error) {
      const { code } = problemOf(error);
      if (code === 'failed') app.log('error', 'request failed', { id: requestId, error });
      else if (!(error instanceof Refusal)) app.log('error', 'upload not kept', { id: requestId, code, error });
      if (code === 'method-not-allowed') res.setHeader('allow', id === '' ? 'POST, OPTIONS' : 'HEAD, GET, PATCH, DELETE, OPTIONS');
      if (res.headersSent) res.destroy();
      else sendProblem(res, error, lang, requestId);
    } finally {
      drainBody(req);
    }
  }

  async function whoAsks(req: IncomingMessage, res: ServerResponse, lang: Language): Promise<Asking> {
    const origins = ourOrigins(app.config.siteUrl, new URL(`http://${req.headers.host ?? 'localhost'}`));
    const changes = req.method !== 'GET' && req.method !== 'HEAD';
    if (changes && !comesFromUs({ headers: { get: (name) => (req.headers[name] as string | undefined) ?? null } }, origins)) throw refusal('cross-site');
    const token = sessionTokenIn(req.headers.cookie, app.config.siteUrl);
    const account = token ? await turn(() => app.sessions.accountOf(token)) : null;
    if (!token || !account) throw refusal('not-logged-in');
    let asked = Date.now();
    let loaded: { readonly at: number; readonly actor: Promise<Actor> } | undefined;
    const actor = (tx?: Tx): Promise<Actor> => {
      if (!loaded || Date.now() - loaded.at > 1_000) loaded = { at: Date.now(), actor: tx ? actorIn(tx, account) : turn(() => loadActor(app.db, account)) };
      return loaded.actor;
    };
    return {
      req,
      res,
      lang,
      sender: { accountId: account.id, actor },
      // Also keeps the session alive: its holder is at work.
      async refuseUnlessAllowed() {
        if (Date.now() - asked < 1_000) return;
        asked = Date.now();
        if (!(await turn(() => app.sessions.accountOf(token)))) throw refusal('not-logged-in');
      },
    };
  }

  async function create({ req, res, sender, refuseUnlessAllowed }: Asking): Promise<void> {
    const withBytes = carriesBytes(req.headers);
    const checksum = withBytes ? checksumOf(req.headers) : null;
    const begun = await uploads.begin(sender, wishOf(req.headers, app.config.maxFileBytes));
    const upload = withBytes ? await uploads.appendFirst(sender, begun, { offset: 0, source: req, checksum, refuseUnlessAllowed }) : begun;
    res.writeHead(201, { location: `${collection}/${upload.id}`, ...(withBytes && { 'upload-offset': upload.receivedBytes }), ...expiry(upload), 'content-length': 0 }).end();
  }

  async function append({ req, res, sender, refuseUnlessAllowed }: Asking, id: string): Promise<void> {
    if (!carriesBytes(req.headers)) throw refusal('wrong-content-type');
    const upload = await uploads.append(sender, id, { offset: offsetOf(req.headers), source: req, checksum: checksumOf(req.headers), refuseUnlessAllowed });
    res.writeHead(204, { 'upload-offset': upload.receivedBytes, ...expiry(upload) }).end();
  }

  async function tellOffset({ res, sender }: Asking, id: string): Promise<void> {
    const upload = await uploadOf(inTurn, sender.accountId, id, app.clock.now());
    if (upload.fault) return void res.writeHead(410).end();
    const metadata = upload.metadata && { 'upload-metadata': upload.metadata };
    res.writeHead(200, { 'upload-offset': upload.receivedBytes, 'upload-length': upload.sizeBytes, ...metadata, ...expiry(upload) }).end();
  }

  async function tellState({ res, sender, lang }: Asking, id: string): Promise<void> {
    const upload = await uploadOf(inTurn, sender.accountId, id, app.clock.now());
    const { state, reason, documentId, mentionsCpr } = await outcomeOf(inTurn, sender.accountId, upload);
    const { name, sizeBytes, receivedBytes } = upload;
    const message = wordsForState(state, reason, lang);
    const warning = warningOf({ name, mentionsCpr }, lang);
    const body = JSON.stringify({ id, name, sizeBytes, receivedBytes, state, ...(reason && { reason }), message, ...(warning && { warning }), ...(documentId && { documentId }) });
    res.writeHead(200, { 'content-type': 'application/json', 'content-language': lang, 'content-length': Buffer.byteLength(body) }).end(body);
  }

  async function terminate({ res, sender }: Asking, id: string): Promise<void> {
    await uploads.terminate(sender, id);
    res.writeHead(204).end();
  }

  const onAll: Verbs = { POST: create };
  const onOne: Verbs = { HEAD: tellOffset, GET: tellState, PATCH: append, DELETE: terminate };
  return { takes: (url) => /^\/api\/uploads(?:[/?]|$)/.test(url), answer, stop: uploads.stop };
}

function sayWhatWeSpeak(res: ServerResponse, maxFileBytes: number): void {
  res
    .writeHead(204, { 'tus-version': tusVersion, 'tus-extension': extensions, 'tus-max-size': maxFileBytes, 'tus-checksum-algorithm': Object.keys(checksumAlgorithms).join(',') })
    .end();
}

const expiry = ({ expiresAt }: Upload): { 'upload-expires': string } => ({ 'upload-expires': expiresAt.toUTCString() });

/** Where a file goes is decided here: into the draft of a task, or kept for the library, which asks for it by the id of its upload. */
function contextOf(app: App, inTurn: InTurn): UploadContext {
  const { files, log, clock, config } = app;
  return {
    inTurn,
    files,
    log,
    now: clock.now,
    maxFileBytes: config.maxFileBytes,
    async admit(tx, actor, { obligationId, supplierId, kind }) {
      if (actor.suppliers.length === 0) throw refusal('not-allowed');
      if (obligationId)
        return admitFile(tx, app.types, actor, obligationId, kind).catch((error: unknown) => {
          throw error instanceof Refusal && error.code === 'not-found' ? refusal('not-found', { what: 'task' }) : error;
        });
      const possible = [...new Set([...app.types.values()].flatMap(({ evidence }) => evidence))];
      if (!possible.includes(kind)) throw refusal('file-wrong-kind', wrongKind(possible));
      if (!supplierId && actor.suppliers.length > 1) throw refusal('supplier-missing');
      const supplier = supplierId ?? actor.suppliers[0]?.id ?? '';
      if (!actsFor(actor, supplier)) throw refusal('not-found');
      return supplier;
    },
    async deliver(tx, actor, { obligationId, name, kind, sizeBytes }, sha256) {
      if (obligationId) await attachIn(tx, app.types, actor, obligationId, [{ name, kind, sizeBytes, sha256 }], clock.now());
      else await noteStored(tx, { sha256, kind, sizeBytes }, clock.now());
    },
  };
}
