import { setImmediate } from 'node:timers/promises';
import { type RawBuilder, sql } from 'kysely';
import { sendingAhead, type Tx } from '../../platform/db.ts';
import { asColumns } from '../../platform/postgres/columns.ts';
import type { Catalogue } from '../catalogue.ts';
import { type AgreementContent, allCpv, endOf } from '../content.ts';
import { enterIntoRegister, registerRows } from '../register/entry.ts';
import type { Publication } from './publish.ts';

/** An agreement to be written, and the number of its new version. */
export type Row = { readonly id: string; readonly version: number; readonly content: AgreementContent };

/**
 * Writes agreements, their versions and their entries in the register.
 * The statements wait for each other, not we for them: the database is busy with one while the next is put together.
 */
export async function write(tx: Tx, rows: readonly Row[], publication: Publication): Promise<void> {
  const register = await registerRows(tx, publication.reader ?? tx, rows, publication.catalogue);
  await sendingAhead(async (started) => {
    const send = (statement: RawBuilder<unknown>): void => started(statement.execute(tx));
    await writeTables(rows, publication, send);
    await setImmediate();
    await enterIntoRegister(register, send);
  });
}

async function writeTables(rows: readonly Row[], { catalogue, now, by, note = '', isExample = false }: Publication, send: (statement: RawBuilder<unknown>) => void): Promise<void> {
  // Those that were published before have rows to be replaced.
  const earlier = rows.filter(({ version }) => version > 1).map(({ id }) => id);
  const json = (list: readonly object[]) => sql`${JSON.stringify(list)}::json`;
  const each = <T extends object>(list: (content: AgreementContent, row: Row) => readonly T[]) =>
    rows.flatMap((row) => list(row.content, row).map((entry) => ({ agreement_id: row.id, ...entry })));

  // The last one says what a supplier is called.
  send(sql`
    insert into supplier (cvr, name, town, is_example)
    select distinct on (s.cvr) s.cvr, s.name, s.town, ${isExample} from ${asColumns(
      rows.flatMap(({ content }, place) => content.suppliers.map(({ cvr, name, town }) => ({ cvr, name, town, place }))),
      { cvr: 'text', name: 'text', town: 'text', place: 'integer' },
      's',
    )} order by s.cvr, s.place desc
    on conflict (cvr) do update set name = excluded.name, town = coalesce(nullif(excluded.town, ''), supplier.town)
    where (supplier.name, supplier.town) is distinct from (excluded.name, coalesce(nullif(excluded.town, ''), supplier.town))`);

  send(sql`
    insert into agreement (id, number, kind, kind_of_contract, title_da, title_en, summary_da, summary_en, cpv_main, cpv, starts_on, ends_on, procedure, estimated_value_ore, mandatory,
      coverage_da, coverage_en, ordering_da, ordering_en, not_covered_da, not_covered_en, is_example, updated_at, nuts, value_band, price_list_url, contact_team_da, contact_team_en,
      contact_email, predecessor, category, published_at, withdrawn_at)
    select id, number, kind, kind_of_contract, title_da, title_en, summary_da, summary_en, cpv_main, cpv, starts_on, ends_on, procedure, estimated_value_ore, mandatory,
      coverage_da, coverage_en, ordering_da, ordering_en, not_covered_da, not_covered_en, ${isExample}, ${now}, nuts, value_band, price_list_url, contact_team_da, contact_team_en,
      contact_email, predecessor, category, ${now}, null
    from ${asColumns(
      rows.map((row) => columnsOf(row, catalogue)),
      columnTypes,
    )}
    on conflict (id) do update set kind = excluded.kind, kind_of_contract = excluded.kind_of_contract, title_da = excluded.title_da, title_en = excluded.title_en,
      summary_da = excluded.summary_da, summary_en = excluded.summary_en, cpv_main = excluded.cpv_main, cpv = excluded.cpv, starts_on = excluded.starts_on, ends_on = excluded.ends_on,
      procedure = excluded.procedure, estimated_value_ore = excluded.estimated_value_ore, mandatory = excluded.mandatory, coverage_da = excluded.coverage_da, coverage_en = excluded.coverage_en,
      ordering_da = excluded.ordering_da, ordering_en = excluded.ordering_en, not_covered_da = excluded.not_covered_da, not_covered_en = excluded.not_covered_en,
      updated_at = excluded.updated_at, nuts = excluded.nuts, value_band = excluded.value_band, price_list_url = excluded.price_list_url, contact_team_da = excluded.contact_team_da,
      contact_team_en = excluded.contact_team_en, contact_email = excluded.contact_email, predecessor = excluded.predecessor, category = excluded.category, withdrawn_at = null`);

  await setImmediate(); // What can be sent by now is.
  const suppliers = each(({ suppliers }) => suppliers.map(({ cvr, consortium }, index) => ({ cvr, call_off_order: index + 1, consortium: consortium || null })));
  send(sql`
    with wanted as (select x.agreement_id, (select s.id from supplier s where s.cvr = x.cvr) as supplier_id, x.call_off_order, x.consortium
      from ${asColumns(suppliers, { agreement_id: 'uuid', cvr: 'text', call_off_order: 'integer', consortium: 'text' })}),
    gone as (delete from agreement_supplier l where l.agreement_id = any (${earlier}::uuid[]) and not exists (select from wanted w where (w.agreement_id, w.supplier_id) = (l.agreement_id, l.supplier_id)))
    insert into agreement_supplier (agreement_id, supplier_id, call_off_order, consortium) select * from wanted
    on conflict (agreement_id, supplier_id) do update set call_off_order = excluded.call_off_order, consortium = excluded.consortium`);

  for (const table of ['agreement_option', 'agreement_requirement', 'agreement_lot', 'agreement_notice', 'agreement_document', 'agreement_change'] as const)
    if (earlier.length > 0) send(sql`delete from ${sql.table(table)} where agreement_id = any (${earlier}::uuid[])`);
  const fill = (table: string, list: readonly object[]): void => {
    if (list.length > 0) send(sql`insert into ${sql.table(table)} select * from json_populate_recordset(null::${sql.table(table)}, ${json(list)})`);
  };
  fill(
    'agreement_option',
    each(({ options }) => options.map((option) => ({ extends_to: option.extendsTo, notice_by: option.noticeBy, used: option.used }))),
  );
  const requirements = each(({ requirements }) => [...new Set(requirements)].map((requirement_id) => ({ requirement_id })));
  send(sql`insert into agreement_requirement (agreement_id, requirement_id) select * from ${asColumns(requirements, { agreement_id: 'uuid', requirement_id: 'text' })}`);
  fill(
    'agreement_lot',
    each(({ lots }) => lots.map(({ number, title }) => ({ number, title_da: title.da, title_en: title.en }))),
  );
  fill(
    'agreement_notice',
    each(({ notices }) => notices),
  );
  fill(
    'agreement_document',
    each(({ documents }) =>
      documents.map((document, place) => ({
        place,
        title_da: document.title.da,
        title_en: document.title.en,
        ...('url' in document
          ? { url: document.url }
          : {
              withheld_ground: document.withheld.ground,
              withheld_reason_da: document.withheld.reason.da,
              withheld_reason_en: document.withheld.reason.en,
              review_on: document.withheld.reviewOn,
            }),
      })),
    ),
  );
  fill(
    'agreement_change',
    each(({ changes }) => changes.map(({ on, ground, text }, place) => ({ place, changed_on: on, legal_ground: ground, text_da: text.da, text_en: text.en }))),
  );
  const lotSuppliers = each(({ lots }) => lots.flatMap((lot) => lot.suppliers.map((cvr, index) => ({ lot_number: lot.number, cvr, call_off_order: index + 1 }))));
  if (lotSuppliers.length > 0)
    send(sql`
      insert into agreement_lot_supplier (agreement_id, lot_number, supplier_id, call_off_order)
      select x.agreement_id, x.lot_number, s.id, x.call_off_order
      from json_to_recordset(${json(lotSuppliers)}) as x (agreement_id uuid, lot_number text, cvr text, call_off_order integer) join supplier s using (cvr)`);

  await setImmediate();
  send(sql`
    insert into agreement_version (agreement_id, number, event, content, note, published_at, published_by)
    select x.id, x.version, case x.version when 1 then 'published' else 'changed' end, x.content, ${note}, ${now}, ${by}
    from ${asColumns(
      rows.map(({ id, version, content }) => ({ id, version, content: JSON.stringify(content) })),
      { id: 'uuid', version: 'integer', content: 'jsonb' },
    )}`);
}

