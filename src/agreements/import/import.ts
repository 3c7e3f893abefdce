import { randomUUID } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { sql } from 'kysely';
import { audit } from '../../platform/audit.ts';
import type { Db, Tx } from '../../platform/db.ts';
import { Refusal } from '../../platform/refusal.ts';
import type { Row } from '../../spreadsheet/read.ts';
import { type AgreementContent, agreementContentSchema, canonical } from '../content.ts';
import { type Catalogue, type Publication, publishAgreements, withdrawAgreements } from '../publish.ts';
import { type ColumnField, headerKey, headerScore, type Mapping } from './columns.ts';
import type { List } from './list.ts';
import { type ImportChoices, type RowContext, type RowFault, readRow } from './row.ts';

/** Agreements that are read and looked up at a time. */
const batchSize = 250;

export interface ImportContext {
  readonly catalogue: Catalogue;
  readonly requirementIds: ReadonlyMap<string, string>;
}

interface Batch {
  readonly contents: readonly AgreementContent[];
  readonly faults: readonly RowFault[];
  readonly created: number;
  readonly changed: number;
  /** Lines that are no agreement: totals, a second header. */
  readonly skipped: readonly number[];
}

/** Reads a list in batches, each with what is right and what is wrong in it. */
async function* batches(db: Db, list: List, mapping: Mapping, choices: ImportChoices, { catalogue, requirementIds }: ImportContext): AsyncGenerator<Batch> {
  const codes = await sql<{ code: string }>`select code from cpv_code`.execute(db);
  const context: RowContext = { mapping, choices, catalogue, requirementIds, cpvCodes: codes.rows.length > 0 ? new Set(codes.rows.map(({ code }) => code)) : null };
  const seen = new Set<string>();
  let group: Row[] = [];
  let waiting: Row[][] = [];
  let skipped: number[] = [];
  const numberOf = (row: Row): string => (row.cells[mapping.number ?? -1]?.text ?? '').trim();
  for await (const row of list.rows) {
    if (isNoAgreement(row, mapping)) {
      skipped.push(row.line);
      continue;
    }
    const number = numberOf(row);
    if (group.length > 0 && number !== '' && number === numberOf(group[0] as Row)) {
      group.push(row);
      continue;
    }
    if (group.length > 0) waiting.push(group);
    group = [row];
    if (waiting.length >= batchSize) {
      yield await readBatch(db, waiting, skipped, seen, context);
      [waiting, skipped] = [[], []];
    }
  }
  if (group.length > 0) waiting.push(group);
  if (waiting.length > 0 || skipped.length > 0) yield await readBatch(db, waiting, skipped, seen, context);
}

/** The same ones, each made while the caller is still busy with the one before. */
async function* oneAhead<T>(source: AsyncGenerator<T, void>): AsyncGenerator<T> {
  let next = source.next();
  try {
    for (;;) {
      const { done, value } = await next;
      if (done) return;
      next = source.next();
      next.catch(() => undefined); // It is thrown when it is asked for.
      yield value;
    }
  } finally {
    await next.catch(() => undefined);
    await source.return();
  }
}

/** A line of totals, or a header that is repeated. */
function isNoAgreement(row: Row, mapping: Mapping): boolean {
  const text = (field: ColumnField): string => (row.cells[mapping[field] ?? -1]?.text ?? '').trim();
  const first = row.cells.find((cell) => cell.text.trim() !== '')?.text.trim() ?? '';
  if (/^(i alt|total|sum|antal)\b/i.test(first) && text('startsOn') === '') return true;
  if (text('number') === '' && text('titleDa') === '' && text('supplierName') === '' && text('supplierCvr') === '') return true;
  return !/\d/.test(text('number') + text('startsOn')) && headerScore(row.cells.map((cell) => cell.text)) >= 3;
}

