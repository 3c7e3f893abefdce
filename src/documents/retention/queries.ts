import { sql } from 'kysely';
import { type Actor, mayReadCases } from '../../identity/actor.ts';
import { dateOf } from '../../platform/clock.ts';
import { asAccount, type Db, type Tx } from '../../platform/db.ts';
import { type CommonRefusal, Refusal } from '../../platform/refusal.ts';
import { effectiveFrom } from './effect.ts';
import { type Retention, rulesOf } from './schedule.ts';

/** How far ahead the page counts, and how far it names each thing. */
export const monthsCounted = 24;
export const monthsNamed = 3;
/** More than this are counted, not named. */
const mostNamed = 200;
const mostErased = 50;

/** Everything on the page of retention, for staff who read cases. Eight queries. */
export function retentionFor(db: Db, actor: Actor, retention: Retention, now: Date) {
  if (!mayReadCases(actor)) throw new Refusal<CommonRefusal>('not-allowed');
  const [rules, today] = [rulesOf(retention), dateOf(now)];
  return asAccount(db, actor.accountId, async (tx) => {
    const from = await effectiveFrom(tx, rules, now);
    const newRulesFrom = from > today ? from : null;
    // What is due on a day that has passed goes today, or when the rules begin to hold.
    const first = newRulesFrom ?? today;
    return {
      /** The day on which rules that were changed begin to hold; null when they hold already. */
      newRulesFrom,
      months: await countsByMonth(tx, rules, today, first),
      soon: await named(tx, rules, today, first),
      holds: await holds(tx),
      erased: await erased(tx),
      store: await storeState(tx),
    };
  });
}

export type RetentionOverview = Awaited<ReturnType<typeof retentionFor>>;

/** How many things of each class go in each month, what is late in this one; `waiting` would go and may not. */
async function countsByMonth(tx: Tx, rules: string, today: string, first: string) {
  const { rows } = await sql<{ month: string; class: string; going: number; waiting: number }>`
    select to_char(greatest(due_on, ${first}::date), 'YYYY-MM') as month, class, count(*) filter (where waits is null) as going, count(waits) as waiting
    from retention_plan(${rules}::jsonb) where greatest(due_on, ${first}::date) < ${today}::date + make_interval(months => ${monthsCounted})
    group by month, class order by month, class`.execute(tx);
  return rows;
}

/** What goes within the next months, the first to go on top. Of drafts only whose and for what: they are the supplier's own. */
async function named(tx: Tx, rules: string, today: string, first: string) {
  const { rows } = await sql<{
    class: string;
    covers: string;
    subject_id: string;
    due_on: string;
    waits: 'hold' | 'case' | null;
    agreement: string | null;
    title_da: string | null;
    title_en: string | null;
    supplier: string;
    type: string | null;
    period: string | null;
    lot: string | null;
    obligation_id: string | null;
    names: string[] | null;
    total: number;
  }>`
    select p.class, p.covers, p.subject_id, greatest(p.due_on, ${first}::date) as due_on, p.waits, a.number as agreement, a.title_da, a.title_en, s.name as supplier,
      coalesce(o.type, e.type) as type, o.period, o.lot, o.id as obligation_id, count(*) over () as total,
      case p.covers when 'filed' then array(select d.name from document d where d.submission_id = p.subject_id and d.erased_at is null order by d.stored_at, d.name)
                    when 'library' then array[v.name] end as names
    from retention_plan(${rules}::jsonb) p
      join supplier s on s.id = p.supplier_id
      left join agreement a on a.id = p.agreement_id
      left join submission m on m.id = p.subject_id and p.covers = 'filed'
      left join obligation o on o.id = coalesce(m.obligation_id, case when p.covers = 'drafts' then p.subject_id end)
      left join evidence_version v on v.id = p.subject_id and p.covers = 'library'
      left join evidence e on e.id = v.evidence_id
    where p.covers <> 'readings' and greatest(p.due_on, ${first}::date) < ${today}::date + make_interval(months => ${monthsNamed})
    order by p.due_on, s.name, p.subject_id limit ${mostNamed}`.execute(tx);
  return rows;
}

function holds(tx: Tx) {
  return tx
    .selectFrom('legal_hold as h')
    .leftJoin('agreement as a', 'a.id', 'h.agreement_id')
    .leftJoin('supplier as s', 's.id', 'h.supplier_id')
    .select(['h.id', 'h.reason', 'h.set_at', 'h.set_by_name', 'h.lifted_at', 'h.lifted_by_name', 'h.lifted_reason'])
    .select(['a.number as agreement', 'a.title_da', 'a.title_en', 's.name as supplier', 's.cvr'])
    .orderBy('h.lifted_at', (order) => order.desc().nullsFirst())
    .orderBy('h.set_at', 'desc')
    .limit(100)
    .execute();
}

/** What was erased last, each with the entry of the audit log and what has become of its bytes. */
function erased(tx: Tx) {
  return tx
    .selectFrom('erasure as e')
    .leftJoin('agreement as a', 'a.id', 'e.agreement_id')
    .leftJoin('supplier as s', 's.id', 'e.supplier_id')
    .leftJoin('held_file as h', 'h.sha256', 'e.sha256')
    .leftJoin('document as d', (join) => join.onRef('d.id', '=', 'e.subject_id').on('e.subject', '=', 'document'))
    .leftJoin('submission as m', (join) => join.onRef('m.id', '=', 'e.subject_id').on('e.subject', '=', 'answers'))
    .leftJoin('evidence_version as v', (join) => join.onRef('v.id', '=', 'e.subject_id').on('e.subject', '=', 'evidence'))
    .leftJoin('evidence as l', 'l.id', 'v.evidence_id')
    .leftJoin('obligation as o', (join) =>
      join.on((eb) => eb('o.id', '=', eb.fn.coalesce('d.obligation_id', 'm.obligation_id', eb.case().when('e.subject', '=', 'draft').then(eb.ref('e.subject_id')).end()))),
    )
    .select(['e.id', 'e.class', 'e.subject', 'e.sha256', 'e.kind', 'e.size_bytes', 'e.count', 'e.due_on', 'e.erased_at', 'e.audit_seq'])
    .select(['a.number as agreement', 's.name as supplier', 'h.removed_at', 'o.period'])
    .select((eb) => eb.fn.coalesce('o.type', 'l.type').as('type'))
    .orderBy('e.erased_at', 'desc')
    .orderBy('e.audit_seq', 'desc')
    .limit(mostErased)
    .execute();
}

/** What the last look at the store found, and the files that have a fault now, with what they belong to. */
async function storeState(tx: Tx) {
  const last = await tx.selectFrom('store_check').selectAll().orderBy('id', 'desc').limit(1).executeTakeFirst();
  const { rows: faults } = await sql<{
    sha256: string;
    fault: 'missing' | 'damaged';
    fault_at: Date;
    files: { name: string; supplier: string; agreement: string | null; submission: boolean; obligation: string }[] | null;
  }>`
    select h.sha256, h.fault, h.fault_at, (
      select jsonb_agg(jsonb_build_object('name', d.name, 'supplier', s.name, 'agreement', a.number, 'submission', d.submission_id is not null, 'obligation', d.obligation_id) order by d.stored_at)
      from document d join obligation o on o.id = d.obligation_id join agreement a on a.id = o.agreement_id join supplier s on s.id = d.supplier_id
      where d.sha256 = h.sha256 and d.erased_at is null and d.submission_id is not null) as files
    from held_file h where h.fault is not null order by h.fault_at limit 100`.execute(tx);
  return { last, faults };
}
