import type { IncomingMessage } from 'node:http';

/** Ends the connection when the body of a request has not come to its end in time, however steadily it drips (ASVS 5.0 2.4.1). */
export function endSlowBody(req: IncomingMessage, limitMs: number): void {
  if (req.headers['transfer-encoding'] === undefined && req.headers['content-length'] === undefined) return;
  const late = setTimeout(() => req.destroy(), limitMs);
  for (const event of ['end', 'close']) req.once(event, () => clearTimeout(late));
}

/** Reads what is left of a body that was refused, for a moment, so that its sender gets to read why; then hangs up. */
export function drainBody(req: IncomingMessage): void {
  if (req.readableEnded || req.destroyed) return;
  let left = 64 * 2 ** 20;
  req.on('data', (chunk: Buffer) => {
    left -= chunk.length;
    if (left < 0) req.destroy();
  });
  endSlowBody(req, 10_000);
  req.resume();
}