async function readBatch(db: Db, groups: readonly Row[][], skipped: readonly number[], seen: Set<string>, context: RowContext): Promise<Batch> {
  const { mapping } = context;
  const numberOf = (row: Row): string => (row.cells[mapping.number ?? -1]?.text ?? '').trim().replace(/\s+/g, '-');
  const numbers = groups.map((group) => numberOf(group[0] as Row)).filter(Boolean);
  const known = await sql<{ number: string; content: unknown; cvrs: string[] }>`
    select a.number, v.content, array(select distinct s.cvr from public_standing(a.id, null) o join supplier s on s.id = o.supplier_id) as cvrs
    from agreement a cross join lateral (select content from agreement_version v where v.agreement_id = a.id order by v.number desc limit 1) v
    where a.number = any (${numbers}::text[])`.execute(db);
  const before = new Map(known.rows.map((row) => [row.number, { content: agreementContentSchema.parse(row.content), cvrs: row.cvrs }]));
  const contents: AgreementContent[] = [];
  const faults: RowFault[] = [];
  let [created, changed] = [0, 0];
  for (const [index, group] of groups.entries()) {
    // Lets answers of the database and other readers' pages through.
    if (index % 10 === 9) await setImmediate();
    const first = group[0] as Row;
    const number = numberOf(first);
    const was = before.get(number);
    const { content, faults: wrong } = readRow(first.line, joined(group, mapping), was?.content ?? null, context);
    faults.push(...wrong);
    const at = (field: ColumnField, code: RowFault['code'], found: string): void => void faults.push({ line: first.line, column: mapping[field] ?? null, field, code, found });
    if (number !== '' && seen.has(number)) {
      at('number', 'duplicate-number', number);
      continue;
    }
    seen.add(number);
    if (!content) continue;
    const gone = was?.cvrs.find((cvr) => !content.suppliers.some((supplier) => supplier.cvr === cvr));
    if (gone) {
      at('supplierCvr', 'supplier-has-tasks', gone);
      continue;
    }
    contents.push(content);
    if (!was) created += 1;
    else if (canonical(was.content) !== JSON.stringify(content)) changed += 1;
  }
  return { contents, faults, created, changed, skipped };
}

/** Lines of one number below each other are one agreement with several suppliers. */
function joined(group: readonly Row[], mapping: Mapping): Row['cells'] {
  const [first, ...others] = group as [Row, ...Row[]];
  if (others.length === 0) return first.cells;
  return first.cells.map((cell, place) => {
    const several = ([mapping.supplierName, mapping.supplierCvr, mapping.supplierTown] as (number | undefined)[]).includes(place);
    return several ? { ...cell, text: group.map((row) => row.cells[place]?.text ?? '').join(' | ') } : cell;
  });
}

export interface Preview {
  readonly agreements: number;
  readonly created: number;
  readonly changed: number;
  readonly unchanged: number;
  /** All of them are counted; the first are shown. */
  readonly faultCount: number;
  readonly faults: readonly RowFault[];
  readonly faultyRows: number;
  readonly skipped: readonly number[];
  readonly examples: readonly AgreementContent[];
}

const mostShown = 500;

/** What an import would do, without doing it. Reads the whole list. */
export async function previewImport(db: Db, list: List, mapping: Mapping, choices: ImportChoices, context: ImportContext): Promise<Preview> {
  const sum = { agreements: 0, created: 0, changed: 0, faultCount: 0, faults: [] as RowFault[], skipped: [] as number[], examples: [] as AgreementContent[] };
  const lines = new Set<number>();
  for await (const batch of batches(db, list, mapping, choices, context)) {
    sum.agreements += batch.contents.length;
    sum.created += batch.created;
    sum.changed += batch.changed;
    sum.faultCount += batch.faults.length;
    for (const fault of batch.faults) lines.add(fault.line);
    sum.faults.push(...batch.faults.slice(0, mostShown - sum.faults.length));
    sum.skipped.push(...batch.skipped);
    if (sum.examples.length < 5) sum.examples.push(...batch.contents.slice(0, 5 - sum.examples.length));
  }
  return { ...sum, unchanged: sum.agreements - sum.created - sum.changed, faultyRows: lines.size };
}

export interface Imported {
  readonly id: string;
  readonly created: number;
  readonly changed: number;
  readonly unchanged: number;
  readonly faultCount: number;
}

