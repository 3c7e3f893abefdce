import { asAccount, type Db, type Tx } from '../platform/db.ts';
import { Refusal } from '../platform/refusal.ts';
import { type Actor, mayKeepRegister } from './actor.ts';

/** Runs work in one transaction on behalf of somebody who may keep agreements and tenders. Refuses everybody else with 'not-allowed'. */
export async function asKeeper<T>(db: Db, actor: Actor, work: (tx: Tx) => Promise<T>): Promise<T> {
  if (!mayKeepRegister(actor)) throw new Refusal<'not-allowed'>('not-allowed');
  return asAccount(db, actor.accountId, work);
}
