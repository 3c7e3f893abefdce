import fs from 'node:fs';
import net from 'node:net';
import { pipeline } from 'node:stream/promises';
import type { RefusedReason, WaitingReason } from '../checks/finding.ts';

/** What a virus scanner says of a file. Whatever is neither of the first two is 'not scanned', never 'clean'. */
export type Scan =
  | { readonly verdict: 'clean'; readonly signatures: string }
  | { readonly verdict: 'refused'; readonly reason: RefusedReason; readonly signature: string; readonly signatures: string }
  | { readonly verdict: 'waiting'; readonly reason: WaitingReason; readonly said: string };

export interface Scanner {
  /**
   * Never rejects because of the scanner; rejects when the file cannot be read. The version of the signatures is asked
   * before: an older one at the worst, so that a file is scanned once too often. Aborting ends it with 'waiting'.
   */
  scan(place: string, signal?: AbortSignal): Promise<Scan>;
  /** Program and version of the signatures, such as ClamAV 1.4.6/27500/Mon Nov 23 09:12:11 2026; null when it does not answer. */
  version(): Promise<string | null>;
}

/** A scanner that is frozen still takes connections: it must answer this soon that it lives, before a file is sent. */
const answerSeconds = 5;
/** Without a byte in either direction; unpacking and scanning what was sent happens in this silence. */
const silenceSeconds = 120;
const longestAnswer = 1_000;

/** clamd behind `address`, a host:port or the path of a socket (clamd(8), INSTREAM). */
export function clamd(address: string, { answer = answerSeconds, silence = silenceSeconds } = {}): Scanner {
  const connect = (): net.Socket => {
    const [, host = '', port = ''] = /^\[?([^/]*?)\]?:(\d+)$/.exec(address) ?? [];
    return port ? new AnswerFirst().connect(Number(port), host) : new AnswerFirst().connect(address);
  };
  const ask = (command: string, signal?: AbortSignal): Promise<string> => exchange(connect(), answer, async (socket) => void socket.write(`z${command}\0`), signal);
  return {
    async scan(place, signal) {
      const file = fs.createReadStream(place, { highWaterMark: 1 << 18 });
      // Opened before the scanner is asked: a file that cannot be read is not the scanner's fault.
      await new Promise((resolve, reject) => file.once('open', resolve).once('error', reject));
      try {
        const signatures = versionIn(await ask('VERSION', signal));
        if (!signatures) return { verdict: 'waiting', reason: 'scanner-unclear', said: 'no version' };
        let isSent = false;
        const said = await exchange(
          connect(),
          silence,
          async (socket) => {
            await send(file, socket);
            isSent = true;
          },
          signal,
        );
        const scan = read(said, signatures);
        return scan.verdict === 'clean' && !isSent ? { verdict: 'waiting', reason: 'scanner-unclear', said: 'an answer before the end of the file' } : scan;
      } catch (error) {
        if (file.errored) throw file.errored;
        return { verdict: 'waiting', reason: error instanceof Silence ? 'scanner-slow' : 'scanner-away', said: String(error) };
      } finally {
        file.destroy();
      }
    },
    async version() {
      return versionIn(await ask('VERSION').catch(() => ''));
    },
  };
}

const versionIn = (said: string): string | null => /^(ClamAV [^\0]+)\0$/.exec(said)?.[1] ?? null;

/** When the signatures were made, from a version; null where it says none. */
export function signaturesFrom(version: string): Date | null {
  const at = Date.parse(version.split('/')[2] ?? '');
  return Number.isNaN(at) ? null : new Date(at);
}

const heuristics: readonly (readonly [start: string, reason: RefusedReason])[] = [
  ['Heuristics.Encrypted.', 'password'],
  ['Heuristics.OLE2.ContainsMacros', 'macros'],
];

/** An answer that was cut off, even within its last byte, is none. */
function read(said: string, signatures: string): Scan {
  if (said === 'stream: OK\0') return { verdict: 'clean', signatures };
  if (/size limit exceeded|^stream: Heuristics\.Limits\.Exceeded/.test(said)) return { verdict: 'waiting', reason: 'scanner-limit', said };
  const signature = /^stream: ([^\0]+) FOUND\0$/.exec(said)?.[1];
  if (signature) return { verdict: 'refused', reason: heuristics.find(([start]) => signature.startsWith(start))?.[1] ?? 'malware', signature, signatures };
  return { verdict: 'waiting', reason: said === '' ? 'scanner-away' : 'scanner-unclear', said };
}

class Silence extends Error {}

type Done = (error?: Error | null) => void;

/**
 * A scanner that takes no more answers, then hangs up, often while a piece is on its way to it: the fault of that piece must not
 * end the connection before the answer was read. By default it does, so that one file in five that was too large for clamd was said
 * to have met no scanner.
 */
class AnswerFirst extends net.Socket {
  override _write(piece: unknown, encoding: BufferEncoding, done: Done): void {
    super._write(piece, encoding, this.#afterAnswer(done));
  }

  override _writev(pieces: { chunk: unknown; encoding: BufferEncoding }[], done: Done): void {
    super._writev?.(pieces, this.#afterAnswer(done));
  }

  #afterAnswer(done: Done): Done {
    return (error) => (error && !this.readableEnded && !this.destroyed ? this.once('end', () => done(error)) : done(error));
  }
}

/** Says something on a new connection, and resolves to all that is answered until the other side ends it. */
function exchange(socket: net.Socket, seconds: number, say: (socket: net.Socket) => Promise<void>, signal?: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = '';
    const callOff = (): void => void socket.destroy(new Error('called off'));
    if (signal?.aborted) callOff();
    signal?.addEventListener('abort', callOff);
    socket.setTimeout(seconds * 1_000, () => socket.destroy(new Silence(`no answer for ${seconds} s`)));
    socket.on('data', (bytes) => {
      said += bytes.toString('latin1');
      if (said.endsWith('\0') || said.length > longestAnswer) socket.destroy();
    });
    // A scanner that has seen enough answers and hangs up while we are still sending.
    socket.once('error', (error) => (said === '' ? reject(error) : resolve(said)));
    socket.once('close', () => {
      signal?.removeEventListener('abort', callOff);
      resolve(said);
    });
    socket.once('connect', () => say(socket).catch((error: Error) => socket.destroy(error)));
  });
}

/** The file in pieces with their lengths, and a length of nothing at the end. Rejects when the other side hangs up before. */
function send(file: fs.ReadStream, socket: net.Socket): Promise<void> {
  async function* framed(): AsyncGenerator<Buffer> {
    yield Buffer.from('zINSTREAM\0');
    for await (const piece of file as AsyncIterable<Buffer>) {
      yield lengthOf(piece.length);
      yield piece;
    }
    yield lengthOf(0);
  }
  return pipeline(framed, socket, { end: false });
}

function lengthOf(bytes: number): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes);
  return length;
}
