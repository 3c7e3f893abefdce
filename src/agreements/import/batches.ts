import { setImmediate } from 'node:timers/promises';
import { sql } from 'kysely';
import type { Db } from '../../platform/db.ts';
import type { Row } from '../../spreadsheet/read.ts';
import type { Catalogue } from '../catalogue.ts';
import { type AgreementContent, agreementContentSchema, canonical } from '../content.ts';
import { type Known, knownAgreements } from '../publishing/publish.ts';
import type { ColumnField, Mapping } from './columns.ts';
import { type Group, groupsOf } from './groups.ts';
import type { List } from './list.ts';
import { learnNames } from './names.ts';
import { type ImportChoices, type RowContext, type RowFault, readRow } from './row.ts';

/** Agreements that are read and looked up at a time, */
export const batchSize = 500;
/** and lines that are kept for it. */
const mostLines = 5_000;

export interface ImportContext {
  readonly catalogue: Catalogue;
  readonly requirementIds: ReadonlyMap<string, string>;
}

/** What was read together, and how it stands against what is published. */
export interface Batch {
  readonly contents: readonly AgreementContent[];
  readonly known: ReadonlyMap<string, Known>;
  readonly faults: readonly RowFault[];
  readonly created: number;
  readonly changed: number;
  /** Numbers of those that were withdrawn: they come back, or are left alone, as was chosen. */
  readonly withdrawn: readonly string[];
  /** Lines that are no agreement: totals, a second header. */
  readonly skipped: readonly number[];
}

/** Reads a list in batches, each with what is right and what is wrong in it. */
export async function* batches(db: Db, list: List, mapping: Mapping, choices: ImportChoices, { catalogue, requirementIds }: ImportContext): AsyncGenerator<Batch> {
  const codes = await sql<{ code: string }>`select code from cpv_code`.execute(db);
  const context: RowContext = {
    mapping,
    choices,
    catalogue,
    requirementIds,
    cpvCodes: codes.rows.length > 0 ? new Set(codes.rows.map(({ code }) => code)) : null,
    names: new Map(),
  };
  const seen = new Set<string>();
  let waiting: Group[] = [];
  let lines = 0;
  let skipped: number[] = [];
  for await (const group of groupsOf(list.rows, mapping, (line) => skipped.push(line))) {
    waiting.push(group);
    lines += group.rows.length + group.others.length;
    if (waiting.length < batchSize && lines < mostLines) continue;
    yield await readBatch(db, waiting, skipped, seen, context);
    [waiting, lines, skipped] = [[], 0, []];
  }
  if (waiting.length > 0 || skipped.length > 0) yield await readBatch(db, waiting, skipped, seen, context);
}

async function readBatch(db: Db, groups: readonly Group[], skipped: readonly number[], seen: Set<string>, context: RowContext): Promise<Batch> {
  const { mapping, choices } = context;
  const numberOf = (row: Row): string => (row.cells[mapping.number ?? -1]?.text ?? '').trim().replace(/\s+/g, '-');
  const numbers = groups.map(({ rows }) => numberOf(rows[0])).filter(Boolean);
  const known = await knownAgreements(db, numbers);
  const withTasks = known.size > 0 ? await suppliersWithTasks(db, numbers) : null;
  await learnNames(
    db,
    context.names,
    groups.flatMap(({ rows }) => rows),
    mapping,
  );
  const contents: AgreementContent[] = [];
  const faults: RowFault[] = [];
  const withdrawn: string[] = [];
  let [created, changed] = [0, 0];
  for (const [index, { rows, others }] of groups.entries()) {
    // Lets answers of the database and other readers' pages through.
    if (index % 2 === 1) await setImmediate();
    const number = numberOf(rows[0]);
    const last = known.get(number)?.content;
    const was = last ? agreementContentSchema.parse(last) : null;
    const { content, faults: wrong } = readRow(rows, was, context);
    faults.push(...wrong);
    const at = (field: ColumnField, code: RowFault['code'], found: string, line = rows[0].line): void =>
      void faults.push({ line, column: mapping[field] ?? null, field, code, found });
    for (const line of others) at('number', 'duplicate-number', number, line);
    if (number !== '' && seen.has(number)) {
      at('number', 'duplicate-number', number);
      continue;
    }
    seen.add(number);
    if (!content) continue;
    const isBack = Boolean(was && known.get(number)?.withdrawn_at);
    if (isBack && !choices.bringBack) {
      withdrawn.push(number);
      continue;
    }
    const gone = withTasks?.get(number)?.find((cvr) => !content.suppliers.some((supplier) => supplier.cvr === cvr));
    if (gone) {
      at('supplierCvr', 'supplier-has-tasks', gone);
      continue;
    }
    contents.push(content);
    if (isBack) withdrawn.push(number);
    else if (!was) created += 1;
    else if (canonical(was) !== JSON.stringify(content)) changed += 1;
  }
  return { contents, known, faults, created, changed, withdrawn, skipped };
}

/** By number of agreement, the suppliers that have been asked for documentation under it. */
export async function suppliersWithTasks(db: Db, numbers: readonly string[]): Promise<ReadonlyMap<string, readonly string[]>> {
  const { rows } = await sql<{ number: string; cvrs: string[] }>`select number, cvrs from suppliers_asked(${numbers}::text[])`.execute(db);
  return new Map(rows.map(({ number, cvrs }) => [number, cvrs]));
}
