import { sql } from 'kysely';
import type { Db } from '../../platform/db.ts';
import { type Openness, opennessOf } from '../keep.ts';
import type { SumRow } from '../sums.ts';

/** What the content says of the types today. Figures that were kept as more open than that, or as less, are shown when they have been kept anew. */
type Types = ReadonlyMap<string, { readonly visibility: string }>;

const opennessNow = (types: Types, type: string): Openness => opennessOf(types.get(type)?.visibility ?? 'confidential');

export interface ResultRow extends SumRow {
  readonly requirement_id: string;
  readonly last_period: string;
  readonly accepted_at: Date;
}

/** The figures of an agreement that everyone may see, by year and requirement. */
export async function publicResults(db: Db, types: Types, agreementId: string): Promise<ResultRow[]> {
  const { rows } = await sql<ResultRow>`select * from public_results(${agreementId})`.execute(db);
  return rows.filter(({ type }) => opennessNow(types, type) === 'agreement');
}

export interface PublicSum extends SumRow {
  readonly requirement_id: string;
  readonly openness: Openness;
}

/** What requirements add up to over all agreements, by year; null where it is kept back since fewer than three suppliers are behind it. */
export async function publicSums(db: Db, types: Types, requirementIds: readonly string[]): Promise<PublicSum[]> {
  if (requirementIds.length === 0) return [];
  const { rows } = await sql<PublicSum>`select * from public_sums(${[...requirementIds]}::text[])`.execute(db);
  return rows.filter(({ type, openness }) => opennessNow(types, type) === openness);
}
