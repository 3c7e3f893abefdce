import { jsonArrayFrom } from 'kysely/helpers/postgres';
import type { Reader } from '../platform/db.ts';

const listColumns = [
  'a.id',
  'a.number',
  'a.kind',
  'a.title_da',
  'a.title_en',
  'a.summary_da',
  'a.summary_en',
  'a.starts_on',
  'a.ends_on',
  'a.mandatory',
  'a.is_example',
  'a.updated_at',
] as const;

/** Agreements by title, with suppliers and the requirements they carry; optionally those that carry one requirement. One query. */
export function agreements(db: Reader, { requirementId }: { requirementId?: string } = {}) {
  return db
    .selectFrom('agreement as a')
    .select(listColumns)
    .select((eb) => [
      jsonArrayFrom(
        eb
          .selectFrom('agreement_supplier as l')
          .innerJoin('supplier as s', 's.id', 'l.supplier_id')
          .select(['s.name', 's.cvr'])
          .whereRef('l.agreement_id', '=', 'a.id')
          .orderBy('l.call_off_order'),
      ).as('suppliers'),
      jsonArrayFrom(eb.selectFrom('agreement_requirement as r').select('r.requirement_id').whereRef('r.agreement_id', '=', 'a.id').orderBy('r.requirement_id')).as('requirements'),
      jsonArrayFrom(eb.selectFrom('agreement_option as p').select(['p.extends_to', 'p.notice_by', 'p.used_at']).whereRef('p.agreement_id', '=', 'a.id').orderBy('p.extends_to')).as(
        'options',
      ),
    ])
    .$if(requirementId !== undefined, (query) =>
      query.where((eb) =>
        eb.exists(
          eb
            .selectFrom('agreement_requirement as q')
            .select('q.agreement_id')
            .whereRef('q.agreement_id', '=', 'a.id')
            .where('q.requirement_id', '=', requirementId ?? ''),
        ),
      ),
    )
    .orderBy('a.title_da')
    .orderBy('a.number')
    .execute();
}

export type AgreementRow = Awaited<ReturnType<typeof agreements>>[number];

/** One agreement with all that is public about it; undefined when there is none of that number. One query. */
export function agreementByNumber(db: Reader, number: string) {
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
      jsonArrayFrom(eb.selectFrom('agreement_option as p').select(['p.extends_to', 'p.notice_by', 'p.used_at']).whereRef('p.agreement_id', '=', 'a.id').orderBy('p.extends_to')).as(
        'options',
      ),
    ])
    .where('a.number', '=', number)
    .executeTakeFirst();
}

export type WholeAgreement = NonNullable<Awaited<ReturnType<typeof agreementByNumber>>>;

/** How many agreements are in force. One query. */
export function agreementFigures(db: Reader, today: string) {
  return db
    .selectFrom('agreement')
    .select((eb) => eb.fn.countAll<number>().as('active'))
    .where('starts_on', '<=', today)
    .where('ends_on', '>=', today)
    .executeTakeFirstOrThrow();
}
