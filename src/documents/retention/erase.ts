import { sql } from 'kysely';
import { audit } from '../../platform/audit.ts';
import { type Clock, dateOf } from '../../platform/clock.ts';
import type { Db, Tx } from '../../platform/db.ts';
import type { Files } from '../../platform/files/files.ts';
import { removeUnused } from '../keeping/collect.ts';
import { effectiveFrom, noteRules } from './effect.ts';
import { lockHolds } from './holds.ts';
import { type Retention, rulesOf } from './schedule.ts';

/** What stands where the name of an erased file stood. */
export const erasedName = 'slettet';

/** Something that has a time to go, as retention_items tells (db/migrations/0016_keeping.sql). */
interface Item {
  readonly class: string;
  readonly covers: 'filed' | 'drafts' | 'library';
  readonly subject_id: string;
  readonly agreement_id: string | null;
  readonly supplier_id: string;
  readonly due_on: string;
}

/** One thing that was erased: a file, or what was typed. */
interface Erased {
  readonly subject: 'document' | 'evidence' | 'answers' | 'draft';
  readonly subject_id: string;
  readonly item: Item;
  readonly file: { readonly sha256: string; readonly kind: string; readonly size_bytes: number } | null;
}

export interface Erasing {
  /** Connected as portal_worker. */
  readonly db: Db;
  readonly files: Files;
  readonly retention: Retention;
  readonly clock: Clock;
}

const batchSize = 25;
const readingsAtOnce = 10_000;

/**
 * Erases what is due today and has no hold, then its bytes where no other row needs them; nothing while the rules are new.
 * May be stopped at any moment: what was not done is done at the next round. Returns how much was erased.
 */
export async function eraseDue(erasing: Erasing): Promise<{ erased: number; readings: number; bytesRemoved: number }> {
  const sum = { erased: 0, readings: 0, bytesRemoved: 0 };
  const [rules, now] = [rulesOf(erasing.retention), erasing.clock.now()];
  await noteRules(erasing.db, rules, now);
  if (dateOf(now) < (await effectiveFrom(erasing.db, rules, now))) return sum;
  const done = new Set<string>();
  for (;;) {
    const batch = await erasing.db.transaction().execute((tx) => eraseBatch(tx, erasing));
    if (batch.items.length === 0) break;
    if (batch.items.some(({ subject_id }) => done.has(subject_id))) throw new Error('something was erased and is still there to erase');
    for (const { subject_id } of batch.items) done.add(subject_id);
    sum.erased += batch.erased;
  }
  for (let count = readingsAtOnce; count === readingsAtOnce; sum.readings += count) count = await erasing.db.transaction().execute((tx) => eraseReadings(tx, erasing));
  sum.bytesRemoved = await removeErasedBytes(erasing);
  return sum;
}

/**
 * Rows are emptied first and the log is written last: whoever files or withdraws at this moment takes its row first and the
 * log last as well, so that nobody waits in a circle.
 */
async function eraseBatch(tx: Tx, { retention, clock }: Erasing): Promise<{ items: readonly Item[]; erased: number }> {
  const [rules, now] = [rulesOf(retention), clock.now()];
  await lockHolds(tx);
  const items = await dueItems(tx, rules, dateOf(now));
  const drafts = items.filter(({ covers }) => covers === 'drafts').map(({ subject_id }) => subject_id);
  for (const id of drafts.toSorted()) await sql`select lock_obligation(${id})`.execute(tx);
  // What was filed or changed until the lock was ours is not due any more.
  const still = drafts.length > 0 ? new Set((await dueItems(tx, rules, dateOf(now), drafts)).map(({ subject_id }) => subject_id)) : new Set();
  const erased: Erased[] = [];
  for (const item of items) {
    if (item.covers === 'filed') erased.push(...(await eraseFiled(tx, item, retention, now)));
    else if (item.covers === 'library') erased.push(...(await eraseFromLibrary(tx, item, now)));
    else if (still.has(item.subject_id)) erased.push(...(await eraseDraft(tx, item)));
  }
  for (const each of erased) await note(tx, each, now);
  return { items: items.filter(({ covers, subject_id }) => covers !== 'drafts' || still.has(subject_id)), erased: erased.length };
}

async function dueItems(tx: Tx, rules: string, today: string, only?: readonly string[]): Promise<Item[]> {
  const { rows } = await sql<Item>`
    select class, covers, subject_id, agreement_id, supplier_id, due_on from retention_items(${rules}::jsonb)
    where covers <> 'readings' and due_on <= ${today} and waits is null ${only ? sql`and subject_id = any (${only}::uuid[])` : sql``}
    order by due_on, covers, subject_id limit ${batchSize}`.execute(tx);
  return rows;
}

