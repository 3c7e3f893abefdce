import { jsonArrayFrom } from 'kysely/helpers/postgres';
import type { Reader } from '../platform/db.ts';

/** What the sender says the return is of; each switches on the rules that need it. */
export interface Asked {
  readonly supplier?: string | undefined;
  readonly agreement?: string | undefined;
  /** Such as 2026-Q3. */
  readonly period?: string | undefined;
}

/** What the register knows that a return is held against. */
export interface RegisterFacts {
  /** Null while the table of CPV codes has not been brought in. */
  readonly cpvCodes: ReadonlySet<string> | null;
  /** The agreement that was asked about; null when none was, or the register has none of that number. */
  readonly agreement: { readonly from: string; readonly to: string; readonly suppliers: readonly string[] } | null;
}

export async function registerFacts(db: Reader, { agreement }: Asked): Promise<RegisterFacts> {
  const rows = await db.selectFrom('cpv_code').select('code').execute();
  const cpvCodes = rows.length > 0 ? new Set(rows.map(({ code }) => code)) : null;
  if (agreement === undefined) return { cpvCodes, agreement: null };
  const found = await db
    .selectFrom('agreement as a')
    .select((eb) => [
      'a.starts_on',
      'a.ends_on',
      jsonArrayFrom(eb.selectFrom('agreement_option as o').select('o.extends_to').whereRef('o.agreement_id', '=', 'a.id').where('o.used', '=', true)).as('options'),
      jsonArrayFrom(eb.selectFrom('agreement_supplier as l').innerJoin('supplier as s', 's.id', 'l.supplier_id').select('s.cvr').whereRef('l.agreement_id', '=', 'a.id')).as(
        'suppliers',
      ),
    ])
    .where('a.number', '=', agreement)
    .where('a.withdrawn_at', 'is', null)
    .executeTakeFirst();
  if (!found) return { cpvCodes, agreement: null };
  const to = [found.ends_on, ...found.options.map(({ extends_to }) => extends_to)].sort().at(-1) ?? found.ends_on;
  return { cpvCodes, agreement: { from: found.starts_on, to, suppliers: found.suppliers.map(({ cvr }) => cvr) } };
}
