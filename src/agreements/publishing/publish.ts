import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { audit } from '../../platform/audit.ts';
import type { Db, Tx } from '../../platform/db.ts';
import type { Catalogue } from '../catalogue.ts';
import { type AgreementContent, canonical } from '../content.ts';
import { write } from './write.ts';

export interface Publication {
  readonly catalogue: Catalogue;
  readonly now: Date;
  /** The account that publishes; null for a command. */
  readonly by: string | null;
  readonly note?: string;
  readonly isExample?: boolean;
  /** Looks up what words are made of, while the transaction is busy; without it the transaction does. */
  readonly reader?: Db;
  /** The ids of the demonstration are the same each time; others are made. */
  readonly idOf?: (number: string) => string;
}

export interface Published {
  readonly created: readonly string[];
  readonly changed: readonly string[];
  readonly unchanged: number;
  /** What has a new version: that, and what was published before; null for what is new. */
  readonly versions: readonly { readonly number: string; readonly version: number; readonly before: AgreementContent | null }[];
}

/** An agreement as the database has it: its last version, null when it was never published. */
export interface Known {
  readonly id: string;
  readonly number: string;
  readonly withdrawn_at: Date | null;
  readonly version: number | null;
  readonly content: unknown;
}

export async function knownAgreements(db: Db, numbers: readonly string[]): Promise<ReadonlyMap<string, Known>> {
  const { rows } = await sql<Known>`
    select a.id, a.number, a.withdrawn_at, v.number as version, v.content
    from agreement a left join lateral (select number, content from agreement_version v where v.agreement_id = a.id order by v.number desc limit 1) v on true
    where a.number = any (${numbers}::text[])`.execute(db);
  return new Map(rows.map((row) => [row.number, row]));
}

/**
 * Publishes agreements, new and changed, matched by number: tables, version and register in the caller's transaction.
 * What is as it was is left alone. A few statements however many there are; give at most a thousand at a time.
 * A supplier that has been asked for documentation under an agreement cannot be taken off it: the database refuses (23503);
 * and so it does when `known` was read and somebody else has published since (23505).
 */
export async function publishAgreements(tx: Tx, contents: readonly AgreementContent[], publication: Publication, known?: ReadonlyMap<string, Known>): Promise<Published> {
  const numbers = contents.map(({ number }) => number);
  const before = known ?? (await knownAgreements(tx, numbers));
  const fresh = contents.filter((content) => {
    const row = before.get(content.number);
    return !row?.content || row.withdrawn_at !== null || canonical(row.content) !== JSON.stringify(content);
  });
  const rows = fresh.map((content) => ({
    id: before.get(content.number)?.id ?? publication.idOf?.(content.number) ?? randomUUID(),
    version: (before.get(content.number)?.version ?? 0) + 1,
    content,
  }));
  if (rows.length > 0) await write(tx, rows, publication);
  const back = rows.filter(({ content }) => before.get(content.number)?.withdrawn_at).map(({ id }) => id);
  if (back.length > 0) await sql`select recount_standing(${back}::uuid[])`.execute(tx);

  const isNew = (number: string): boolean => !before.has(number);
  const created = fresh.map(({ number }) => number).filter(isNew);
  const changed = fresh.map(({ number }) => number).filter((number) => !isNew(number));
  for (const number of contents.length === 1 ? [...created, ...changed] : [])
    await audit(tx, 'agreement.published', number, { version: rows[0]?.version ?? 0, ...(publication.note && { note: publication.note }) });
  return {
    created,
    changed,
    unchanged: contents.length - fresh.length,
    versions: rows.map(({ content: { number }, version }) => ({ number, version, before: (before.get(number)?.content as AgreementContent | null | undefined) ?? null })),
  };
}

/**
 * What the database refused of a publication: 'overtaken', when somebody else has the number or that of the next version, or
 * waits for us as we do for them; 'asked', when a supplier that was asked for documentation would be taken off. Null: something else.
 */
export function refusedBecause(error: unknown): 'overtaken' | 'asked' | null {
  const { code, constraint } = error as { code?: string; constraint?: string };
  const isTaken = code === '23505' && (constraint === 'agreement_number_key' || constraint === 'agreement_version_agreement_id_number_key');
  if (isTaken || code === '40P01') return 'overtaken';
  return code === '23503' && constraint === 'obligation_agreement_id_supplier_id_fkey' ? 'asked' : null;
}

/** Takes agreements off the site. What was filed under them stays, and so do all versions. */
export async function withdrawAgreements(tx: Tx, numbers: readonly string[], { now, by, note = '' }: Pick<Publication, 'now' | 'by' | 'note'>): Promise<void> {
  const { rows } = await sql<{
    id: string;
  }>`update agreement set withdrawn_at = ${now}, updated_at = ${now} where number = any (${numbers}::text[]) and withdrawn_at is null returning id`.execute(tx);
  const ids = rows.map(({ id }) => id);
  await sql`delete from register_entry where agreement_id = any (${ids}::uuid[])`.execute(tx);
  await sql`
    insert into agreement_version (agreement_id, number, event, content, note, published_at, published_by)
    select distinct on (v.agreement_id) v.agreement_id, v.number + 1, 'withdrawn', v.content, ${note}, ${now}, ${by}
    from agreement_version v where v.agreement_id = any (${ids}::uuid[]) order by v.agreement_id, v.number desc`.execute(tx);
  for (const number of numbers.length === 1 ? numbers : []) await audit(tx, 'agreement.withdrawn', number);
}
