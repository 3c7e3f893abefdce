import type { Actor } from '../../identity/actor.ts';
import { audit } from '../../platform/audit.ts';
import { asAccount, type Db, type Tx } from '../../platform/db.ts';
import { type CommonRefusal, Refusal } from '../../platform/refusal.ts';
import type { ObligationType, ObligationTypes } from '../obligation-type.ts';
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
    let suppliers = tx.selectFrom('agreement_supplier as l').innerJoin('supplier as s', 's.id', 'l.supplier_id').select('s.id').where('l.agreement_id', '=', agreementId);
    if (cvr !== null) suppliers = suppliers.where('s.cvr', '=', cvr);
    const asked = (await suppliers.orderBy('s.id').execute()).map(({ id }) => id);
    if (asked.length === 0) throw new Refusal<AskRefusal>('not-found');
    const made = await callFor(tx, kind, { agreement, requirementId, day, suppliers: asked, today });
    if (made.length === 0) throw new Refusal<AskRefusal>('asked-already');
    for (const { id, supplier_id } of made) await audit(tx, 'obligation.asked', id, { type, day }, supplier_id);
    return made.length;
  });
}

interface Call {
  readonly agreement: { readonly id: string; readonly starts_on: string; readonly ends_on: string; readonly is_example: boolean };
  readonly requirementId: string;
  /** The day on which it happened. */
  readonly day: string;
  readonly suppliers: readonly string[];
  readonly today: string;
}

/** Makes the tasks that an event or a request calls for: open at once, due as the type says, never before today. Those that were asked for that day already are not among the answers. Refuses a day outside the agreement, or to come. */
export async function callFor(tx: Tx, type: ObligationType, { agreement, requirementId, day, suppliers, today }: Call): Promise<{ id: string; supplier_id: string }[]> {
  if (day < agreement.starts_on || day > agreement.ends_on || day > today) throw new Refusal<AskRefusal>('day-outside-agreement');
  const due = dueOn(type.deadline, { start: agreement.starts_on, end: agreement.ends_on, event: day });
  const rows = suppliers.map((supplier_id) => ({
    agreement_id: agreement.id,
    supplier_id,
    requirement_id: requirementId,
    type: type.id,
    period: `${day}/${day}`,
    opens_on: today,
    due_on: due === null || due < today ? today : due,
    state: 'open',
    shown_publicly: type.visibility !== 'secret',
    is_example: agreement.is_example,
  }));
  return tx
    .insertInto('obligation')
    .values(rows)
    .onConflict((conflict) => conflict.columns(['agreement_id', 'supplier_id', 'requirement_id', 'type', 'period', 'lot']).doNothing())
    .returning(['id', 'supplier_id'])
    .execute();
}
