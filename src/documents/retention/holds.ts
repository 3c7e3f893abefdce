import { sql } from 'kysely';
import { type Actor, mayReview } from '../../identity/actor.ts';
import { audit } from '../../platform/audit.ts';
import { asAccount, type Db, type Tx } from '../../platform/db.ts';
import { type CommonRefusal, type Fault, InvalidInput, Refusal } from '../../platform/refusal.ts';
import { isUuid } from '../../platform/uuid.ts';

export type HoldRefusal = CommonRefusal | 'already-held' | 'already-lifted';
export type HoldFault = 'what-required' | 'no-such-agreement' | 'no-such-supplier' | 'reason-required' | 'too-long';

/** What was typed to put a hold on something. */
export interface TypedHold {
  readonly on: string;
  /** Number of the agreement, or CVR number. */
  readonly which: string;
  readonly reason: string;
}

const longestReason = 1000;

/** Held by whoever puts a hold on something, and by whoever erases: a hold that has been set is obeyed from that moment. */
export async function lockHolds(tx: Tx): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended('legal holds', 0))`.execute(tx);
}

/** Puts a hold on an agreement or a supplier: nothing of it is erased until the hold is lifted. */
export function setHold(db: Db, actor: Actor, typed: TypedHold, now: Date): Promise<void> {
  return asAccount(db, actor.accountId, async (tx) => {
    if (!mayReview(actor)) throw new Refusal<CommonRefusal>('not-allowed');
    const reason = typed.reason.trim();
    const { target, faults } = await targetOf(tx, typed);
    if (reason === '') faults.push({ field: 'reason', code: 'reason-required' });
    if (reason.length > longestReason) faults.push({ field: 'reason', code: 'too-long' });
    if (!target || faults.length > 0) throw new InvalidInput(faults);
    await lockHolds(tx);
    const before = tx.selectFrom('legal_hold').select('id').where('lifted_at', 'is', null);
    const held = target.agreement_id ? before.where('agreement_id', '=', target.agreement_id) : before.where('supplier_id', '=', target.supplier_id);
    if (await held.executeTakeFirst()) throw new Refusal<HoldRefusal>('already-held');
    const { id } = await tx
      .insertInto('legal_hold')
      .values({ ...target, reason, set_at: now, set_by: actor.accountId, set_by_name: actor.name })
      .returning('id')
      .executeTakeFirstOrThrow();
    await audit(tx, 'hold.set', id, target, target.supplier_id);
  });
}

/** Lifts a hold. What was due meanwhile goes at the next round. */
export function liftHold(db: Db, actor: Actor, id: string, typedReason: string, now: Date): Promise<void> {
  return asAccount(db, actor.accountId, async (tx) => {
    if (!mayReview(actor)) throw new Refusal<CommonRefusal>('not-allowed');
    const reason = typedReason.trim();
    if (reason === '' || reason.length > longestReason) throw new InvalidInput<HoldFault>([{ field: `lift-${id}`, code: reason === '' ? 'reason-required' : 'too-long' }]);
    if (!isUuid(id)) throw new Refusal<CommonRefusal>('not-found');
    await lockHolds(tx);
    const hold = await tx.selectFrom('legal_hold').select(['supplier_id', 'lifted_at']).where('id', '=', id).executeTakeFirst();
    if (!hold) throw new Refusal<CommonRefusal>('not-found');
    if (hold.lifted_at) throw new Refusal<HoldRefusal>('already-lifted');
    await tx.updateTable('legal_hold').set({ lifted_at: now, lifted_by: actor.accountId, lifted_by_name: actor.name, lifted_reason: reason }).where('id', '=', id).execute();
    await audit(tx, 'hold.lifted', id, {}, hold.supplier_id);
  });
}

async function targetOf(tx: Tx, { on, which }: TypedHold) {
  const faults: Fault<HoldFault>[] = [];
  const name = which.trim();
  if (on === 'agreement') {
    const found = await tx.selectFrom('agreement').select('id').where('number', '=', name).executeTakeFirst();
    if (found) return { target: { agreement_id: found.id, supplier_id: null }, faults };
    faults.push({ field: 'which', code: 'no-such-agreement' });
  } else if (on === 'supplier') {
    const found = await tx
      .selectFrom('supplier')
      .select('id')
      .where('cvr', '=', name.replace(/\s|^DK/gi, ''))
      .executeTakeFirst();
    if (found) return { target: { agreement_id: null, supplier_id: found.id }, faults };
    faults.push({ field: 'which', code: 'no-such-supplier' });
  } else faults.push({ field: 'on', code: 'what-required' });
  return { target: null, faults };
}
