import { sql } from 'kysely';
import { audit } from '../../platform/audit.ts';
import type { Tx } from '../../platform/db.ts';
import { Refusal } from '../../platform/refusal.ts';
import { agreementContentSchema } from '../content.ts';
import type { KeepRefusal } from '../draft.ts';
import { publishAgreements, withdrawAgreements } from '../publishing/publish.ts';
import { batchSize, type ImportContext } from './batches.ts';

/** Brings back what was there before an import: what it made is withdrawn, what it changed is as before. What has been changed since stays, and is counted. */
export async function undoImport(tx: Tx, id: string, context: ImportContext, { by, now }: { by: string | null; now: Date }): Promise<{ undone: number; kept: number }> {
  const found = await tx.selectFrom('agreement_import').select(['undone_at', 'file_name']).where('id', '=', id).forUpdate().executeTakeFirst();
  if (!found) throw new Refusal<KeepRefusal>('not-found');
  if (found.undone_at) throw new Refusal<KeepRefusal>('already-undone');
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
