import type { Db, Tx } from '../../platform/db.ts';
import { asAccount } from '../../platform/db.ts';

/** Runs a transaction on behalf of an account, when it is its turn. */
export type InTurn = <T>(accountId: string, work: (tx: Tx) => Promise<T>) => Promise<T>;

/** Uploads of one process that are at the database at the same time; the other connections of its pool are for pages. */
const atOnce = 4;
/** So long a wait means that the database does not answer: milliseconds. */
const patienceMs = 15_000;

/**
 * Lets uploads go to the database one after the other, a few at a time, first come first served: fifty that end together
 * wait for each other instead of failing for want of a connection, and pages never wait for all of them.
 */
export function turnsAt(db: Db): { readonly inTurn: InTurn; turn<T>(work: () => Promise<T>): Promise<T> } {
  const waiting: (() => void)[] = [];
  let going = 0;

  function begin(): Promise<void> | undefined {
    going += 1;
    if (going <= atOnce) return undefined;
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => {
        waiting.splice(waiting.indexOf(next), 1);
        going -= 1;
        reject(Object.assign(new Error('too many uploads wait for the database'), { code: '53300' }));
      }, patienceMs);
      const next = (): void => {
        clearTimeout(late);
        resolve();
      };
      waiting.push(next);
    });
  }

  async function turn<T>(work: () => Promise<T>): Promise<T> {
    await begin();
    try {
      return await work();
    } finally {
      going -= 1;
      waiting.shift()?.();
    }
  }

  return { turn, inTurn: (accountId, work) => turn(() => asAccount(db, accountId, work)) };
}
