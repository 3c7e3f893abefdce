import { sql } from 'kysely';
import type { Db, Tx } from '../../platform/db.ts';
import { asColumns } from '../../platform/postgres/columns.ts';
import type { Row } from '../../spreadsheet/read.ts';
import type { AgreementContent } from '../content.ts';
import type { Mapping } from './columns.ts';
import { readCvr } from './values.ts';

/** What suppliers are called, by CVR number: by the lines that were read, else by the site. */
export type Names = Map<string, { readonly name: string; readonly town: string }>;

/** Looks up what the site calls the suppliers of these lines. One query. */
export async function learnNames(db: Db, names: Names, rows: readonly Row[], mapping: Mapping): Promise<void> {
  const cells = rows.flatMap((row) => (row.cells[mapping.supplierCvr ?? -1]?.text ?? '').split(/[|\n]/));
  const cvrs = [...new Set(cells.flatMap((cell) => readCvr(cell) ?? []))].filter((cvr) => !names.has(cvr));
  if (cvrs.length === 0) return;
  const known = await sql<{ cvr: string; name: string; town: string }>`select cvr, name, coalesce(town, '') as town from supplier where cvr = any (${cvrs}::text[])`.execute(db);
  for (const { cvr, ...called } of known.rows) names.set(cvr, called);
}

/** Keeps with an import what suppliers are called before it names them. */
export async function keepNames(tx: Tx, importId: string, contents: readonly AgreementContent[]): Promise<void> {
  const cvrs = [...new Set(contents.flatMap(({ suppliers }) => suppliers.map(({ cvr }) => cvr)))];
  await sql`
    insert into agreement_import_supplier (import_id, cvr, name, town) select ${importId}, cvr, name, town from supplier where cvr = any (${cvrs}::text[])
    on conflict do nothing`.execute(tx);
}

/** Keeps beside them what the import has made of them, and no longer those that it left as they were. */
export async function settleNames(tx: Tx, importId: string): Promise<void> {
  await sql`
    delete from agreement_import_supplier k using supplier s where k.import_id = ${importId} and s.cvr = k.cvr and (s.name, s.town) is not distinct from (k.name, k.town)`.execute(
    tx,
  );
  await sql`update agreement_import_supplier k set made_name = s.name, made_town = s.town from supplier s where k.import_id = ${importId} and s.cvr = k.cvr`.execute(tx);
}

/**
 * Locks the suppliers that undoing an import touches, and resolves to a function that gives them their names when it is done:
 * those from before the import where they are still what it made of them, else those of now, whatever older agreements said.
 */
export async function namesAfter(tx: Tx, importId: string): Promise<() => Promise<void>> {
  const { rows } = await sql<{ cvr: string; name: string; town: string | null }>`
    select s.cvr, case when m.is_made then k.name else s.name end as name, case when m.is_made then k.town else s.town end as town
    from supplier s left join agreement_import_supplier k on k.import_id = ${importId} and k.cvr = s.cvr
    cross join lateral (select k.cvr is not null and (s.name, s.town) is not distinct from (k.made_name, k.made_town) as is_made) m
    where k.cvr is not null or s.cvr in (select x ->> 'cvr' from agreement_import_row r, jsonb_array_elements(r.before -> 'suppliers') x where r.import_id = ${importId})
    order by s.cvr for no key update of s`.execute(tx);
  return async () => {
    await sql`
      update supplier s set name = x.name, town = x.town from ${asColumns(rows, { cvr: 'text', name: 'text', town: 'text' })}
      where s.cvr = x.cvr and (s.name, s.town) is distinct from (x.name, x.town)`.execute(tx);
  };
}
