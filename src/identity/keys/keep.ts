import { audit } from '../../platform/audit.ts';
import { asAccount, type Db, type Tx } from '../../platform/db.ts';
import { type CommonRefusal, InvalidInput, Refusal } from '../../platform/refusal.ts';
import { isUuid } from '../../platform/uuid.ts';
import type { Actor } from '../actor.ts';
import { beginningOf, hashOfSecret, newSecret } from './secret.ts';

export type KeyFault = 'name-required' | 'name-too-long' | 'supplier-required';
export type KeyRefusal = CommonRefusal | 'too-many-keys';

const longestName = 60;
/** Keys of one supplier that hold at the same time. */
export const mostKeys = 20;
/** Keys that have ended and are still on the list. */
const mostEnded = 10;

/** The suppliers whose keys an account may make and end; empty for members. */
function administratedBy(tx: Tx, { accountId }: Actor) {
  return tx
    .selectFrom('membership as m')
    .innerJoin('supplier as s', 's.id', 'm.supplier_id')
    .select(['s.id', 's.name'])
    .where('m.account_id', '=', accountId)
    .where('m.role', '=', 'administrator')
    .orderBy('s.name')
    .execute();
}

/** The keys of all suppliers that the actor acts for, those that hold first, and the suppliers that they may make keys for. */
export function keysFor(db: Db, actor: Actor) {
  return asAccount(db, actor.accountId, async (tx) => {
    const rows = await tx
      .selectFrom('supplier_key as k')
      .innerJoin('supplier as s', 's.id', 'k.supplier_id')
      .innerJoin('account as a', 'a.id', 'k.account_id')
      .select(['k.id', 'k.name', 'k.begins_with', 'k.made_at', 'k.last_used_at', 'k.ended_at', 'k.supplier_id', 's.name as supplier_name', 'a.name as made_by'])
      .where(
        'k.supplier_id',
        'in',
        actor.suppliers.map(({ id }) => id),
      )
      .orderBy('k.made_at', 'desc')
      .orderBy('k.id')
      .execute();
    const ended = rows.filter(({ ended_at }) => ended_at !== null).sort((a, b) => Number(b.ended_at) - Number(a.ended_at));
    return { keys: [...rows.filter(({ ended_at }) => ended_at === null), ...ended.slice(0, mostEnded)], administers: await administratedBy(tx, actor) };
  });
}

export type KeysOf = Awaited<ReturnType<typeof keysFor>>;

/** What a form says of a key that is to be made. Its id is the form's, so that the same form sent twice makes one key. */
export interface NewKey {
  readonly id: string;
  readonly supplierId: string;
  readonly name: string;
}

/**
 * Makes a key and returns its secret, which is kept nowhere; null when this form has made its key already. Throws InvalidInput,
 * and refuses unless the actor administers the supplier.
 */
export function makeKey(db: Db, actor: Actor, { id, supplierId, name: typed }: NewKey, prefix: string, now: Date): Promise<string | null> {
  const name = typed
    .normalize('NFC')
    .replace(/[\p{Cc}\p{Cf}\s]+/gu, ' ')
    .trim();
  return asAccount(db, actor.accountId, async (tx) => {
    const administers = await administratedBy(tx, actor);
    if (administers.length === 0) throw new Refusal<KeyRefusal>('not-allowed');
    const supplier = supplierId === '' && administers.length === 1 ? administers[0] : administers.find((each) => each.id === supplierId);
    const code: KeyFault | null = name === '' ? 'name-required' : [...name].length > longestName ? 'name-too-long' : null;
    if (code) throw new InvalidInput<KeyFault>([{ field: 'key-name', code }]);
    if (!supplier) throw new InvalidInput<KeyFault>([{ field: 'key-supplier', code: 'supplier-required' }]);
    const secret = newSecret(prefix);
    const made = await tx
      .insertInto('supplier_key')
      .values({ id, supplier_id: supplier.id, account_id: actor.accountId, name, sha256: hashOfSecret(secret), begins_with: beginningOf(secret), made_at: now })
      .onConflict((conflict) => conflict.column('id').doNothing())
      .returning('id')
      .executeTakeFirst();
    if (!made) return null;
    const { held } = await tx
      .selectFrom('supplier_key')
      .select((eb) => eb.fn.countAll<number>().as('held'))
      .where('supplier_id', '=', supplier.id)
      .where('ended_at', 'is', null)
      .executeTakeFirstOrThrow();
    if (held > mostKeys) throw new Refusal<KeyRefusal>('too-many-keys');
    await audit(tx, 'supplier-key.made', id, {}, supplier.id);
    return secret;
  });
}

/** Ends a key at once and for good. One that has ended already is passed over; refuses unless the actor administers its supplier. */
export function endKey(db: Db, actor: Actor, id: string, now: Date): Promise<void> {
  return asAccount(db, actor.accountId, async (tx) => {
    const key = isUuid(id) ? await tx.selectFrom('supplier_key').select('supplier_id').where('id', '=', id).executeTakeFirst() : undefined;
    if (!key) throw new Refusal<KeyRefusal>('not-found');
    const administers = await administratedBy(tx, actor);
    if (!administers.some((supplier) => supplier.id === key.supplier_id)) throw new Refusal<KeyRefusal>('not-allowed');
    const ended = await tx.updateTable('supplier_key').set({ ended_at: now }).where('id', '=', id).where('ended_at', 'is', null).executeTakeFirst();
    if (ended.numUpdatedRows > 0) await audit(tx, 'supplier-key.ended', id, {}, key.supplier_id);
  });
}
