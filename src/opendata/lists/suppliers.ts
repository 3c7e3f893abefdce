import { sql } from 'kysely';
import { pathTo } from '../../i18n/routes.ts';
import { several } from './agreements.ts';
import { openList } from './list.ts';
import { supplierItem } from './schemas.ts';

/** Suppliers with an agreement on the site, by CVR number. */
export const supplierList = openList({
  name: 'suppliers',
  schema: supplierItem,
  keyOf: ({ cvr }) => cvr,
  async read({ db, siteUrl }, after, limit) {
    const { rows } = await sql<{ cvr: string; name: string; town: string; agreements: string[] }>`
      select s.cvr, s.name, coalesce(s.town, '') as town, h.agreements
      from supplier s
      join lateral (select array_agg(a.number order by a.number) as agreements from agreement_supplier l join agreement a on a.id = l.agreement_id
        where l.supplier_id = s.id and a.withdrawn_at is null) h on h.agreements is not null
      where s.cvr > ${after ?? ''} order by s.cvr limit ${limit}`.execute(db);
    return rows.map((row) => ({ ...row, url: new URL(pathTo('supplier', 'da', { cvr: row.cvr }), siteUrl).href }));
  },
  sheet: 'Leverandører',
  columns: [
    ['CVR-nummer', ({ cvr }) => cvr],
    ['Navn', ({ name }) => name],
    ['By', ({ town }) => town],
    ['Antal aftaler', ({ agreements }) => agreements.length],
    ['Aftaler', ({ agreements }) => several(agreements)],
    ['Adresse på siden', ({ url }) => url],
  ],
});
