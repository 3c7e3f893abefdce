import type { IncomingMessage } from 'node:http';

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
      if (!wait) return;
      waiting = true;
      source.pause();
      wait.then(() => {
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
