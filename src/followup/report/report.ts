import { type Actor, actsFor } from '../../identity/actor.ts';
import { audit } from '../../platform/audit.ts';
import { asAccount, type Db, type Tx } from '../../platform/db.ts';
import { type CommonRefusal, Refusal } from '../../platform/refusal.ts';
import { isUuid } from '../../platform/uuid.ts';
import type { ObligationTypes } from '../obligation-type.ts';
import { callFor } from '../plan/ask.ts';
import type { Asked } from '../plan/plan.ts';

/** What a supplier must say by itself when it happens: one for each of its agreements that asks for it. */
export interface Reportable extends Asked {
  readonly agreementId: string;
  readonly agreement_number: string;
  readonly agreement_title_da: string;
  readonly agreement_title_en: string;
  readonly supplierId: string;
  readonly supplier_name: string;
}

/** All that the suppliers of this person may have to report, by agreement. What staff ask to see on request is not among it. */
export async function reportable(db: Db, types: ObligationTypes, actor: Actor, today: string): Promise<Reportable[]> {
  if (actor.suppliers.length === 0) return [];
  return asAccount(db, actor.accountId, async (tx) => (await plansOf(tx, actor, today)).filter(({ type }) => types.get(type)?.cadence === 'per-event'));
}

function plansOf(tx: Tx, actor: Actor, today: string): Promise<Reportable[]> {
  return tx
    .selectFrom('followup_plan as p')
    .innerJoin('agreement as a', 'a.id', 'p.agreement_id')
    .innerJoin('agreement_supplier as l', 'l.agreement_id', 'a.id')
    .innerJoin('supplier as s', 's.id', 'l.supplier_id')
    .select(['p.requirement_id as requirementId', 'p.type', 'a.id as agreementId', 'a.number as agreement_number', 'a.title_da as agreement_title_da'])
    .select(['a.title_en as agreement_title_en', 's.id as supplierId', 's.name as supplier_name'])
    .where(
      's.id',
      'in',
      actor.suppliers.map(({ id }) => id),
    )
    .where('a.withdrawn_at', 'is', null)
    .where('a.starts_on', '<=', today)
    .where('a.ends_on', '>=', today)
    .orderBy('a.number')
    .orderBy('p.type')
    .orderBy('p.requirement_id')
    .orderBy('s.name')
    .execute();
}

/** Says that it has happened on a day, and returns the id of the task that follows: a new one, or the one that there is for that day already. */
export function reportEvent(
  db: Db,
  types: ObligationTypes,
  actor: Actor,
  { agreementId, supplierId, requirementId, type, day }: Asked & { readonly agreementId: string; readonly supplierId: string; readonly day: string },
  today: string,
): Promise<string> {
  return asAccount(db, actor.accountId, async (tx) => {
    const kind = types.get(type);
    if (kind?.cadence !== 'per-event' || !isUuid(agreementId) || !actsFor(actor, supplierId)) throw new Refusal<CommonRefusal>('not-found');
    const agreement = await tx
      .selectFrom('followup_plan as p')
      .innerJoin('agreement as a', 'a.id', 'p.agreement_id')
      .innerJoin('agreement_supplier as l', 'l.agreement_id', 'a.id')
      .select(['a.id', 'a.starts_on', 'a.ends_on', 'a.is_example'])
      .where('a.id', '=', agreementId)
      .where('a.withdrawn_at', 'is', null)
      .where('l.supplier_id', '=', supplierId)
      .where('p.requirement_id', '=', requirementId)
      .where('p.type', '=', type)
      .executeTakeFirst();
    if (!agreement) throw new Refusal<CommonRefusal>('not-found');
    const [made] = await callFor(tx, kind, { agreement, requirementId, day, suppliers: [supplierId], today });
    if (made) {
      await audit(tx, 'obligation.reported', made.id, { type, day }, supplierId);
      return made.id;
    }
    const { id } = await tx
      .selectFrom('obligation')
      .select('id')
      .where('agreement_id', '=', agreementId)
      .where('supplier_id', '=', supplierId)
      .where('requirement_id', '=', requirementId)
      .where('type', '=', type)
      .where('period', '=', `${day}/${day}`)
      .executeTakeFirstOrThrow();
    return id;
  });
}
