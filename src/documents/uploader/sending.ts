import { DetailedError, Upload, type UrlStorage } from 'tus-js-client';

/** One file on its way to the server, in the browser: fingerprint, bytes, then what the server says of it. */

export type Outcome =
  | { readonly kind: 'accepted' | 'checking'; readonly documentId: string | null; readonly warning?: string | undefined }
  | { readonly kind: 'refused' | 'held' | 'failed'; readonly reason: string; readonly documentId: string | null; readonly warning?: string | undefined };

export interface Progress {
  /** Goes on with an upload that was begun before. */
  found(uploadId: string): void;
  sent(bytes: number): void;
  /** It is stuck and tries again by itself: the server's own words for why, which may be none; null when there is no line. */
  waits(why: string | null): void;
  /** The server does not know any longer who sends; `resume` goes on after a log-in. */
  loggedOut(): void;
  received(uploadId: string): void;
  ended(outcome: Outcome): void;
}

/** Where the file goes: into the draft of a task, or into the library of a supplier. */
export type Target = { readonly obligation: string } | { readonly supplier: string };

export interface Sending {
  pause(): void;
  resume(): void;
  /** Stops, and asks the server to throw away what came. */
  cancel(): void;
}

/** Pieces of this size are acknowledged one by one: a line that drops costs one of them at most. */
const pieceBytes = 8 * 1024 * 1024;
/** One second, two, four … at most half a minute, for as long as the page is open. */
const longestWaitMs = 30_000;
/** A request that has been silent for so long when the line comes back is dead. */
const silentMs = 5_000;
/** Whoever must wait longer than that, such as for the next day, is told instead. */
const longestAskedMs = 120_000;

/** Remembers where an upload is, by the content of the file: no name is kept in the browser. */
const places: UrlStorage = {
  findAllUploads: async () => [],
  findUploadsByFingerprint: async (fingerprint) => {
    const uploadUrl = localStorage.getItem(fingerprint);
    return uploadUrl ? [{ size: null, metadata: {}, creationTime: '', urlStorageKey: fingerprint, uploadUrl, parallelUploadUrls: null } as never] : [];
  },
  removeUpload: async (key) => localStorage.removeItem(key),
  addUpload: async (fingerprint, { uploadUrl }) => {
    if (uploadUrl) localStorage.setItem(fingerprint, uploadUrl);
    return fingerprint;
  },
};

/** The page's policy asks for Trusted Types: the one script that may be started by its address is our worker. */
const types = (window as unknown as { trustedTypes?: { createPolicy(name: string, rules: object): unknown } }).trustedTypes;
types?.createPolicy('default', {
  createScriptURL(address: string): string {
    const url = new URL(address, location.href);
    if (url.origin === location.origin && /\/hash-worker\b/.test(url.pathname)) return address;
    throw new TypeError(`not a script of the uploader: ${address}`);
  },
});

export function fingerprintOf(file: File): Promise<string> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./hash-worker.ts', import.meta.url), { type: 'module' });
    worker.onmessage = ({ data }: MessageEvent<{ sha256?: string }>) => {
      worker.terminate();
      if (data.sha256) resolve(data.sha256);
      else reject(new Error('unreadable'));
    };
    worker.onerror = () => {
      worker.terminate();
      reject(new Error('unreadable'));
    };
    worker.postMessage(file);
  });
}

/** An answer to the question how far the upload is, which does not mean that it is gone: the library would begin it anew. */
class Answered extends Error {
  readonly status: number;
  constructor(status: number) {
    super(`answered ${status}`);
    this.status = status;
  }
}
const saysGone = new Set([403, 404, 410]);

