import pg from 'pg';
import type { Log } from './log.ts';

/** A lock that this process holds, until it lets go or dies. */
export interface Lock {
  /** Aborted when the connection that holds the lock is lost: somebody else may have it from then on. */
  readonly lost: AbortSignal;
  release(): Promise<void>;
}

/** Locks among all processes of an installation. */
export interface Locks {
  /** Takes the lock of this name, or null when anybody holds it, this process included. Never waits for it. */
  take(name: string): Promise<Lock | null>;
  close(): Promise<void>;
}

interface Holder {
  readonly client: pg.Client;
  readonly held: Map<string, AbortController>;
  /** The latest question, answered or not: one is asked at a time. */
  asked: Promise<unknown>;
}

/**
 * Advisory locks of PostgreSQL on one connection of this process, opened at first use. They belong to the connection:
 * the locks of a process that is killed are free at once, and of one whose machine is gone when PostgreSQL gives the
 * connection up. A pooler that shares connections between clients would break that.
 */
export function locksIn(url: string, log: Log): Locks {
  let current: Promise<Holder> | undefined;
  const taken = new Set<string>();

  function connection(): Promise<Holder> {
    if (current) return current;
    const client = new pg.Client({ connectionString: url, keepAlive: true, connectionTimeoutMillis: 5_000, query_timeout: 5_000 });
    const held = new Map<string, AbortController>();
    const opening = client.connect().then(() => ({ client, held, asked: Promise.resolve() }));
    const gone = (): void => {
      if (current === opening) current = undefined;
      for (const lock of held.values()) lock.abort();
    };
    opening.catch(gone);
    client.once('end', gone);
    client.on('error', (error) => log('warn', 'lock connection lost', { error }));
    current = opening;
    return opening;
  }

  async function ask(holder: Holder, what: 'pg_try_advisory_lock' | 'pg_advisory_unlock', name: string): Promise<boolean> {
    const { client, asked } = holder;
    const answer = asked.then(() => client.query<{ yes: boolean }>({ name: what, text: `select ${what}(hashtextextended($1, 0)) as yes`, values: [name] }));
    holder.asked = answer.catch(() => undefined);
    try {
      return (await answer).rows[0]?.yes === true;
    } catch (error) {
      // Whether it was done is not known, and ending the connection settles it.
      await client.end().catch(() => undefined);
      throw error;
    }
  }

  return {
    async take(name) {
      if (taken.has(name)) return null;
      taken.add(name);
      try {
        const holder = await connection();
        if (!(await ask(holder, 'pg_try_advisory_lock', name))) {
          taken.delete(name);
          return null;
        }
        const lost = new AbortController();
        holder.held.set(name, lost);
        return {
          lost: lost.signal,
          async release() {
            holder.held.delete(name);
            try {
              if (!lost.signal.aborted) await ask(holder, 'pg_advisory_unlock', name);
            } catch (error) {
              log('warn', 'lock not released by itself', { error });
            } finally {
              taken.delete(name);
            }
          },
        };
      } catch (error) {
        taken.delete(name);
        throw error;
      }
    },
    async close() {
      const holder = await current?.catch(() => undefined);
      await holder?.client.end();
    },
  };
}
