import { sql } from 'kysely';
import { type Actor, mayReview } from '../../identity/actor.ts';
import { audit } from '../../platform/audit.ts';
import { asAccount, type Db, type Tx } from '../../platform/db.ts';
import { type CommonRefusal, Refusal } from '../../platform/refusal.ts';
import { type ObligationTypes, typeOf } from '../obligation-type.ts';
import { isCalledFor, rescheduled, scheduleOf } from '../schedule/schedule.ts';

/** What an agreement asks for: a requirement that it carries, and a type of documentation that shows it. */
export interface Asked {
  readonly requirementId: string;
  readonly type: string;
}

interface Plan extends Asked {
  readonly agreementId: string;
  readonly beginsOn: string;
  readonly isExample: boolean;
  readonly start: string;
  readonly end: string;
}

/**
 * Switches follow-up on: from today on, every supplier of the agreement owes what the schedules of the types say, to the
 * end of the agreement, for each lot that it delivers under. What is on already stays as it is. Returns how many obligations were made.
 */
export function switchOn(db: Db, types: ObligationTypes, actor: Actor, agreementId: string, asked: readonly Asked[], now: Date, today: string): Promise<number> {
  return asAccount(db, actor.accountId, async (tx) => {
    const agreement = await lockAgreement(tx, actor, agreementId);
    let made = 0;
    for (const { requirementId, type } of asked) {
      const carried = agreement.requirements.includes(requirementId);
      if (!carried || !types.has(type)) throw new Refusal<CommonRefusal>('not-found');
      const added = await tx
        .insertInto('followup_plan')
        .values({
          agreement_id: agreementId,
          requirement_id: requirementId,
          type,
          begins_on: today,
          starts_on: agreement.starts_on,
          ends_on: agreement.ends_on,
          parties: agreement.parties,
          made_at: now,
          made_by: actor.accountId,
          made_by_name: actor.name,
        })
        .onConflict((conflict) => conflict.doNothing())
        .returning('type')
        .executeTakeFirst();
      if (!added) continue;
      made += await layOut(
        tx,
        types,
        { agreementId, requirementId, type, beginsOn: today, isExample: agreement.is_example, start: agreement.starts_on, end: agreement.ends_on },
        today,
      );
      await audit(tx, 'followup.switched-on', agreementId, { requirement: requirementId, type });
    }
    return made;
  });
}

/** Switches it off: what nobody has begun is no longer asked for; what was begun or filed stays. Returns how many obligations went. */
export function switchOff(db: Db, actor: Actor, agreementId: string, { requirementId, type }: Asked): Promise<number> {
  return asAccount(db, actor.accountId, async (tx) => {
    await lockAgreement(tx, actor, agreementId);
    const gone = await tx
      .deleteFrom('followup_plan')
      .where('agreement_id', '=', agreementId)
      .where('requirement_id', '=', requirementId)
      .where('type', '=', type)
      .returning('type')
      .executeTakeFirst();
    if (!gone) return 0;
    const there = await standing(tx, { agreementId, requirementId, type });
    const open = there.filter(({ settled }) => !settled);
    await dropAll(tx, open);
    await audit(tx, 'followup.switched-off', agreementId, { requirement: requirementId, type, dropped: open.length });
    return open.length;
  });
}

/**
 * The clock's work: agreements whose first or last day, suppliers or lots are others than when their follow-up was laid out
 * (an option was used, it ended early, a supplier joined) are laid out anew. What was begun or filed is never touched. Returns how many plans were changed.
 */
export async function followChanges(db: Db, types: ObligationTypes, today: string): Promise<number> {
  const changed = await db
    .selectFrom('followup_plan as p')
    .innerJoin('agreement as a', 'a.id', 'p.agreement_id')
    .select(['p.agreement_id', 'p.requirement_id', 'p.type', 'p.begins_on', 'a.starts_on', 'a.ends_on', 'a.is_example', partiesOf.as('parties')])
    .where((eb) => eb.or([eb('a.starts_on', '<>', eb.ref('p.starts_on')), eb('a.ends_on', '<>', eb.ref('p.ends_on')), eb(partiesOf, '<>', eb.ref('p.parties'))]))
    .execute();
  for (const row of changed) {
    const plan = {
      agreementId: row.agreement_id,
      requirementId: row.requirement_id,
      type: row.type,
      beginsOn: row.begins_on,
      isExample: row.is_example,
      start: row.starts_on,
      end: row.ends_on,
    };
    await db.transaction().execute(async (tx) => {
      await layOut(tx, types, plan, today);
      await tx
        .updateTable('followup_plan')
        .set({ starts_on: row.starts_on, ends_on: row.ends_on, parties: row.parties })
        .where('agreement_id', '=', row.agreement_id)
        .where('requirement_id', '=', row.requirement_id)
        .where('type', '=', row.type)
        .execute();
      await audit(tx, 'followup.laid-out', row.agreement_id, { requirement: row.requirement_id, type: row.type, endsOn: row.ends_on });
    });
  }
  return changed.length;
}

