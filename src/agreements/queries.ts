import { sql } from 'kysely';
import { jsonArrayFrom } from 'kysely/helpers/postgres';
import type { Reader } from '../platform/db.ts';

/** Agreements with suppliers in call-off order, requirements and options. One query however many. Those that were withdrawn are not among them. */
function agreementsWithAll(db: Reader) {
  return db
    .selectFrom('agreement as a')
    .selectAll('a')
    .where('a.withdrawn_at', 'is', null)
    .select((eb) => [
      jsonArrayFrom(
        eb
          .selectFrom('agreement_supplier as l')
          .innerJoin('supplier as s', 's.id', 'l.supplier_id')
          .select(['s.id', 's.name', 's.cvr', 's.town', 'l.call_off_order', 'l.consortium'])
          .whereRef('l.agreement_id', '=', 'a.id')
          .orderBy('l.call_off_order'),
      ).as('suppliers'),
      jsonArrayFrom(eb.selectFrom('agreement_requirement as r').select('r.requirement_id').whereRef('r.agreement_id', '=', 'a.id').orderBy('r.requirement_id')).as('requirements'),
      jsonArrayFrom(eb.selectFrom('agreement_option as p').select(['p.extends_to', 'p.notice_by', 'p.used']).whereRef('p.agreement_id', '=', 'a.id').orderBy('p.extends_to')).as(
        'options',
      ),
    ]);
}

/** All agreements by title; optionally those that carry one requirement, are held by one supplier, or have one of some ids. */
export function agreements(db: Reader, { requirementId, supplierId, ids }: { requirementId?: string; supplierId?: string; ids?: readonly string[] } = {}) {
  let query = agreementsWithAll(db);
  if (requirementId !== undefined) {
    query = query.where(({ exists, selectFrom }) =>
      exists(selectFrom('agreement_requirement as q').select('q.agreement_id').whereRef('q.agreement_id', '=', 'a.id').where('q.requirement_id', '=', requirementId)),
    );
  }
  if (supplierId !== undefined) {
    query = query.where(({ exists, selectFrom }) =>
      exists(selectFrom('agreement_supplier as m').select('m.agreement_id').whereRef('m.agreement_id', '=', 'a.id').where('m.supplier_id', '=', supplierId)),
    );
  }
  if (ids) query = query.where('a.id', 'in', ids.length > 0 ? ids : ['00000000-0000-0000-0000-000000000000']);
  return query.orderBy('a.title_da').orderBy('a.number').execute();
}

export type Agreement = Awaited<ReturnType<typeof agreements>>[number];

/** One agreement with all that is public about it. Undefined when there is none of that number. One query. */
export function agreementByNumber(db: Reader, number: string) {
  return agreementsWithAll(db)
    .where('a.number', '=', number)
    .select((eb) => [
      jsonArrayFrom(
        eb
          .selectFrom('agreement_lot as lot')
          .select((inner) => [
            'lot.number',
            'lot.title_da',
            'lot.title_en',
            jsonArrayFrom(
              inner
                .selectFrom('agreement_lot_supplier as ls')
                .innerJoin('supplier as s', 's.id', 'ls.supplier_id')
                .select(['s.name', 's.cvr', 'ls.call_off_order'])
                .whereRef('ls.agreement_id', '=', 'lot.agreement_id')
                .whereRef('ls.lot_number', '=', 'lot.number')
                .orderBy('ls.call_off_order'),
            ).as('suppliers'),
          ])
          .whereRef('lot.agreement_id', '=', 'a.id')
          .orderBy('lot.number'),
      ).as('lots'),
      jsonArrayFrom(eb.selectFrom('agreement_notice as n').select(['n.system', 'n.reference', 'n.url']).whereRef('n.agreement_id', '=', 'a.id').orderBy('n.reference')).as(
        'notices',
      ),
      jsonArrayFrom(eb.selectFrom('agreement_document as d').selectAll('d').whereRef('d.agreement_id', '=', 'a.id').orderBy('d.place')).as('documents'),
      jsonArrayFrom(eb.selectFrom('agreement_change as c').selectAll('c').whereRef('c.agreement_id', '=', 'a.id').orderBy('c.changed_on')).as('changes'),
      jsonArrayFrom(
        eb.selectFrom('agreement_version as v').select(['v.number', 'v.event', 'v.note', 'v.published_at']).whereRef('v.agreement_id', '=', 'a.id').orderBy('v.number', 'desc'),
      ).as('versions'),
      jsonArrayFrom(
        eb
          .selectFrom('agreement as next')
          .select(['next.number', 'next.title_da', 'next.title_en'])
          .whereRef('next.predecessor', '=', 'a.number')
          .where('next.withdrawn_at', 'is', null),
      ).as('successors'),
      jsonArrayFrom(
        eb.selectFrom('agreement as old').select(['old.number', 'old.title_da', 'old.title_en']).whereRef('old.number', '=', 'a.predecessor').where('old.withdrawn_at', 'is', null),
      ).as('predecessors'),
    ])
    .executeTakeFirst();
}

