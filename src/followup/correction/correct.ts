import type { Actor } from '../../identity/actor.ts';
import { audit } from '../../platform/audit.ts';
import { asAccount, type Db, type Tx } from '../../platform/db.ts';
import { Refusal } from '../../platform/refusal.ts';
import { type DraftRefusal, lockForFiling } from '../draft.ts';
import { canBeCorrected } from '../obligation.ts';

/**
 * Opens what was filed for a correction. It stands as it is until the correction is filed, also when the municipality decides meanwhile.
 * Begun twice, it is one correction. Refuses with cannot-be-corrected when nothing is filed that stands.
 */
export function beginCorrection(db: Db, actor: Actor, obligationId: string, now: Date): Promise<void> {
  return asAccount(db, actor.accountId, async (tx) => {
    const obligation = await lockForFiling(tx, actor, obligationId);
    if (!canBeCorrected(obligation.state)) throw new Refusal<DraftRefusal>('cannot-be-corrected');
    const begun = await tx
      .insertInto('correction')
      .values({ obligation_id: obligation.id, supplier_id: obligation.supplier_id, begun_at: now, begun_by: actor.accountId, begun_by_name: actor.name })
      .onConflict((conflict) => conflict.column('obligation_id').doNothing())
      .returning('obligation_id')
      .executeTakeFirst();
    if (begun) await audit(tx, 'correction.begun', obligation.id, {}, obligation.supplier_id);
  });
}

/** Calls a correction off: its draft and the files in it go, what was filed stands. Where none is open, nothing happens. */
export function callOffCorrection(db: Db, actor: Actor, obligationId: string): Promise<void> {
  return asAccount(db, actor.accountId, async (tx) => {
    const obligation = await lockForFiling(tx, actor, obligationId);
    // A task that was returned meanwhile is open by itself: its draft is no longer the correction's alone.
    if (!canBeCorrected(obligation.state) || !(await endCorrection(tx, obligation.id))) return;
    await tx.deleteFrom('draft').where('obligation_id', '=', obligation.id).execute();
    await tx.deleteFrom('document').where('obligation_id', '=', obligation.id).where('submission_id', 'is', null).execute();
    await audit(tx, 'correction.called-off', obligation.id, {}, obligation.supplier_id);
  });
}

/** Takes the mark of an open correction away; whether there was one. */
export async function endCorrection(tx: Tx, obligationId: string): Promise<boolean> {
  const { numDeletedRows } = await tx.deleteFrom('correction').where('obligation_id', '=', obligationId).executeTakeFirst();
  return numDeletedRows > 0;
}

/** How the lines of a submission differ from those filed before; null when they were not compared. */
export async function filedDifference(db: Db, actor: Actor, submissionId: string): Promise<LinesDifference | null> {
  const found = await asAccount(db, actor.accountId, (tx) =>
    tx
      .selectFrom('return_file as f')
      .innerJoin('document as d', 'd.id', 'f.document_id')
      .select('f.difference')
      .where('d.submission_id', '=', submissionId)
      .where('f.difference', 'is not', null)
      .executeTakeFirst(),
  );
  return (found?.difference as LinesDifference | undefined) ?? null;
}

/** Lines against those that were filed before, as line_difference in db/migrations/0022_corrections.sql compares them. */
export interface LinesDifference {
  readonly added: number;
  readonly removed: number;
  readonly changed: number;
  /** The first of them, in the order of the newer file. Cells by the place of their column; null for a line that is not in that file. */
  readonly first: readonly {
    readonly was_line: number | null;
    readonly line: number | null;
    readonly was: readonly (string | null)[] | null;
    readonly cells: readonly (string | null)[] | null;
  }[];
}