const fileColumns = ['id', 'sha256', 'kind', 'size_bytes'] as const;

/** The files of a submission, and what was typed where the class says so; mails about it lose their text. */
async function eraseFiled(tx: Tx, item: Item, { classes }: Retention, now: Date): Promise<Erased[]> {
  const documents = await tx
    .updateTable('document')
    .set({ name: erasedName, erased_at: now })
    .where('submission_id', '=', item.subject_id)
    .where('erased_at', 'is', null)
    .returning(fileColumns)
    .execute();
  const erased: Erased[] = documents.map(({ id, ...file }) => ({ subject: 'document', subject_id: id, item, file }));
  const mails = [`receipt:${item.subject_id}`, `decision:${item.subject_id}`];
  await tx.updateTable('mail').set({ to_address: '', body: '' }).where('reason', 'in', mails).where('sent_at', 'is not', null).execute();
  if (classes.find(({ id }) => id === item.class)?.answers === 'erase') {
    await tx.updateTable('submission').set({ answers: '{}', erased_at: now }).where('id', '=', item.subject_id).execute();
    erased.push({ subject: 'answers', subject_id: item.subject_id, item, file: null });
  }
  return erased;
}

/** A draft goes altogether: nothing was received, and no receipt names it. */
async function eraseDraft(tx: Tx, item: Item): Promise<Erased[]> {
  const documents = await tx.deleteFrom('document').where('obligation_id', '=', item.subject_id).where('submission_id', 'is', null).returning(fileColumns).execute();
  await tx.deleteFrom('draft').where('obligation_id', '=', item.subject_id).execute();
  return [
    ...documents.map(({ id, ...file }): Erased => ({ subject: 'document', subject_id: id, item, file })),
    { subject: 'draft', subject_id: item.subject_id, item, file: null },
  ];
}

/** A version in the library: what was answered goes with its file. */
async function eraseFromLibrary(tx: Tx, item: Item, now: Date): Promise<Erased[]> {
  const { id, ...file } = await tx
    .updateTable('evidence_version')
    .set({ name: erasedName, answers: '{}', erased_at: now })
    .where('id', '=', item.subject_id)
    .returning(fileColumns)
    .executeTakeFirstOrThrow();
  return [{ subject: 'evidence', subject_id: id, item, file }];
}

async function note(tx: Tx, { subject, subject_id, item, file }: Erased, now: Date): Promise<void> {
  const detail = { class: item.class, dueOn: item.due_on, ...(file && { sha256: file.sha256, bytes: file.size_bytes }) };
  const audit_seq = await audit(tx, `${subject}.erased`, subject_id, detail, item.supplier_id);
  const { class: of, agreement_id, supplier_id, due_on } = item;
  await tx
    .insertInto('erasure')
    .values({ class: of, subject, subject_id, agreement_id, supplier_id, ...file, due_on, erased_at: now, audit_seq })
    .execute();
}

async function eraseReadings(tx: Tx, { retention, clock }: Erasing): Promise<number> {
  const now = clock.now();
  await lockHolds(tx);
  const { rows } = await sql<{ class: string; due_on: string; count: number }>`
    with due as materialized (
      select class, subject_id, due_on from retention_items(${rulesOf(retention)}::jsonb)
      where covers = 'readings' and due_on <= ${dateOf(now)} and waits is null limit ${readingsAtOnce}
    ), gone as (delete from document_read x using due where x.id = due.subject_id)
    select class, max(due_on) as due_on, count(*) as count from due group by class`.execute(tx);
  const [found] = rows;
  if (!found) return 0;
  const audit_seq = await audit(tx, 'readings.erased', found.class, { count: found.count, dueOn: found.due_on });
  await tx
    .insertInto('erasure')
    .values({ ...found, subject: 'readings', erased_at: now, audit_seq })
    .execute();
  return found.count;
}

/** Bytes of erased files that no other row needs, at once; those that somebody brought within the time of grace go when it is over. */
async function removeErasedBytes({ db, files, clock }: Erasing): Promise<number> {
  const { rows } = await sql<{ sha256: string }>`
    select distinct e.sha256 from erasure e join held_file h on h.sha256 = e.sha256
    where h.removed_at is null and not exists (select from file_reference r where r.sha256 = e.sha256)`.execute(db);
  let removed = 0;
  for (const { sha256 } of rows) if (await removeUnused(db, files, sha256, clock.now(), 'erased')) removed += 1;
  return removed;
}
