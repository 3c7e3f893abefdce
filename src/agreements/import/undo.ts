import { sql } from 'kysely';
import { audit } from '../../platform/audit.ts';
import type { Tx } from '../../platform/db.ts';
import { Refusal } from '../../platform/refusal.ts';
import { agreementContentSchema } from '../content.ts';
import type { KeepRefusal } from '../draft.ts';
import { knownAgreements, type Publication, publishAgreements, withdrawAgreements } from '../publishing/publish.ts';
import { batchSize, type ImportContext, suppliersWithTasks } from './batches.ts';
import { inWords } from './import.ts';
import { namesAfter } from './names.ts';

export interface Undone {
  readonly undone: number;
  /** Numbers of the agreements that were left as they are. */
  readonly kept: readonly string[];
}

/**
 * Brings back what was there before an import: what it made or brought back is withdrawn, what it changed is as before.
 * Left as it is, and named, is what has been changed since, and what has a supplier that was asked for documentation
 * since and was none before. Suppliers get back the names that the import changed. What others publish waits until this is done.
 */
export async function undoImport(tx: Tx, id: string, context: ImportContext, { by, now }: { by: string | null; now: Date }): Promise<Undone> {
  const found = await tx.selectFrom('agreement_import').select('undone_at').where('id', '=', id).forUpdate().executeTakeFirst();
  if (!found) throw new Refusal<KeepRefusal>('not-found');
  if (found.undone_at) throw new Refusal<KeepRefusal>('already-undone');
  const { undone, kept } = await takeBack(tx, id, { catalogue: context.catalogue, now, by }).catch(inWords);
  await tx.updateTable('agreement_import').set({ undone_at: now }).where('id', '=', id).execute();
  await audit(tx, 'agreements.import-undone', id, { undone, kept: kept.length });
  return { undone, kept };
}

async function takeBack(tx: Tx, id: string, publication: Publication): Promise<Undone> {
  // Suppliers before agreements, as publishing takes them: neither waits for the other for ever.
  const nameSuppliers = await namesAfter(tx, id);
  const { rows } = await sql<{ number: string }>`
    select a.number from agreement a where a.number in (select r.agreement_number from agreement_import_row r where r.import_id = ${id})
    order by a.id for no key update`.execute(tx);
  const numbers = rows.map(({ number }) => number).sort();
  const kept: string[] = [];
  for (let at = 0; at < numbers.length; at += batchSize) {
    const left = await takeBackBatch(tx, id, numbers.slice(at, at + batchSize), publication);
    kept.push(...left);
  }
  await nameSuppliers();
  return { undone: numbers.length - kept.length, kept };
}

/** Resolves to the numbers of those that are left as they are. They are locked: what is read here stays so. */
async function takeBackBatch(tx: Tx, id: string, numbers: readonly string[], publication: Publication): Promise<string[]> {
  const known = await knownAgreements(tx, numbers);
  const asked = await suppliersWithTasks(tx, numbers);
  const { rows } = await sql<{ number: string; version: number; before: unknown; was_withdrawn: boolean }>`
    select r.agreement_number as number, r.version, r.before,
      exists (select from agreement a join agreement_version v on v.agreement_id = a.id where a.number = r.agreement_number and v.number = r.version - 1 and v.event = 'withdrawn') as was_withdrawn
    from agreement_import_row r where r.import_id = ${id} and r.agreement_number = any (${numbers}::text[]) order by r.agreement_number`.execute(tx);
  const all = rows.map((row) => ({ ...row, before: row.before === null ? null : agreementContentSchema.parse(row.before) }));
  const stays = ({ number, version, before }: (typeof all)[number]): boolean =>
    known.get(number)?.version !== version || (before !== null && (asked.get(number) ?? []).some((cvr) => !before.suppliers.some((supplier) => supplier.cvr === cvr)));
  const mine = all.filter((row) => !stays(row));
  await publishAgreements(
    tx,
    mine.flatMap(({ before }) => before ?? []),
    publication,
    known,
  );
  const off = mine.filter(({ before, was_withdrawn }) => before === null || was_withdrawn).map(({ number }) => number);
  if (off.length > 0) await withdrawAgreements(tx, off, publication);
  return all.filter(stays).map(({ number }) => number);
}
