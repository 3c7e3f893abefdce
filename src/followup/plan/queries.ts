import { sql } from 'kysely';
import type { Language } from '../../i18n/language.ts';
import type { Actor } from '../../identity/actor.ts';
import { addDays } from '../../platform/clock.ts';
import { asAccount, type Db } from '../../platform/db.ts';
import { type ObligationTypes, typeOf } from '../obligation-type.ts';
import { type Due, scheduleOf, type Term } from '../schedule/schedule.ts';
import type { Asked } from './plan.ts';

/** An agreement with what is asked of its suppliers, and how far that is. Undefined where there is none of that number. */
export function followupOf(db: Db, actor: Actor, number: string) {
  return asAccount(db, actor.accountId, async (tx) => {
    const agreement = await tx
      .selectFrom('agreement as a')
      .select(['a.id', 'a.number', 'a.title_da', 'a.title_en', 'a.starts_on', 'a.ends_on'])
      .select((eb) => [
        eb
          .selectFrom('agreement_supplier as s')
          .select((count) => count.fn.countAll<number>().as('n'))
          .whereRef('s.agreement_id', '=', 'a.id')
          .as('suppliers'),
        // Each supplier once, or once for each of its lots.
        eb
          .selectFrom('agreement_supplier as s')
          .leftJoin('agreement_lot_supplier as l', (join) => join.onRef('l.agreement_id', '=', 's.agreement_id').onRef('l.supplier_id', '=', 's.supplier_id'))
          .select((count) => count.fn.countAll<number>().as('n'))
          .whereRef('s.agreement_id', '=', 'a.id')
          .as('shares'),
        eb
          .selectFrom('agreement_lot_supplier as l')
          .select((count) => count.fn.count<number>('l.lot_number').distinct().as('n'))
          .whereRef('l.agreement_id', '=', 'a.id')
          .as('lots'),
        sql<string[]>`array(select r.requirement_id from agreement_requirement r where r.agreement_id = a.id order by 1)`.as('requirements'),
      ])
      .where('a.number', '=', number)
      .where('a.withdrawn_at', 'is', null)
      .executeTakeFirst();
    if (!agreement) return undefined;
    const parties = await tx
      .selectFrom('agreement_supplier as l')
      .innerJoin('supplier as s', 's.id', 'l.supplier_id')
      .select(['s.cvr', 's.name'])
      .where('l.agreement_id', '=', agreement.id)
      .orderBy('s.name')
      .execute();
    const plans = await tx.selectFrom('followup_plan').selectAll().where('agreement_id', '=', agreement.id).execute();
    const counts = await tx
      .selectFrom('obligation')
      .select((eb) => [
        'requirement_id',
        'type',
        eb.fn.countAll<number>().filterWhere('state', 'in', ['planned', 'open', 'returned']).as('open'),
        eb.fn.countAll<number>().filterWhere('state', 'in', ['submitted', 'under_review', 'accepted', 'rejected']).as('filed'),
      ])
      .where('agreement_id', '=', agreement.id)
      .groupBy(['requirement_id', 'type'])
      .execute();
    return { ...agreement, suppliers: Number(agreement.suppliers ?? 0), shares: Number(agreement.shares ?? 0), lots: Number(agreement.lots ?? 0), plans, counts, parties };
  });
}
export type Followup = NonNullable<Awaited<ReturnType<typeof followupOf>>>;

/** A row of the preview: what falls due, and when. */
export interface Foreseen extends Due {
  readonly title: string;
}

/** What switching on would ask of each supplier: everything to the end, and what of it falls due in the next twelve months, by deadline. */
export function previewOf(
  types: ObligationTypes,
  asked: readonly Asked[],
  term: Term,
  today: string,
  lang: Language,
): { readonly all: number; readonly soon: readonly Foreseen[] } {
  const dues = asked.flatMap(({ type: id }) => {
    const type = typeOf(types, id);
    return scheduleOf(type, term)
      .filter(({ dueOn }) => dueOn >= today)
      .map((due) => ({ ...due, title: type.title[lang] }));
  });
  const until = addDays(today, 365);
  return { all: dues.length, soon: dues.filter(({ dueOn }) => dueOn <= until).sort((a, b) => a.dueOn.localeCompare(b.dueOn)) };
}
