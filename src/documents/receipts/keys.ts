import type { Reader } from '../../platform/db.ts';
import type { ReceiptKey } from './verify.ts';

/** Every key that receipts were ever signed with, oldest first; `since` is an instant (ISO 8601). */
export async function receiptKeys(db: Reader): Promise<(ReceiptKey & { readonly since: string })[]> {
  const rows = await db.selectFrom('receipt_key').select(['id', 'public_key', 'since']).orderBy('since').orderBy('id').execute();
  return rows.map(({ id, public_key, since }) => ({ id, publicKey: public_key.toString('hex'), since: since.toISOString() }));
}
