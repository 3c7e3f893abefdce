import { jsonArrayFrom } from 'kysely/helpers/postgres';
import type { Reader } from '../platform/db.ts';

/** Agreements with suppliers in call-off order, requirements and options. One query however many. */
function agreementsWithAll(db: Reader) {
  return db
    .selectFrom('agreement as a')
    .selectAll('a')
    .select((eb) => [
      jsonArrayFrom(
        eb
          .selectFrom('agreement_supplier as l')
          .innerJoin('supplier as s', 's.id', 'l.supplier_id')
          .select(['s.id', 's.name', 's.cvr', 's.town', 'l.call_off_order'])
          .whereRef('l.agreement_id', '=', 'a.id')
          .orderBy('l.call_off_order'),
      ).as('suppliers'),
      jsonArrayFrom(eb.selectFrom('agreement_requirement as r').select('r.requirement_id').whereRef('r.agreement_id', '=', 'a.id').orderBy('r.requirement_id')).as('requirements'),
      jsonArrayFrom(eb.selectFrom('agreement_option as p').select(['p.extends_to', 'p.notice_by', 'p.used']).whereRef('p.agreement_id', '=', 'a.id').orderBy('p.extends_to')).as(
        'options',
      ),
    ]);
}

/** All agreements by title; optionally those that carry one requirement. */
export function agreements(db: Reader, { requirementId }: { requirementId?: string } = {}) {
  let query = agreementsWithAll(db);
  if (requirementId !== undefined) {
    query = query.where(({ exists, selectFrom }) =>
      exists(selectFrom('agreement_requirement as q').select('q.agreement_id').whereRef('q.agreement_id', '=', 'a.id').where('q.requirement_id', '=', requirementId)),
    );
  }
  return query.orderBy('a.title_da').orderBy('a.number').execute();
}

export type Agreement = Awaited<ReturnType<typeof agreements>>[number];

/** Undefined when there is none of that number. */
export function agreementByNumber(db: Reader, number: string): Promise<Agreement | undefined> {
  return agreementsWithAll(db).where('a.number', '=', number).executeTakeFirst();
}
