import { inOrder } from '../i18n/format.ts';
import { asAccount, type Db, type Tx } from '../platform/db.ts';
import type { SessionAccount } from './sessions.ts';

export type Role = 'case_officer' | 'contract_manager' | 'publisher' | 'budget_holder' | 'auditor' | 'administrator';

/** Who is asking, and what they are to the municipality and to suppliers. Read anew at every request. */
export interface Actor {
  readonly accountId: string;
  readonly name: string;
  readonly email: string;
  readonly roles: readonly Role[];
  readonly suppliers: readonly { readonly id: string; readonly cvr: string; readonly name: string }[];
  /** The key with which a program acts on the person's behalf. */
  readonly key?: { readonly id: string };
}

/** Reads the rights of an account whose session holds. */
export function loadActor(db: Db, account: SessionAccount): Promise<Actor> {
  return asAccount(db, account.id, (tx) => actorIn(tx, account));
}

/** The same in a transaction that runs on behalf of the account. */
export async function actorIn(tx: Tx, account: SessionAccount): Promise<Actor> {
  const rights = await tx
    .selectFrom('account_role')
    .select((eb) => ['role', eb.val<string | null>(null).as('id'), eb.val<string | null>(null).as('cvr'), eb.val<string | null>(null).as('supplier')])
    .where('account_id', '=', account.id)
    .unionAll(
      tx
        .selectFrom('membership as m')
        .innerJoin('supplier as s', 's.id', 'm.supplier_id')
        .select((eb) => ['m.role', eb.cast<string | null>('s.id', 'text').as('id'), 's.cvr', 's.name as supplier'])
        .where('m.account_id', '=', account.id),
    )
    .execute();
  return {
    accountId: account.id,
    name: account.name,
    email: account.email,
    roles: rights.filter((right) => right.id === null).map((right) => right.role as Role),
    suppliers: rights.flatMap(({ id, cvr, supplier }) => (id && cvr && supplier ? [{ id, cvr, name: supplier }] : [])).sort((a, b) => inOrder(a.name, b.name, 'da')),
  };
}

/** An account by its id, with its rights; null when there is none that may log in. */
export async function actorOf(db: Db, accountId: string): Promise<Actor | null> {
  const account = await db.selectFrom('account').select(['id', 'email', 'name']).where('id', '=', accountId).where('disabled_at', 'is', null).executeTakeFirst();
  return account ? loadActor(db, account) : null;
}

export function actsFor(actor: Actor, supplierId: string): boolean {
  return actor.suppliers.some((supplier) => supplier.id === supplierId);
}

/** May read every supplier's cases. */
export function mayReadCases(actor: Actor): boolean {
  return actor.roles.some((role) => role === 'case_officer' || role === 'contract_manager' || role === 'auditor');
}

/** May accept and return what suppliers file. */
export function mayReview(actor: Actor): boolean {
  return actor.roles.some((role) => role === 'case_officer' || role === 'contract_manager');
}

/** May bring in, write, publish and withdraw agreements. */
export function mayKeepRegister(actor: Actor): boolean {
  return actor.roles.some((role) => role === 'publisher' || role === 'contract_manager' || role === 'case_officer');
}
