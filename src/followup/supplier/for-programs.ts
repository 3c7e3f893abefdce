import { z } from 'zod';
import type { Actor } from '../../identity/actor.ts';
import { dayInCursor } from '../../platform/asking/cursor.ts';
import { asAccount, type Db } from '../../platform/db.ts';
import { isUuid } from '../../platform/uuid.ts';
import type { ObligationState } from '../obligation.ts';

export const obligationStates = ['planned', 'open', 'submitted', 'under_review', 'accepted', 'returned', 'rejected', 'waived'] as const satisfies readonly ObligationState[];

/** The place of an obligation in the list that programs read. */
export const obligationPlace = z.tuple([dayInCursor, z.guid()]);
export type ObligationPlace = z.infer<typeof obligationPlace>;

/** At most `limit` obligations of the suppliers that the actor acts for, by deadline, those after a place only. */
export function obligationsFor(
  db: Db,
  actor: Actor,
  { state, after, limit }: { readonly state: ObligationState | null; readonly after: ObligationPlace | null; readonly limit: number },
) {
  return asAccount(db, actor.accountId, (tx) =>
    tx
      .selectFrom('obligation as o')
      .innerJoin('agreement as a', 'a.id', 'o.agreement_id')
      .innerJoin('supplier as s', 's.id', 'o.supplier_id')
      .select(['o.id', 'o.type', 'o.period', 'o.lot', 'o.state', 'o.due_on', 'o.opens_on', 's.cvr as supplier_cvr', 's.name as supplier_name'])
      .select(['a.number as agreement_number', 'a.title_da as agreement_title_da', 'a.title_en as agreement_title_en'])
      .where(
        'o.supplier_id',
        'in',
        actor.suppliers.map(({ id }) => id),
      )
      .$if(state !== null, (query) => query.where('o.state', '=', state ?? ''))
      .$if(after !== null, (query) => query.where((eb) => eb(eb.refTuple('o.due_on', 'o.id'), '>', eb.tuple(after?.[0] ?? '', after?.[1] ?? ''))))
      .orderBy('o.due_on')
      .orderBy('o.id')
      .limit(limit)
      .execute(),
  );
}

/** The submission that was filed with a form, or by a program with the same idempotency key; undefined when none was. */
export async function filedWith(db: Db, actor: Actor, obligationId: string, formKey: string): Promise<string | undefined> {
  if (!isUuid(obligationId)) return undefined;
  const found = await asAccount(db, actor.accountId, (tx) =>
    tx.selectFrom('submission').select('id').where('obligation_id', '=', obligationId).where('form_key', '=', formKey).executeTakeFirst(),
  );
  return found?.id;
}
