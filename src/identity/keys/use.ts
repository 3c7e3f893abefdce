import { sql } from 'kysely';
import type { Db } from '../../platform/db.ts';
import { type Actor, loadActor } from '../actor.ts';
import { hashOfSecret } from './secret.ts';

/** Somebody's program: the person who made the key, narrowed to one supplier and to what suppliers do. */
export interface KeyActor extends Actor {
  readonly key: { readonly id: string; readonly name: string };
}

/**
 * Who acts with a key; null when it has ended, was never made, or its account is no longer a member of its supplier. What the program
 * does is told in the name of the person and of the key, such as “Lone Leverandør (nøgle »ERP«)”.
 */
export async function actorByKey(db: Db, secret: string, now: Date): Promise<KeyActor | null> {
  const { rows } = await sql<{
    id: string;
    name: string;
    supplier_id: string;
    account_id: string;
    account_email: string;
    account_name: string;
  }>`select * from use_supplier_key(${hashOfSecret(secret)}, ${now})`.execute(db);
  const [found] = rows;
  if (!found) return null;
  const person = await loadActor(db, { id: found.account_id, email: found.account_email, name: found.account_name });
  const suppliers = person.suppliers.filter(({ id }) => id === found.supplier_id);
  if (suppliers.length === 0) return null;
  return { ...person, name: `${person.name} (nøgle »${found.name}«)`, roles: [], suppliers, key: { id: found.id, name: found.name } };
}
