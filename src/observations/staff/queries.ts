import { sql } from 'kysely';
import type { Actor } from '../../identity/actor.ts';
import { asAccount, type Db } from '../../platform/db.ts';
import type { Indicator } from '../indicator.ts';
import type { SumRow } from '../sums.ts';

/** What everything adds up to, by year; for staff who read cases. */
export async function allSums(db: Db, actor: Actor): Promise<SumRow[]> {
  const rows = await asAccount(db, actor.accountId, (tx) =>
    sql<SumRow>`select indicator, type, year, sum(value) as value, sum(deliveries)::integer as deliveries from observation_rollup
      where requirement_id is not null and supplier_id is null and agreement_id is null group by indicator, type, year`.execute(tx),
  );
  return rows.rows;
}

export interface AgreementSum extends SumRow {
  readonly agreement_id: string;
  readonly number: string;
  readonly title_da: string;
  readonly title_en: string;
}

/** Agreements that a table shows. */
export const mostAgreements = 100;

/** The agreements with the largest figures of a year; of a ratio those with most to divide by, each with both parts. */
export async function sumsByAgreement(db: Db, actor: Actor, indicator: Indicator, year: number): Promise<AgreementSum[]> {
  const [largest, other] = indicator.kind === 'ratio' ? [indicator.per, indicator.of] : [indicator.id, null];
  const rows = await asAccount(db, actor.accountId, (tx) =>
    sql<AgreementSum>`
      with top as materialized (
        select agreement_id from observation_rollup where indicator = ${largest} and year = ${year} and agreement_id is not null
        order by value desc, agreement_id limit ${mostAgreements})
      select r.indicator, r.type, r.year, r.value, r.deliveries, a.id as agreement_id, a.number, a.title_da, a.title_en
      from observation_rollup r join agreement a on a.id = r.agreement_id
      where r.agreement_id in (select agreement_id from top) and r.year = ${year} and r.indicator in (${largest}, ${other})`.execute(tx),
  );
  return rows.rows;
}

const agreementsAtOnce = 500;

/** The sums of all agreements, some hundred agreements at a time. */
export async function* everyAgreement(db: Db, actor: Actor): AsyncGenerator<AgreementSum[]> {
  for (let after = ''; ; ) {
    const { rows } = await asAccount(db, actor.accountId, (tx) =>
      sql<AgreementSum>`
        select r.indicator, r.type, r.year, r.value, r.deliveries, a.id as agreement_id, a.number, a.title_da, a.title_en
        from (select id, number, title_da, title_en from agreement a
              where number > ${after} and exists (select from observation_rollup r where r.agreement_id = a.id) order by number limit ${agreementsAtOnce}) a
        join observation_rollup r on r.agreement_id = a.id order by a.number`.execute(tx),
    );
    const last = rows.at(-1);
    if (!last) return;
    yield rows;
    after = last.number;
  }
}