const partiesOf = sql<string>`agreement_parties(a.id)`;

/** Makes the obligations of one plan those of its schedule, for each supplier and lot. Returns how many were added. */
async function layOut(tx: Tx, types: ObligationTypes, plan: Plan, today: string): Promise<number> {
  const type = typeOf(types, plan.type);
  // What was asked for along the way stands, whatever becomes of the agreement's days.
  if (isCalledFor(type)) return 0;
  const wanted = scheduleOf(type, plan).filter(({ dueOn }) => dueOn >= plan.beginsOn);
  const parties = await tx
    .selectFrom('agreement_supplier as s')
    .leftJoin('agreement_lot_supplier as l', (join) => join.onRef('l.agreement_id', '=', 's.agreement_id').onRef('l.supplier_id', '=', 's.supplier_id'))
    .select(['s.supplier_id', 'l.lot_number as lot'])
    .where('s.agreement_id', '=', plan.agreementId)
    .orderBy('s.supplier_id')
    .orderBy('l.lot_number')
    .execute();
  const there = await standing(tx, plan);
  const isOf = (each: (typeof there)[number], { supplier_id, lot }: (typeof parties)[number]): boolean => each.supplierId === supplier_id && each.lot === lot;
  const left = there.filter((each) => !each.settled && !parties.some((party) => isOf(each, party)));
  await dropAll(tx, left);
  let added = 0;
  for (const party of parties) {
    const { supplier_id, lot } = party;
    // What was filed for the whole agreement stands for each of its lots, and the other way round.
    const covering = there.filter((each) => each.settled && each.supplierId === supplier_id && each.lot !== lot && (each.lot === null || lot === null));
    const { add, move, drop } = rescheduled([...covering, ...there.filter((each) => isOf(each, party))], wanted);
    if (add.length > 0) {
      const rows = add.map((due) => ({
        agreement_id: plan.agreementId,
        supplier_id,
        requirement_id: plan.requirementId,
        type: plan.type,
        period: due.period,
        lot,
        opens_on: due.opensOn,
        due_on: due.dueOn,
        state: due.opensOn <= today ? 'open' : 'planned',
        shown_publicly: type.visibility !== 'secret',
        is_example: plan.isExample,
      }));
      const made = await tx
        .insertInto('obligation')
        .values(rows)
        .onConflict((conflict) => conflict.columns(['agreement_id', 'supplier_id', 'requirement_id', 'type', 'period', 'lot']).doNothing())
        .returning('id')
        .execute();
      added += made.length;
    }
    for (const { id, to } of move)
      await tx
        .updateTable('obligation')
        .set({ opens_on: to.opensOn, due_on: to.dueOn, state: to.opensOn <= today ? 'open' : 'planned' })
        .where('id', '=', id)
        .execute();
    await dropAll(tx, drop);
  }
  return added;
}

async function dropAll(tx: Tx, dropped: readonly { readonly id: string }[]): Promise<void> {
  const ids = dropped.map(({ id }) => id);
  if (ids.length > 0) await tx.deleteFrom('obligation').where('id', 'in', ids).execute();
}

/** The obligations of one plan as they stand; settled where anything was filed, decided or begun. */
async function standing(tx: Tx, { agreementId, requirementId, type }: Asked & { readonly agreementId: string }) {
  const rows = await tx
    .selectFrom('obligation as o')
    .select(['o.id', 'o.supplier_id', 'o.period', 'o.lot', 'o.opens_on', 'o.due_on', 'o.state'])
    .select(sql<boolean>`has_begun(o.id)`.as('touched'))
    .where('o.agreement_id', '=', agreementId)
    .where('o.requirement_id', '=', requirementId)
    .where('o.type', '=', type)
    .where('o.renews_evidence_id', 'is', null)
    // Whoever begins on one at this moment waits, and then finds it gone or theirs.
    .forUpdate()
    .execute();
  return rows.map((row) => ({
    id: row.id,
    supplierId: row.supplier_id,
    period: row.period,
    lot: row.lot,
    opensOn: row.opens_on,
    dueOn: row.due_on,
    settled: row.touched || (row.state !== 'planned' && row.state !== 'open'),
  }));
}

/** The agreement, for one who may follow it up. Refuses others. */
export async function lockAgreement(tx: Tx, actor: Actor, agreementId: string) {
  if (!mayReview(actor)) throw new Refusal<CommonRefusal>('not-allowed');
  const agreement = await tx
    .selectFrom('agreement as a')
    .select(['a.id', 'a.starts_on', 'a.ends_on', 'a.is_example', partiesOf.as('parties')])
    .where('a.id', '=', agreementId)
    .where('a.withdrawn_at', 'is', null)
    .executeTakeFirst();
  if (!agreement) throw new Refusal<CommonRefusal>('not-found');
  const requirements = await tx.selectFrom('agreement_requirement').select('requirement_id').where('agreement_id', '=', agreementId).execute();
  return { ...agreement, requirements: requirements.map((row) => row.requirement_id) };
}