/** Sends a file. Everything that happens is told to `progress`; nothing is thrown. */
export async function send(file: File, sha256: string, target: Target, lang: string, progress: Progress): Promise<Sending> {
  let stopped = false;
  let running = false;
  let tries = 0;
  let heardAt = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  /** One request at a time: whoever calls, nothing is sent twice. */
  const go = (): void => {
    clearTimeout(timer);
    if (stopped || running) return;
    running = true;
    heardAt = Date.now();
    upload.start();
  };
  const settle = (): void => {
    stopped = true;
    clearTimeout(timer);
    window.removeEventListener('online', online);
  };
  const online = (): void => {
    tries = 0;
    if (running && Date.now() - heardAt >= silentMs) {
      // Its connection went with the line; nobody will tell.
      void upload.abort();
      running = false;
      timer = setTimeout(go, 200);
    } else go();
  };
  const upload = new Upload(file, {
    endpoint: '/api/uploads',
    chunkSize: pieceBytes,
    // When and how often is for us to say.
    retryDelays: null,
    metadata: { filename: file.name, sha256, ...target },
    headers: { 'Accept-Language': lang },
    urlStorage: places,
    fingerprint: async () => `upload ${sha256} ${JSON.stringify(target)}`,
    removeFingerprintOnSuccess: true,
    onAfterResponse: (request, response) => {
      const status = response.getStatus();
      if (request.getMethod() === 'HEAD' && status >= 400 && status !== 423 && !saysGone.has(status)) throw new Answered(status);
    },
    onChunkComplete: () => {
      tries = 0;
    },
    onProgress: (sent) => {
      heardAt = Date.now();
      progress.sent(sent);
    },
    onError: (error) => {
      running = false;
      if (stopped) return;
      const { status, detail, waitMs } = answerOf(error);
      if (status === 401) {
        stopped = true;
        progress.loggedOut();
      } else if (comesAgain(status) && waitMs <= longestAskedMs) {
        timer = setTimeout(go, Math.max(waitMs, Math.min(1_000 * 2 ** tries, longestWaitMs)));
        tries = Math.min(tries + 1, 10);
        progress.waits(status === 0 ? null : detail);
      } else {
        settle();
        progress.ended({ kind: 'failed', reason: detail, documentId: null });
      }
    },
    onSuccess: () => {
      const id = idOf(upload.url);
      settle();
      progress.received(id);
      void follow(id, lang, progress);
    },
  });
  window.addEventListener('online', online);
  const [before] = await upload.findPreviousUploads();
  if (before) {
    upload.resumeFromPreviousUpload(before);
    progress.found(idOf(before.uploadUrl));
  }
  go();
  return {
    pause() {
      stopped = true;
      running = false;
      clearTimeout(timer);
      void upload.abort();
    },
    resume() {
      stopped = false;
      tries = 0;
      go();
    },
    cancel() {
      settle();
      void upload.abort(true).catch(() => undefined);
    },
  };
}

const idOf = (address: string | null | undefined): string => address?.split('/').at(-1) ?? '';

/** No answer, another writer that is just ending, too busy, or a fault of ours: again. Anything else is an answer. */
const comesAgain = (status: number): boolean => status === 0 || status === 408 || status === 409 || status === 423 || status === 429 || status >= 500;

/** What the server said, in its own words where it said any, and for how long it asks to wait. */
function answerOf(error: Error): { status: number; detail: string; waitMs: number } {
  const { causingError } = error as DetailedError;
  if (causingError instanceof Answered) return { status: causingError.status, detail: '', waitMs: 0 };
  const response = error instanceof DetailedError ? error.originalResponse : null;
  if (!response) return { status: 0, detail: '', waitMs: 0 };
  let detail = '';
  try {
    detail = (JSON.parse(response.getBody()) as { detail?: string }).detail ?? '';
  } catch {
    // A page of whatever stands between us and the server.
  }
  return { status: response.getStatus(), detail, waitMs: Number(response.getHeader('Retry-After') ?? 0) * 1_000 || 0 };
}

const asks = [500, 1_000, 2_000, 2_000, 4_000, 8_000, 15_000, 30_000];

/** Asks what the checks say until they have said it, for about a minute. */
async function follow(id: string, lang: string, progress: Progress): Promise<void> {
  let documentId: string | null = null;
  let warning: string | undefined;
  for (const delay of asks) {
    await new Promise((resolve) => setTimeout(resolve, delay));
    const answer = await fetch(`/api/uploads/${id}`, { headers: { accept: 'application/json', 'accept-language': lang } }).catch(() => null);
    if (!answer?.ok) continue;
    const { state, message, ...rest } = (await answer.json()) as { state: string; message?: string; warning?: string; documentId?: string | null };
    documentId = rest.documentId ?? null;
    warning = rest.warning;
    if (state === 'accepted') return progress.ended({ kind: 'accepted', documentId, warning });
    if (state === 'refused' || state === 'held') return progress.ended({ kind: state, reason: message ?? '', documentId, warning });
    if (state === 'given-up') return progress.ended({ kind: 'failed', reason: message ?? '', documentId });
  }
  progress.ended({ kind: 'checking', documentId, warning });
}
