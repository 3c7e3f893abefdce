import { sql } from 'kysely';
import type { Db } from '../../platform/db.ts';

/** How many obligations there are under what is public, and how many of them are documented. One query. */
export async function publicFigures(db: Db): Promise<{ readonly asked: number; readonly documented: number }> {
  const { rows } = await sql<{ asked: number; documented: number }>`
    select count(*) as asked, count(*) filter (where s.state = 'accepted') as documented
    from public_standing(null, null) s join agreement a on a.id = s.agreement_id where a.withdrawn_at is null`.execute(db);
  return rows[0] ?? { asked: 0, documented: 0 };
}

interface Asked {
  readonly agreementId?: string | null;
  readonly requirementId?: string | null;
  readonly supplierId?: string | null;
  /** Only what was decided since the first day, or is due from `today` until the last. */
  readonly near?: { readonly since: string; readonly today: string; readonly until: string } | null;
}

/** What everyone may know about the follow-up of an agreement, a requirement or a supplier: one row per obligation, by deadline. */
export async function publicStandings(db: Db, { agreementId = null, requirementId = null, supplierId = null, near = null }: Asked) {
  const { rows } = await sql<PublicStandingRow>`
    select s.agreement_id, a.number, a.title_da, a.title_en, s.supplier_id, p.name as supplier_name, s.requirement_id, s.type, s.period, s.lot, s.state,
           to_char(s.due_on, 'YYYY-MM-DD') as due_on, s.decided_at
    from public_standing(${agreementId}::uuid, ${requirementId}) s join supplier p on p.id = s.supplier_id
    join agreement a on a.id = s.agreement_id
    where (${supplierId}::uuid is null or s.supplier_id = ${supplierId}::uuid) and a.withdrawn_at is null
      and (${near === null} or s.decided_at >= ${near?.since ?? null}::date - 1 or s.due_on between ${near?.today ?? null}::date and ${near?.until ?? null}::date)`.execute(db);
  return rows;
}

export interface PublicStandingRow {
  agreement_id: string;
  number: string;
  title_da: string;
  title_en: string;
  supplier_id: string;
  supplier_name: string;
  requirement_id: string;
  type: string;
  period: string | null;
  lot: string | null;
  state: string;
  due_on: string;
  decided_at: Date | null;
}
