import { sql } from 'kysely';
import type { Db, Tx } from '../platform/db.ts';

/**
 * One transaction that may see the subscription it names, and no other: by its id, which a signed link tells, or by the
 * mailbox that somebody typed. Row-level security decides (db/migrations/0011_alerts.sql).
 */
export function asSubscriber<T>(db: Db, named: { readonly id: string } | { readonly mailbox: string }, work: (tx: Tx) => Promise<T>): Promise<T> {
  return db.transaction().execute(async (tx) => {
    await ('id' in named ? sql`select set_config('app.subscription', ${named.id}, true)` : sql`select set_config('app.mailbox', ${named.mailbox}, true)`).execute(tx);
    return work(tx);
  });
}