export interface ImportedBy {
  /** Looks up what is published, beside the transaction, while that writes the lines before. */
  readonly reader: Db;
  readonly fileName: string;
  readonly by: string | null;
  readonly byName: string;
  readonly now: Date;
  readonly note?: string;
  readonly progress?: (done: number) => void;
}

/**
 * Publishes what is right in a list, in the caller's transaction: all of it or nothing. What is wrong stays out and is
 * counted. Can be repeated: agreements are known by their number.
 */
export async function importAgreements(
  tx: Tx,
  list: List,
  mapping: Mapping,
  choices: ImportChoices,
  context: ImportContext,
  { reader, fileName, by, byName, now, note = '', progress }: ImportedBy,
): Promise<Imported> {
  const id = randomUUID();
  const publication: Publication = { catalogue: context.catalogue, now, by, note: note || fileName };
  await tx
    .insertInto('agreement_import')
    .values({ id, file_name: fileName.slice(0, 200), imported_at: now, imported_by: by, imported_by_name: byName, created: 0, changed: 0, unchanged: 0 })
    .execute();
  const sum = { created: 0, changed: 0, unchanged: 0, faultCount: 0 };
  for await (const { contents, faults } of oneAhead(batches(reader, list, mapping, choices, context))) {
    const done = await publishAgreements(tx, contents, publication);
    sum.created += done.created.length;
    sum.changed += done.changed.length;
    sum.unchanged += done.unchanged;
    sum.faultCount += faults.length;
    const rows = done.versions.map(({ number, version, before }) => ({ import_id: id, agreement_number: number, version, before }));
    await sql`
      insert into agreement_import_row select * from jsonb_populate_recordset(null::agreement_import_row, ${JSON.stringify(rows)}::jsonb)`.execute(tx);
    progress?.(sum.created + sum.changed + sum.unchanged);
  }
  await tx.updateTable('agreement_import').set({ created: sum.created, changed: sum.changed, unchanged: sum.unchanged }).where('id', '=', id).execute();
  await tx
    .insertInto('import_mapping')
    .values({ header: headerKey(list.header), mapping: JSON.stringify(mapping), used_at: now })
    .onConflict((c) => c.column('header').doUpdateSet({ mapping: JSON.stringify(mapping), used_at: now }))
    .execute();
  await audit(tx, 'agreements.imported', id, sum);
  return { id, ...sum };
}

/** Brings back what was there before an import: what it made is withdrawn, what it changed is as before. What has been changed since stays, and is counted. */
export async function undoImport(tx: Tx, id: string, context: ImportContext, { by, now }: { by: string | null; now: Date }): Promise<{ undone: number; kept: number }> {
  const found = await tx.selectFrom('agreement_import').select(['undone_at', 'file_name']).where('id', '=', id).forUpdate().executeTakeFirst();
  if (!found) throw new Refusal('not-found');
  if (found.undone_at) throw new Refusal('already-undone');
  const { rows } = await sql<{ number: string; before: unknown; same: boolean }>`
    select r.agreement_number as number, r.before, r.version = (select max(v.number) from agreement a join agreement_version v on v.agreement_id = a.id where a.number = r.agreement_number) as same
    from agreement_import_row r where r.import_id = ${id}`.execute(tx);
  const mine = rows.filter((row) => row.same);
  const note = `Fortrudt: ${found.file_name}`;
  const made = mine.filter((row) => row.before === null).map(({ number }) => number);
  if (made.length > 0) await withdrawAgreements(tx, made, { now, by, note });
  const earlier = mine.filter((row) => row.before !== null).map(({ before }) => agreementContentSchema.parse(before));
  for (let at = 0; at < earlier.length; at += batchSize) await publishAgreements(tx, earlier.slice(at, at + batchSize), { catalogue: context.catalogue, now, by, note });
  await tx.updateTable('agreement_import').set({ undone_at: now }).where('id', '=', id).execute();
  await audit(tx, 'agreements.import-undone', id, { undone: mine.length, kept: rows.length - mine.length });
  return { undone: mine.length, kept: rows.length - mine.length };
}
