import type { IncomingMessage } from 'node:http';

/** Bytes that all uploads of a process may take between two looks at what else waits: some tenths of a millisecond of hashing. */
const bytesPerRound = 2 ** 17;
/** Uploads that go on in each round, in the order in which they stopped. */
const goOnPerRound = 2;

let taken = 0;
let scheduled = false;
const waiting: (() => void)[] = [];

/**
 * Lets a page's answer through between the bytes of fifty uploads: resolves when it is this one's turn to take more,
 * undefined when it may go on at once. A sender slower than the machine never waits.
 */
function pace(bytes: number): Promise<void> | undefined {
  taken += bytes;
  schedule();
  if (taken <= bytesPerRound) return undefined;
  return new Promise((resolve) => waiting.push(resolve));
}

function schedule(): void {
  if (scheduled) return;
  scheduled = true;
  setImmediate(() => {
    scheduled = false;
    taken = 0;
    for (const goOn of waiting.splice(0, goOnPerRound)) goOn();
    if (waiting.length > 0) schedule();
  });
}

/**
 * Hands over what a request brings, chunk by chunk, and pauses it while `take` asks to wait: no more than one chunk lies
 * in memory on its account. Resolves when the body has ended, the connection is cut or `stop` says so; rejects with what
 * `take` throws. What is left of the body stays unread, and the connection open.
 */
export function pump(source: IncomingMessage, stop: AbortSignal, take: (chunk: Buffer) => Promise<void> | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    let waiting = false;
    let over = false;
    const leave = (): void => {
      source.pause();
      source.off('data', hear);
      source.off('end', end);
      source.off('close', end);
      stop.removeEventListener('abort', end);
    };
    const fail = (error: unknown): void => {
      leave();
      reject(error);
    };
    const end = (): void => {
      over = true;
      if (waiting) return;
      leave();
      resolve();
    };
    const hear = (chunk: Buffer): void => {
      let wait: Promise<void> | undefined;
      try {
        wait = take(chunk);
      } catch (error) {
        fail(error);
        return;
      }
      const turn = pace(chunk.length);
      if (!wait && !turn) return;
      waiting = true;
      source.pause();
      Promise.all([wait, turn]).then(() => {
        waiting = false;
        if (over) end();
        else source.resume();
      }, fail);
    };
    if (source.destroyed || source.readableEnded || stop.aborted) return resolve();
    source.on('data', hear);
    source.on('end', end);
    source.on('close', end);
    stop.addEventListener('abort', end);
  });
}
