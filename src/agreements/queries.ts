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

/** Those of some ids, in their order, and after them the first by title of some categories that are in force. One query. */
export async function agreementsAbout(db: Reader, ids: readonly string[], { categories, today, atMost }: { categories: readonly string[]; today: string; atMost: number }) {
  const inForce = sql`select e.agreement_id from register_entry e
    where e.facet_set_id in (select f.id from register_facet_set f where f.category = any (${categories}::text[])) and e.starts_on <= ${today} and e.ends_on >= ${today}
    order by e.title_da, e.agreement_id limit ${atMost}`;
  const rows = await agreementsWithAll(db).where(sql<boolean>`(a.id = any (${ids}::uuid[]) or a.id in (${inForce}))`).orderBy('a.title_da').orderBy('a.id').execute();
  const named = inOrderOf(ids, rows);
  return [...named, ...rows.filter((row) => !named.includes(row))];
}

export type Agreement = Awaited<ReturnType<typeof agreementsAbout>>[number];

/** What a line of a list shows. Those that were withdrawn are not among them. */
function lines(db: Reader) {
  return db
    .selectFrom('agreement as a')
    .select(['a.id', 'a.number', 'a.title_da', 'a.title_en', 'a.summary_da', 'a.summary_en', 'a.kind', 'a.starts_on', 'a.ends_on'])
    .select(
      sql<string[]>`array(select s.name from agreement_supplier l join supplier s on s.id = l.supplier_id where l.agreement_id = a.id order by l.call_off_order)`.as('suppliers'),
    )
    .where('a.withdrawn_at', 'is', null);
}

export type AgreementLine = Awaited<ReturnType<typeof linesOf>>[number];

/** Lines of some ids, in their order; of those only that carry one of some requirements, where any are named. One query. */
export async function linesOf(db: Reader, ids: readonly string[], carrying?: readonly string[]) {
  if (ids.length === 0) return [];
  let query = lines(db).where('a.id', 'in', ids);
  if (carrying) query = query.where('a.id', 'in', (eb) => eb.selectFrom('agreement_requirement as r').select('r.agreement_id').where('r.requirement_id', 'in', carrying));
  return inOrderOf(ids, await query.execute());
}

/** Lines of what one supplier holds, by title. One query. */
export function linesOfSupplier(db: Reader, supplierId: string) {
  return lines(db)
    .where('a.id', 'in', (eb) => eb.selectFrom('agreement_supplier as m').select('m.agreement_id').where('m.supplier_id', '=', supplierId))
    .orderBy('a.title_da')
    .orderBy('a.number')
    .execute();
}

/** Lines of what began in a time, the latest first. One query. */
export function begunBetween(db: Reader, from: string, until: string, atMost: number) {
  return lines(db).where('a.starts_on', '>=', from).where('a.starts_on', '<=', until).orderBy('a.starts_on', 'desc').orderBy('a.number').limit(atMost).execute();
}

function inOrderOf<Row extends { readonly id: string }>(ids: readonly string[], rows: readonly Row[]): Row[] {
  const byId = new Map(rows.map((row) => [row.id, row]));
  return ids.flatMap((id) => byId.get(id) ?? []);
}

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

/** When the agreement of a number was withdrawn; undefined when it was not, or there is none. */
export async function withdrawnAt(db: Reader, number: string): Promise<Date | undefined> {
  return (await db.selectFrom('agreement').select('withdrawn_at').where('number', '=', number).executeTakeFirst())?.withdrawn_at ?? undefined;
}

/** Suppliers with a public agreement, as `s`. */
export function publicSuppliers(db: Reader) {
  return db
    .selectFrom('supplier as s')
    .where(({ exists, selectFrom }) =>
      exists(
        selectFrom('agreement_supplier as l')
          .innerJoin('agreement as a', 'a.id', 'l.agreement_id')
          .select('l.agreement_id')
          .whereRef('l.supplier_id', '=', 's.id')
          .where('a.withdrawn_at', 'is', null),
      ),
    );
}

/** A supplier with a public agreement, by its CVR number. */
export function supplierByCvr(db: Reader, cvr: string) {
  return publicSuppliers(db).select(['s.id', 's.cvr', 's.name', 's.town', 's.is_example']).where('s.cvr', '=', cvr).executeTakeFirst();
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
