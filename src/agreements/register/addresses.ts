import { sql } from 'kysely';
import type { Reader } from '../../platform/db.ts';
import { publicSuppliers } from '../queries.ts';

/** Agreements, or suppliers, in one part of a long sitemap. */
const mostInPart = 10_000;

/** Where each part of the agreements begins, by number, and each part of the suppliers, by CVR number. Two queries. */
export async function partsOf(db: Reader): Promise<{ readonly agreements: readonly string[]; readonly suppliers: readonly string[] }> {
  const begins = sql<number>`(row_number() over (order by key) - 1) % ${mostInPart}`;
  const agreements = db.selectFrom((eb) => eb.selectFrom('register_entry').select(['number as key']).as('e')).select(['key', begins.as('at')]);
  const suppliers = db.selectFrom(publicSuppliers(db).select('s.cvr as key').as('e')).select(['key', begins.as('at')]);
  const first = async (rows: typeof agreements): Promise<string[]> =>
    (await db.selectFrom(rows.as('r')).select('key').where('at', '=', 0).orderBy('key').execute()).map(({ key }) => key);
  return { agreements: await first(agreements), suppliers: await first(suppliers) };
}

/** One part: public agreements from a number on, with when they last changed. One query. */
export function agreementAddresses(db: Reader, from: string) {
  return db.selectFrom('agreement').select(['number', 'updated_at']).where('withdrawn_at', 'is', null).where('number', '>=', from).orderBy('number').limit(mostInPart).execute();
}

/** One part: suppliers with a public agreement from a CVR number on. One query. */
export function supplierAddresses(db: Reader, from: string) {
  return publicSuppliers(db).select('s.cvr').where('s.cvr', '>=', from).orderBy('s.cvr').limit(mostInPart).execute();
}
