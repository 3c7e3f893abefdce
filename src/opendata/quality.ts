import { sql } from 'kysely';
import { cvrFits } from '../agreements/cvr.ts';
import { publicSuppliers } from '../agreements/queries.ts';
import type { LocalContent } from '../content/content.ts';
import type { Db } from '../platform/db.ts';

export const agreementGaps = ['value', 'english', 'priceList', 'category', 'contact', 'ended', 'requirement'] as const;
export const gaps = [...agreementGaps, 'cpv', 'cvr'] as const;
export type Gap = (typeof gaps)[number];

/** How many of how many lack something. */
export interface GapCount {
  readonly missing: number;
  readonly of: number;
}

/** What our own data lacks, counted in the database at this moment. Three queries. */
export async function dataQuality(db: Db, { categories }: Pick<LocalContent, 'categories'>, today: string): Promise<Record<Gap, GapCount>> {
  const prefixes = categories.flatMap(({ children }) => children.flatMap(({ cpv }) => cpv.map((prefix) => `${prefix}%`)));
  const { rows } = await sql<Record<(typeof agreementGaps)[number] | 'all', number>>`
    select count(*)::int as all,
      count(*) filter (where a.estimated_value_ore is null)::int as value,
      count(*) filter (where a.title_en = '')::int as english,
      count(*) filter (where a.price_list_url is null)::int as "priceList",
      count(*) filter (where a.category is null)::int as category,
      count(*) filter (where a.contact_email is null and a.contact_team_da is null)::int as contact,
      count(*) filter (where a.ends_on < ${today})::int as ended,
      count(*) filter (where not exists (select from agreement_requirement r where r.agreement_id = a.id))::int as requirement
    from agreement a where a.withdrawn_at is null`.execute(db);
  const codes = await sql<GapCount>`
    select count(*) filter (where not c.code like any (${prefixes}::text[]))::int as missing, count(*)::int as of
    from (select distinct u.code from agreement a, unnest(a.cpv) as u (code) where a.withdrawn_at is null) c`.execute(db);
  const suppliers = await publicSuppliers(db).select('s.cvr').execute();
  const counts = rows[0];
  const ofAgreements = Object.fromEntries(agreementGaps.map((gap) => [gap, { missing: counts?.[gap] ?? 0, of: counts?.all ?? 0 }])) as Record<
    (typeof agreementGaps)[number],
    GapCount
  >;
  return {
    ...ofAgreements,
    cpv: codes.rows[0] ?? { missing: 0, of: 0 },
    cvr: { missing: suppliers.filter(({ cvr }) => !cvrFits(cvr)).length, of: suppliers.length },
  };
}
