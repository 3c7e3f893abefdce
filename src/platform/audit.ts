import { sql } from 'kysely';
import type { Db, Tx } from './db.ts';

/**
 * Appends one entry to the hash-chained audit log, in the transaction of the change that it tells of.
 * `event` is `<noun>.<past verb>`; `detail` holds ids and figures, never what a person wrote. Resolves to the entry's number.
 */
export async function audit(tx: Tx, event: `${string}.${string}`, subject: string, detail: Record<string, unknown> = {}, supplierId: string | null = null): Promise<number> {
  const { rows } = await sql<{ seq: number }>`select audit_append(${event}, ${subject}, ${JSON.stringify(detail)}::jsonb, ${supplierId}::uuid) as seq`.execute(tx);
  return rows[0]?.seq ?? 0;
}

/** The number of the first entry that was changed, removed or inserted afterwards; null when the chain holds. Needs the owner's connection. */
export async function firstAuditFault(db: Db): Promise<number | null> {
  const { rows } = await sql<{ fault: number | null }>`select audit_first_fault() as fault`.execute(db);
  return rows[0]?.fault ?? null;
}
