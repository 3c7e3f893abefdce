import net from 'node:net';

export interface CuttingProxy {
  readonly base: string;
  /** Connections that were cut, and answers that were kept from their receiver. */
  cut(): number;
  swallowed(): number;
  close(): Promise<void>;
}

/** Repeatable chance (mulberry32): from 0 up to 1. */
export function chance(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * A network between client and server that resets connections (RST) after a random number of bytes on their way up, or
 * lets all bytes through and keeps the answer back, as long as `cuts` says that there is harm left to do.
 */
export async function cuttingProxy(
  target: () => string,
  { seed, cuts, withinBytes, swallowShare = 0.25 }: { seed: number; cuts: () => number; withinBytes: number; swallowShare?: number },
): Promise<CuttingProxy> {
  const next = chance(seed);
  const done = { cut: 0, swallowed: 0 };
  const open = new Set<net.Socket>();
  const server = net.createServer((client) => {
    const { hostname, port } = new URL(target());
    const upstream = net.connect(Number(port), hostname);
    for (const socket of [client, upstream]) {
      open.add(socket);
      socket.setNoDelay(true);
      socket.on('error', () => {});
      socket.on('close', () => open.delete(socket));
    }
    const harm = done.cut + done.swallowed < cuts();
    const swallow = harm && next() < swallowShare;
    let left = harm && !swallow ? 1 + Math.floor(next() * withinBytes) : Number.POSITIVE_INFINITY;
    const end = (): void => {
      client.resetAndDestroy();
      upstream.resetAndDestroy();
    };
    client.on('data', (chunk) => {
      if (left <= 0) return;
      if (left === Number.POSITIVE_INFINITY) return void (upstream.write(chunk) || client.pause());
      const last = chunk.length >= left;
      upstream.write(chunk.subarray(0, left), () => last && end());
      left -= chunk.length;
      if (last) done.cut += 1;
    });
    upstream.on('drain', () => client.resume());
    client.on('end', () => upstream.end());
    upstream.on('data', (chunk) => {
      if (!swallow) return void client.write(chunk);
      done.swallowed += 1;
      end();
    });
    upstream.on('end', () => client.end());
    upstream.on('close', () => client.destroy());
    client.on('close', () => upstream.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    base: `http://127.0.0.1:${(server.address() as net.AddressInfo).port}`,
    cut: () => done.cut,
    swallowed: () => done.swallowed,
    close: () => {
      for (const socket of open) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
