import { sql } from 'kysely';
import type { Db } from '../../platform/db.ts';
import { type EndingAgreement, leadMonths, monthsKept, type PlannedTender, quartersShown } from './forecast.ts';
import { firstDayOf, monthsFrom, quarterOf, quartersFrom } from './quarter.ts';

/** So many agreements at most of those that end in the same quarter: on the page, and in the table. */
export const mostOnPage = 30;
export const mostInTable = 300;
const mostTenders = 500;

export interface PlanRows {
  readonly agreements: readonly EndingAgreement[];
  readonly tenders: readonly PlannedTender[];
  /** There are more than these. */
  readonly more: boolean;
}

/**
 * Agreements that can give an estimate, and tenders that are planned; of all goods or of one category. What is replaced,
 * succeeded or long gone is left out here already, so that it does not count among the most. However large the
 * register, each quarter's first are read by an index. Two queries.
 */
export async function planRows(db: Db, today: string, category: string | null = null, most = mostOnPage): Promise<PlanRows> {
  const { rows: agreements } = await sql<EndingAgreement & { place: number }>`
    select found.* from jsonb_to_recordset(${JSON.stringify(endingIn(today))}::jsonb) as span (since date, before date)
    cross join lateral (
      select a.number, a.title_da, a.title_en, a.category, a.kind, a.procedure, a.ends_on, a.estimated_value_ore as value_ore, a.value_band, false as succeeded,
        coalesce((select jsonb_agg(jsonb_build_object('extends_to', p.extends_to, 'notice_by', p.notice_by, 'used', p.used) order by p.extends_to)
          from agreement_option p where p.agreement_id = a.id), '[]') as options, row_number() over (order by e.ends_on, e.agreement_id)::int as place
      from register_entry e join agreement a on a.id = e.agreement_id
      where e.ends_on >= span.since and e.ends_on < span.before and (${category}::text is null or e.category = ${category})
        and (a.kind not in ('ski', 'joint-purchase') or e.ends_on >= ${today})
        and not exists (select from tender t where t.replaces_number = a.number and not t.is_cancelled)
        and not exists (select from agreement next where next.predecessor = a.number and next.withdrawn_at is null)
      order by e.ends_on, e.agreement_id limit ${most + 1}) found
    order by found.ends_on, found.place`.execute(db);
  let planned = db
    .selectFrom('tender')
    .select(['id', 'title_da', 'title_en', 'category', 'procedure', 'value_ore', 'closes_at', 'expected_quarter', 'is_cancelled', 'awarded_on', 'replaces_number'])
    .where('closes_at', 'is', null)
    .where('awarded_on', 'is', null)
    .where('is_cancelled', '=', false)
    .orderBy('expected_quarter')
    .orderBy('id')
    .limit(mostTenders + 1);
  if (category !== null) planned = planned.where('category', '=', category);
  const tenders = await planned.execute();
  return {
    agreements: agreements.filter(({ place }) => place <= most),
    tenders: tenders.slice(0, mostTenders),
    more: agreements.some(({ place }) => place > most) || tenders.length > mostTenders,
  };
}

/** The quarters in which an agreement can end whose notice is shown. */
function endingIn(today: string): { since: string; before: string }[] {
  const earliest = monthsFrom(`${today.slice(0, 4)}-Q1`, Number(today.slice(5, 7)) - 1 - monthsKept);
  const end = monthsFrom(quarterOf(today), quartersShown * 3 + Math.max(...Object.values(leadMonths)));
  const edges = quartersFrom(quarterOf(earliest), quartersShown * 3)
    .map(firstDayOf)
    .filter((day) => day > earliest && day < end);
  const sides = [earliest, ...edges, end];
  return edges.concat(end).map((before, index) => ({ since: sides[index] ?? earliest, before }));
}
