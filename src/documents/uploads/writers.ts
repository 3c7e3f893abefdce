import type { Lock, Locks } from '../../platform/locks.ts';
import { Refusal } from '../../platform/refusal.ts';
import type { UploadRefusal } from './upload.ts';

/** The one request that may add to an upload. */
export interface Writer {
  /** Aborted when it has to stop reading: another wants its place, the process ends, or the lock is lost. */
  readonly stop: AbortSignal;
  /** Aborted when the lock is lost: nothing it does may count any more. */
  readonly lost: AbortSignal;
  /** Says that bytes came. */
  heard(): void;
  release(): Promise<void>;
}

export interface Writers {
  /**
   * Refuses with locked when another request of this account adds to it, here or in another process, and with
   * too-many-at-once. Other accounts have locks of their own, which tell them nothing and hold nobody up. An upload that nobody has heard of yet needs no lock among processes.
   */
  take(uploadId: string, accountId: string, unheardOf?: boolean): Promise<Writer>;
  /** Stops the request of this process that adds to it, and waits until it has let go. */
  interrupt(uploadId: string, accountId: string): Promise<void>;
  /** Stops all of them, and waits. */
  interruptAll(): Promise<void>;
}

/** Uploads of one account that one process receives at the same time. */
export const atOnce = 64;
/** A connection that has been silent for so long is probably gone, and makes room for one that asks: milliseconds. */
const silentMs = 3_000;

const nobodysLock: Lock = { lost: new AbortController().signal, release: () => Promise.resolve() };

const keyOf = (uploadId: string, accountId: string): string => `upload ${uploadId} ${accountId}`;

interface Active {
  readonly accountId: string;
  readonly stop: AbortController;
  readonly gone: Promise<void>;
  heardAt: number;
}

export function writersWith(locks: Locks): Writers {
  const active = new Map<string, Active>();

  async function interrupt(key: string): Promise<void> {
    const current = active.get(key);
    current?.stop.abort();
    await current?.gone;
  }

  return {
    async take(uploadId, accountId, unheardOf = false) {
      const key = keyOf(uploadId, accountId);
      const other = active.get(key);
      if (other) {
        if (Date.now() - other.heardAt > silentMs) other.stop.abort();
        throw new Refusal<UploadRefusal>('locked', { seconds: '1' });
      }
      if (active.values().reduce((count, each) => count + Number(each.accountId === accountId), 0) >= atOnce)
        throw new Refusal<UploadRefusal>('too-many-at-once', { seconds: '2' });
      const { promise: gone, resolve: leave } = Promise.withResolvers<void>();
      const mine: Active = { accountId, stop: new AbortController(), gone, heardAt: Date.now() };
      active.set(key, mine);
      const end = (): void => {
        active.delete(key);
        leave();
      };
      try {
        const lock = unheardOf ? nobodysLock : await locks.take(key);
        if (!lock) throw new Refusal<UploadRefusal>('locked', { seconds: '1' });
        if (!unheardOf) lock.lost.addEventListener('abort', () => mine.stop.abort(), { once: true });
        return {
          stop: mine.stop.signal,
          lost: lock.lost,
          heard() {
            mine.heardAt = Date.now();
          },
          async release() {
            await lock.release();
            end();
          },
        };
      } catch (error) {
        end();
        throw error;
      }
    },
    interrupt: (uploadId, accountId) => interrupt(keyOf(uploadId, accountId)),
    async interruptAll() {
      await Promise.all([...active.keys()].map(interrupt));
    },
  };
}
