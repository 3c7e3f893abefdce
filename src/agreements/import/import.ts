import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { audit } from '../../platform/audit.ts';
import { type Db, sendingAhead, type Tx } from '../../platform/db.ts';
import { Refusal } from '../../platform/refusal.ts';
import type { AgreementContent } from '../content.ts';
import type { KeepRefusal } from '../draft.ts';
import { type Publication, publishAgreements, refusedBecause } from '../publishing/publish.ts';
import { type Batch, batches, type ImportContext } from './batches.ts';
import { headerKey, type Mapping } from './columns.ts';
import type { List } from './list.ts';
import { keepNames, settleNames } from './names.ts';
import type { ImportChoices, RowFault } from './row.ts';

export interface Preview {
  readonly agreements: number;
  readonly created: number;
  readonly changed: number;
  readonly unchanged: number;
  /** Those that come back on the site, or are left alone, as was chosen; the first are named. */
  readonly withdrawn: number;
  readonly withdrawnNumbers: readonly string[];
  /** All of them are counted; the first are shown. */
  readonly faultCount: number;
  readonly faults: readonly RowFault[];
  readonly faultyRows: number;
  readonly skipped: readonly number[];
  readonly examples: readonly AgreementContent[];
}

const mostShown = 500;
/** Agreements that are said by their numbers, where there may be many. */
export const mostNamed = 20;

/** What an import would do, without doing it. Reads the whole list. */
export async function previewImport(db: Db, list: List, mapping: Mapping, choices: ImportChoices, context: ImportContext): Promise<Preview> {
  const sum = {
    agreements: 0,
    created: 0,
    changed: 0,
    withdrawn: 0,
    withdrawnNumbers: [] as string[],
    faultCount: 0,
    faults: [] as RowFault[],
    skipped: [] as number[],
    examples: [] as AgreementContent[],
  };
  let faultyRows = 0;
  for await (const batch of batches(db, list, mapping, choices, context)) {
    sum.agreements += batch.contents.length;
    sum.created += batch.created;
    sum.changed += batch.changed;
    sum.withdrawn += batch.withdrawn.length;
    sum.withdrawnNumbers.push(...batch.withdrawn.slice(0, mostNamed - sum.withdrawnNumbers.length));
    sum.faultCount += batch.faults.length;
    faultyRows += new Set(batch.faults.map(({ line }) => line)).size;
    sum.faults.push(...batch.faults.slice(0, mostShown - sum.faults.length));
    sum.skipped.push(...batch.skipped);
    if (sum.examples.length < 5) sum.examples.push(...batch.contents.slice(0, 5 - sum.examples.length));
  }
  return { ...sum, unchanged: sum.agreements - sum.created - sum.changed - (choices.bringBack ? sum.withdrawn : 0), faultyRows };
}

export interface Imported {
  readonly id: string;
  readonly created: number;
  readonly changed: number;
  readonly unchanged: number;
  /** Those that came back on the site, and those that were withdrawn and left so. */
  readonly back: number;
  readonly left: number;
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
 * counted. Can be repeated: agreements are known by their number. Refuses with published-meanwhile when somebody else
 * publishes one of them at the same moment.
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
  const publication: Publication = { catalogue: context.catalogue, now, by, note, reader };
  await tx
    .insertInto('agreement_import')
    .values({ id, file_name: fileName.slice(0, 200), imported_at: now, imported_by: by, imported_by_name: byName, created: 0, changed: 0, unchanged: 0 })
    .execute();
  const sum = { created: 0, changed: 0, unchanged: 0, back: 0, left: 0, faultCount: 0 };
  // Words are sorted into their indexes in large portions.
  await sql`select set_config('work_mem', '65536', true)`.execute(tx);
  const publish = async ({ contents, known, withdrawn, faults }: Batch): Promise<void> => {
    await keepNames(tx, id, contents);
    const done = await publishAgreements(tx, contents, publication, known);
    const rows = done.versions.map(({ number, version, before }) => ({ import_id: id, agreement_number: number, version, before }));
    await sql`insert into agreement_import_row select * from json_populate_recordset(null::agreement_import_row, ${JSON.stringify(rows)}::json)`.execute(tx);
    sum.created += done.created.length;
    sum.changed += done.changed.length - (choices.bringBack ? withdrawn.length : 0);
    sum[choices.bringBack ? 'back' : 'left'] += withdrawn.length;
    sum.unchanged += done.unchanged;
    sum.faultCount += faults.length;
    progress?.(sum.created + sum.changed + sum.back + sum.unchanged);
  };
  await sendingAhead(async (started) => {
    let before: Promise<void> | undefined;
    for await (const batch of oneAhead(batches(reader, list, mapping, choices, context))) {
      const publishing = publish(batch);
      started(publishing);
      // One is put together while the database is busy with the one before.
      await before;
      before = publishing;
    }
  }).catch(inWords);
  await settleNames(tx, id);
  await tx
    .updateTable('agreement_import')
    .set({ created: sum.created, changed: sum.changed + sum.back, unchanged: sum.unchanged })
    .where('id', '=', id)
    .execute();
  await tx
    .insertInto('import_mapping')
    .values({ header: headerKey(list.header), mapping: JSON.stringify(mapping), used_at: now })
    .onConflict((c) => c.column('header').doUpdateSet({ mapping: JSON.stringify(mapping), used_at: now }))
    .execute();
  await sql`select settle_register()`.execute(tx);
  await audit(tx, 'agreements.imported', id, sum);
  return { id, ...sum };
}

/** Throws what the database refuses as a refusal. */
export function inWords(error: unknown): never {
  const because = refusedBecause(error);
  throw because ? new Refusal<KeepRefusal>(because === 'asked' ? 'supplier-has-tasks' : 'published-meanwhile') : error;
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
