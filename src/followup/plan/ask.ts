import type { Actor } from '../../identity/actor.ts';
import { audit } from '../../platform/audit.ts';
import { asAccount, type Db } from '../../platform/db.ts';
import { type CommonRefusal, Refusal } from '../../platform/refusal.ts';
import type { ObligationTypes } from '../obligation-type.ts';
import { dueOn } from '../schedule/deadline.ts';
import { isCalledFor } from '../schedule/schedule.ts';
import { type Asked, lockAgreement } from './plan.ts';

/** Why something cannot be asked for. */
export type AskRefusal = CommonRefusal | 'asked-already' | 'not-switched-on' | 'day-outside-agreement';

/**
 * Asks for what an event or a request calls for, where follow-up of it is switched on: of one supplier of the agreement, or of all. It is
 * open at once, and due as the type says, never before today. Returns how many tasks were made; what was asked for that day already stays.
 */
export function askNow(
  db: Db,
  types: ObligationTypes,
  actor: Actor,
  agreementId: string,
  { requirementId, type, day, cvr }: Asked & { readonly day: string; readonly cvr: string | null },
  today: string,
): Promise<number> {
  return asAccount(db, actor.accountId, async (tx) => {
    const agreement = await lockAgreement(tx, actor, agreementId);
    const plan = await tx
      .selectFrom('followup_plan')
      .select('type')
      .where('agreement_id', '=', agreementId)
      .where('requirement_id', '=', requirementId)
      .where('type', '=', type)
      .executeTakeFirst();
    const kind = types.get(type);
    if (!plan || !kind || !isCalledFor(kind)) throw new Refusal<AskRefusal>('not-switched-on');
    if (day < agreement.starts_on || day > agreement.ends_on || day > today) throw new Refusal<AskRefusal>('day-outside-agreement');
    const due = dueOn(kind.deadline, { start: agreement.starts_on, end: agreement.ends_on, event: day });
    let suppliers = tx.selectFrom('agreement_supplier as l').innerJoin('supplier as s', 's.id', 'l.supplier_id').select('s.id').where('l.agreement_id', '=', agreementId);
    if (cvr !== null) suppliers = suppliers.where('s.cvr', '=', cvr);
    const rows = (await suppliers.orderBy('s.id').execute()).map(({ id }) => ({
      agreement_id: agreementId,
      supplier_id: id,
      requirement_id: requirementId,
      type,
      period: `${day}/${day}`,
      opens_on: today,
      due_on: due === null || due < today ? today : due,
      state: 'open',
      shown_publicly: kind.visibility !== 'secret',
      is_example: agreement.is_example,
    }));
    if (rows.length === 0) throw new Refusal<AskRefusal>('not-found');
    const made = await tx
      .insertInto('obligation')
      .values(rows)
      .onConflict((conflict) => conflict.columns(['agreement_id', 'supplier_id', 'requirement_id', 'type', 'period', 'lot']).doNothing())
      .returning(['id', 'supplier_id'])
      .execute();
    if (made.length === 0) throw new Refusal<AskRefusal>('asked-already');
    for (const { id, supplier_id } of made) await audit(tx, 'obligation.asked', id, { type, day }, supplier_id);
    return made.length;
  });
}
