import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { audit } from '../platform/audit.ts';
import type { Tx } from '../platform/db.ts';
import { type AgreementContent, allCpv, canonical, endOf } from './content.ts';
import { enterIntoRegister } from './register/entry.ts';

/** What the register knows of an agreement beyond its own words, from the editors' content. */
export interface Catalogue {
  /** The everyday category of CPV codes; null where none covers them. */
  categoryOf(cpv: readonly string[]): string | null;
  /** Everyday words that should find an agreement with these codes. */
  wordsFor(cpv: readonly string[]): string;
  focusAreasOf(requirementIds: readonly string[]): string[];
  /** The CPV group of a category by its name in everyday words; null when none is called so. */
  codeOf(category: string): string | null;
}

export interface Publication {
  readonly catalogue: Catalogue;
  readonly now: Date;
  /** The account that publishes; null for a command. */
  readonly by: string | null;
  readonly note?: string;
  readonly isExample?: boolean;
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

/**
 * Publishes agreements, new and changed, matched by number: tables, version and register in the caller's transaction.
 * What is as it was is left alone. A few statements however many there are; give at most a thousand at a time.
 * A supplier that has been asked for documentation under an agreement cannot be taken off it: the database refuses (23503).
 */
export async function publishAgreements(tx: Tx, contents: readonly AgreementContent[], publication: Publication): Promise<Published> {
  const numbers = contents.map(({ number }) => number);
  const known = await tx
    .selectFrom('agreement as a')
    .leftJoinLateral(
      (eb) =>
        eb.selectFrom('agreement_version as v').select(['v.number as version', 'v.content']).whereRef('v.agreement_id', '=', 'a.id').orderBy('v.number', 'desc').limit(1).as('v'),
      (join) => join.onTrue(),
    )
    .select(['a.id', 'a.number', 'a.withdrawn_at', 'v.version', 'v.content'])
    .where((eb) => eb('a.number', '=', eb.fn.any(sql<string[]>`${numbers}::text[]`)))
    .execute();
  const before = new Map(known.map((row) => [row.number, row]));
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

  const isNew = (number: string): boolean => !before.has(number);
  const created = fresh.map(({ number }) => number).filter(isNew);
  const changed = fresh.map(({ number }) => number).filter((number) => !isNew(number));
  for (const number of contents.length === 1 ? [...created, ...changed] : [])
    await audit(tx, 'agreement.published', number, { version: rows[0]?.version ?? 0, ...(publication.note && { note: publication.note }) });
  return {
    created,
    changed,
    unchanged: contents.length - fresh.length,
    versions: rows.map(({ content: { number }, version }) => ({ number, version, before: (before.get(number)?.content as AgreementContent | undefined) ?? null })),
  };
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

type Row = { readonly id: string; readonly version: number; readonly content: AgreementContent };

async function write(tx: Tx, rows: readonly Row[], { catalogue, now, by, note = '', isExample = false }: Publication): Promise<void> {
  // Those that were published before have rows to be replaced.
  const earlier = rows.filter(({ version }) => version > 1).map(({ id }) => id);
  const json = (list: readonly object[]) => sql`${JSON.stringify(list)}::jsonb`;
  const each = <T extends object>(list: (content: AgreementContent, row: Row) => readonly T[]) =>
    rows.flatMap((row) => list(row.content, row).map((entry) => ({ agreement_id: row.id, ...entry })));

  await sql`
    insert into supplier (cvr, name, town, is_example)
    select distinct on (s.cvr) s.cvr, s.name, s.town, ${isExample} from jsonb_to_recordset(${json(rows.flatMap(({ content }) => content.suppliers))}) as s (cvr text, name text, town text)
    on conflict (cvr) do update set name = excluded.name, town = coalesce(nullif(excluded.town, ''), supplier.town)
    where (supplier.name, supplier.town) is distinct from (excluded.name, coalesce(nullif(excluded.town, ''), supplier.town))`.execute(tx);

  await sql`
    insert into agreement (id, number, kind, kind_of_contract, title_da, title_en, summary_da, summary_en, cpv_main, cpv, starts_on, ends_on, procedure, estimated_value_ore, mandatory,
      coverage_da, coverage_en, ordering_da, ordering_en, not_covered_da, not_covered_en, is_example, updated_at, nuts, value_band, price_list_url, contact_team_da, contact_team_en,
      contact_email, predecessor, category, published_at, withdrawn_at)
    select id, number, kind, kind_of_contract, title_da, title_en, summary_da, summary_en, cpv_main, cpv, starts_on, ends_on, procedure, estimated_value_ore, mandatory,
      coverage_da, coverage_en, ordering_da, ordering_en, not_covered_da, not_covered_en, ${isExample}, ${now}, nuts, value_band, price_list_url, contact_team_da, contact_team_en,
      contact_email, predecessor, category, ${now}, null
    from jsonb_populate_recordset(null::agreement, ${json(rows.map((row) => columnsOf(row, catalogue)))})
    on conflict (id) do update set kind = excluded.kind, kind_of_contract = excluded.kind_of_contract, title_da = excluded.title_da, title_en = excluded.title_en,
      summary_da = excluded.summary_da, summary_en = excluded.summary_en, cpv_main = excluded.cpv_main, cpv = excluded.cpv, starts_on = excluded.starts_on, ends_on = excluded.ends_on,
      procedure = excluded.procedure, estimated_value_ore = excluded.estimated_value_ore, mandatory = excluded.mandatory, coverage_da = excluded.coverage_da, coverage_en = excluded.coverage_en,
      ordering_da = excluded.ordering_da, ordering_en = excluded.ordering_en, not_covered_da = excluded.not_covered_da, not_covered_en = excluded.not_covered_en,
      updated_at = excluded.updated_at, nuts = excluded.nuts, value_band = excluded.value_band, price_list_url = excluded.price_list_url, contact_team_da = excluded.contact_team_da,
      contact_team_en = excluded.contact_team_en, contact_email = excluded.contact_email, predecessor = excluded.predecessor, category = excluded.category, withdrawn_at = null`.execute(
    tx,
  );

  const suppliers = each(({ suppliers }) => suppliers.map(({ cvr, consortium }, index) => ({ cvr, call_off_order: index + 1, consortium: consortium || null })));
  await sql`
    with wanted as (select x.agreement_id, s.id as supplier_id, x.call_off_order, x.consortium
      from jsonb_to_recordset(${json(suppliers)}) as x (agreement_id uuid, cvr text, call_off_order integer, consortium text) join supplier s using (cvr)),
    gone as (delete from agreement_supplier l where l.agreement_id = any (${earlier}::uuid[]) and not exists (select from wanted w where (w.agreement_id, w.supplier_id) = (l.agreement_id, l.supplier_id)))
    insert into agreement_supplier (agreement_id, supplier_id, call_off_order, consortium) select * from wanted
    on conflict (agreement_id, supplier_id) do update set call_off_order = excluded.call_off_order, consortium = excluded.consortium`.execute(tx);

  for (const table of ['agreement_option', 'agreement_requirement', 'agreement_lot', 'agreement_notice', 'agreement_document', 'agreement_change'] as const)
    if (earlier.length > 0) await sql`delete from ${sql.table(table)} where agreement_id = any (${earlier}::uuid[])`.execute(tx);
  const fill = async (table: string, list: readonly object[]): Promise<void> => {
    if (list.length > 0) await sql`insert into ${sql.table(table)} select * from jsonb_populate_recordset(null::${sql.table(table)}, ${json(list)})`.execute(tx);
  };
  await fill(
    'agreement_option',
    each(({ options }) => options.map((option) => ({ extends_to: option.extendsTo, notice_by: option.noticeBy, used: option.used }))),
  );
  await fill(
    'agreement_requirement',
    each(({ requirements }) => [...new Set(requirements)].map((requirement_id) => ({ requirement_id }))),
  );
  await fill(
    'agreement_lot',
    each(({ lots }) => lots.map(({ number, title }) => ({ number, title_da: title.da, title_en: title.en }))),
  );
  await fill(
    'agreement_notice',
    each(({ notices }) => notices),
  );
  await fill(
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
  await fill(
    'agreement_change',
    each(({ changes }) => changes.map(({ on, ground, text }, place) => ({ place, changed_on: on, legal_ground: ground, text_da: text.da, text_en: text.en }))),
  );
  const lotSuppliers = each(({ lots }) => lots.flatMap((lot) => lot.suppliers.map((cvr, index) => ({ lot_number: lot.number, cvr, call_off_order: index + 1 }))));
  if (lotSuppliers.length > 0)
    await sql`
      insert into agreement_lot_supplier (agreement_id, lot_number, supplier_id, call_off_order)
      select x.agreement_id, x.lot_number, s.id, x.call_off_order
      from jsonb_to_recordset(${json(lotSuppliers)}) as x (agreement_id uuid, lot_number text, cvr text, call_off_order integer) join supplier s using (cvr)`.execute(tx);

  await sql`
    insert into agreement_version (agreement_id, number, event, content, note, published_at, published_by)
    select x.id, x.version, case x.version when 1 then 'published' else 'changed' end, x.content, ${note}, ${now}, ${by}
    from jsonb_to_recordset(${json(rows)}) as x (id uuid, version integer, content jsonb)`.execute(tx);
  await enterIntoRegister(tx, rows, catalogue);
}

function columnsOf({ id, content }: Row, catalogue: Catalogue): object {
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