export type WholeAgreement = NonNullable<Awaited<ReturnType<typeof agreementByNumber>>>;

/** A supplier with a public agreement, by its CVR number. */
export function supplierByCvr(db: Reader, cvr: string) {
  return db
    .selectFrom('supplier as s')
    .select(['s.id', 's.cvr', 's.name', 's.town', 's.is_example'])
    .where('s.cvr', '=', cvr)
    .where(({ exists, selectFrom }) =>
      exists(
        selectFrom('agreement_supplier as l')
          .innerJoin('agreement as a', 'a.id', 'l.agreement_id')
          .select('l.agreement_id')
          .whereRef('l.supplier_id', '=', 's.id')
          .where('a.withdrawn_at', 'is', null),
      ),
    )
    .executeTakeFirst();
}

/** How many agreements end in each quarter from this one on, for two years. */
export async function endingByQuarter(db: Reader, today: string): Promise<{ quarter: string; count: number }[]> {
  const rows = await db
    .selectFrom('register_entry as e')
    .select((eb) => [sql<string>`to_char(e.ends_on, 'YYYY"-Q"Q')`.as('quarter'), eb.fn.countAll<number>().as('count')])
    .where('e.ends_on', '>=', today)
    .where('e.ends_on', '<', sql<string>`date_trunc('quarter', ${today}::date) + interval '2 years'`)
    .groupBy('quarter')
    .orderBy('quarter')
    .execute();
  const year = Number(today.slice(0, 4));
  const first = Math.floor((Number(today.slice(5, 7)) - 1) / 3);
  return Array.from({ length: 8 }, (_, index) => {
    const quarter = `${year + Math.floor((first + index) / 4)}-Q${((first + index) % 4) + 1}`;
    return { quarter, count: rows.find((row) => row.quarter === quarter)?.count ?? 0 };
  });
}

/** How much has been asked for and documented under each of these agreements, of what everyone may know. */
export async function standingsOf(db: Reader, ids: readonly string[]): Promise<Map<string, { asked: number; documented: number }>> {
  if (ids.length === 0) return new Map();
  const rows = await db.selectFrom('register_entry').select(['agreement_id', 'asked', 'documented']).where('agreement_id', 'in', ids).execute();
  return new Map(rows.map(({ agreement_id, asked, documented }) => [agreement_id, { asked, documented }]));
}

/** The agreement that was published last; undefined in an empty register. One query. */
export function newestAgreement(db: Reader) {
  return db
    .selectFrom('agreement')
    .select(['number', 'title_da', 'title_en', 'summary_da', 'summary_en'])
    .where('withdrawn_at', 'is', null)
    .orderBy('published_at', 'desc')
    .orderBy('number', 'desc')
    .limit(1)
    .executeTakeFirst();
}
