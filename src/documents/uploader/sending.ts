import { DetailedError, Upload, type UrlStorage } from 'tus-js-client';

/** One file on its way to the server, in the browser: fingerprint, bytes, then what the server says of it. */

export type Outcome =
  | { readonly kind: 'accepted' | 'checking'; readonly documentId: string | null }
  | { readonly kind: 'refused' | 'held' | 'failed'; readonly reason: string; readonly documentId: string | null };

export interface Progress {
  sent(bytes: number): void;
  /** The line is down; it goes on by itself. */
  lost(): void;
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
const retryDelays = [0, 1_000, 3_000, 5_000, 10_000, 20_000, 30_000];

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

/** Sends a file. Everything that happens is told to `progress`; nothing is thrown. */
export async function send(file: File, sha256: string, target: Target, lang: string, progress: Progress): Promise<Sending> {
  let paused = false;
  const upload = new Upload(file, {
    endpoint: '/api/uploads',
    chunkSize: pieceBytes,
    retryDelays,
    metadata: { filename: file.name, sha256, ...target },
    headers: { 'Accept-Language': lang },
    urlStorage: places,
    fingerprint: async () => `upload ${sha256} ${JSON.stringify(target)}`,
    removeFingerprintOnSuccess: true,
    onShouldRetry: (error) => {
      const status = error.originalResponse?.getStatus() ?? 0;
      // No answer, another writer that is just ending, too busy, or a fault of ours: again. Anything else is an answer.
      const again = status === 0 || status === 408 || status === 409 || status === 423 || status === 429 || status >= 500;
      if (again && !paused) progress.lost();
      return again;
    },
    onProgress: (sent) => progress.sent(sent),
    onError: (error) => {
      const status = error instanceof DetailedError ? (error.originalResponse?.getStatus() ?? 0) : 0;
      if (status === 0 || status >= 500) progress.lost();
      else {
        settle();
        progress.ended({ kind: 'failed', reason: detailOf(error), documentId: null });
      }
    },
    onSuccess: () => {
      const id = upload.url?.split('/').at(-1) ?? '';
      settle();
      progress.received(id);
      void follow(id, lang, progress);
    },
  });
  const online = (): void => {
    if (!paused) upload.start();
  };
  const settle = (): void => window.removeEventListener('online', online);
  window.addEventListener('online', online);
  const [before] = await upload.findPreviousUploads();
  if (before) upload.resumeFromPreviousUpload(before);
  upload.start();
  return {
    pause() {
      paused = true;
      void upload.abort();
    },
    resume() {
      paused = false;
      upload.start();
    },
    cancel() {
      paused = true;
      settle();
      void upload.abort(true).catch(() => undefined);
    },
  };
}

/** The server's own words for what is wrong, where it said any. */
function detailOf(error: Error): string {
  if (!(error instanceof DetailedError)) return '';
  try {
    return (JSON.parse(error.originalResponse?.getBody() ?? '') as { detail?: string }).detail ?? '';
  } catch {
    return '';
  }
}

const asks = [500, 1_000, 2_000, 2_000, 4_000, 8_000, 15_000, 30_000];

/** Asks what the checks say until they have said it, for about a minute. */
async function follow(id: string, lang: string, progress: Progress): Promise<void> {
  let documentId: string | null = null;
  for (const delay of asks) {
    await new Promise((resolve) => setTimeout(resolve, delay));
    const answer = await fetch(`/api/uploads/${id}`, { headers: { accept: 'application/json', 'accept-language': lang } }).catch(() => null);
    if (!answer?.ok) continue;
    const { state, message, ...rest } = (await answer.json()) as { state: string; message?: string; documentId?: string | null };
    documentId = rest.documentId ?? null;
    if (state === 'accepted') return progress.ended({ kind: 'accepted', documentId });
    if (state === 'refused' || state === 'held') return progress.ended({ kind: state, reason: message ?? '', documentId });
    if (state === 'given-up') return progress.ended({ kind: 'failed', reason: message ?? '', documentId });
  }
  progress.ended({ kind: 'checking', documentId });
}