function columnsOf({ id, content }: Row, catalogue: Catalogue) {
  const { title, summary, coverage, ordering, notCovered, contactTeam } = content;
  return {
    id,
    number: content.number,
    kind: content.kind,
    kind_of_contract: content.kindOfContract,
    title_da: title.da,
    title_en: title.en,
    summary_da: summary.da,
    summary_en: summary.en,
    cpv_main: content.cpvMain,
    cpv: allCpv(content),
    starts_on: content.startsOn,
    ends_on: endOf(content),
    procedure: content.procedure,
    estimated_value_ore: content.valueOre,
    mandatory: content.mandatory,
    coverage_da: coverage.da,
    coverage_en: coverage.en,
    ordering_da: ordering.da,
    ordering_en: ordering.en,
    not_covered_da: notCovered.da,
    not_covered_en: notCovered.en,
    nuts: content.nuts,
    value_band: content.valueBand,
    price_list_url: content.priceListUrl,
    contact_team_da: contactTeam.da || null,
    contact_team_en: contactTeam.en || null,
    contact_email: content.contactEmail,
    predecessor: content.predecessor,
    category: catalogue.categoryOf(allCpv(content)),
  };
}

const columnTypes = {
  id: 'uuid',
  number: 'text',
  kind: 'text',
  kind_of_contract: 'text',
  title_da: 'text',
  title_en: 'text',
  summary_da: 'text',
  summary_en: 'text',
  cpv_main: 'text',
  cpv: 'text[]',
  starts_on: 'date',
  ends_on: 'date',
  procedure: 'text',
  estimated_value_ore: 'bigint',
  mandatory: 'boolean',
  coverage_da: 'text',
  coverage_en: 'text',
  ordering_da: 'text',
  ordering_en: 'text',
  not_covered_da: 'text',
  not_covered_en: 'text',
  nuts: 'text',
  value_band: 'text',
  price_list_url: 'text',
  contact_team_da: 'text',
  contact_team_en: 'text',
  contact_email: 'text',
  predecessor: 'text',
  category: 'text',
} satisfies Record<keyof ReturnType<typeof columnsOf>, string>;
