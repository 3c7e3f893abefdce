import { randomUUID } from 'node:crypto';
import type { FileKind } from '../documents/kind.ts';
import { noteStored, type Stored, type StoredRefusal } from '../documents/stored.ts';
import { wrongKind } from '../documents/uploads/protocol.ts';
import type { UploadRefusal } from '../documents/uploads/upload.ts';
import { type Actor, actsFor } from '../identity/actor.ts';
import { asAccount, type Db, type Tx } from '../platform/db.ts';
import { enqueue } from '../platform/jobs.ts';
import { type CommonRefusal, Refusal } from '../platform/refusal.ts';
import { isUuid } from '../platform/uuid.ts';
import type { RawAnswers } from './answers.ts';
import { draftLines } from './lines.ts';
import { canBeCorrected, canBeFiled } from './obligation.ts';
import { type ObligationTypes, tableOf, typeOf } from './obligation-type.ts';

export type DraftRefusal =
  | CommonRefusal
  | StoredRefusal
  | 'already-filed'
  | 'not-open-yet'
  | 'changed-in-another-tab'
  | 'returned-meanwhile'
  | 'file-already-filed'
  | 'lines-replaced-meanwhile'
  | 'cannot-be-corrected'
  | 'nothing-changed';

/** A received file on its way into a draft: its bytes are in the store already. */
export interface ReceivedFile extends Stored {
  readonly name: string;
  /** The version in the evidence library that it was taken from. */
  readonly evidenceVersionId?: string;
}

/**
 * Locks the obligation and refuses unless this supplier may fill it in now. Two requests for one obligation run one after
 * the other; those that share it run side by side, and nothing is filed or decided meanwhile.
 */
export async function lockForFiling(tx: Tx, actor: Actor, obligationId: string, { shared = false } = {}) {
  const query = tx
    .selectFrom('obligation')
    .select(['id', 'supplier_id', 'agreement_id', 'requirement_id', 'type', 'period', 'lot', 'state', 'due_on', 'renews_evidence_id'])
    .where('id', '=', obligationId);
  const obligation = await (shared ? query.forShare() : query.forUpdate()).executeTakeFirst();
  if (!obligation || !actsFor(actor, obligation.supplier_id)) throw new Refusal<CommonRefusal>('not-found');
  // Asked under the lock: a correction that was called off while this waited is not open.
  return { ...obligation, isOpen: canBeFiled(obligation.state) || (canBeCorrected(obligation.state) && (await isBeingCorrected(tx, obligation.id))) };
}

async function isBeingCorrected(tx: Tx, obligationId: string): Promise<boolean> {
  return (await tx.selectFrom('correction').select('obligation_id').where('obligation_id', '=', obligationId).executeTakeFirst()) !== undefined;
}

export function refuseUnlessOpen({ state, isOpen }: { readonly state: string; readonly isOpen: boolean }): void {
  if (state === 'planned') throw new Refusal<DraftRefusal>('not-open-yet');
  if (!isOpen) throw new Refusal<DraftRefusal>('already-filed');
}

/** Refuses a file before any of its bytes are sent, when this supplier may not add one of its kind to the draft. Resolves to whose it would be. */
export async function admitFile(tx: Tx, types: ObligationTypes, actor: Actor, obligationId: string, kind: FileKind): Promise<string> {
  const obligation = await lockForFiling(tx, actor, obligationId, { shared: true });
  refuseUnlessOpen(obligation);
  const { files, evidence } = typeOf(types, obligation.type);
  if (files === 'none') throw new Refusal<UploadRefusal>('takes-no-files');
  if (!evidence.includes(kind)) throw new Refusal<UploadRefusal>('file-wrong-kind', wrongKind(evidence));
  return obligation.supplier_id;
}

/** Attaches received files to the draft, and has those read whose lines are a return. The same file again changes nothing. */
export function attach(db: Db, types: ObligationTypes, actor: Actor, obligationId: string, files: readonly ReceivedFile[], now: Date): Promise<void> {
  return asAccount(db, actor.accountId, (tx) => attachIn(tx, types, actor, obligationId, files, now));
}

/** The same in a transaction that runs on behalf of the actor. */
export async function attachIn(tx: Tx, types: ObligationTypes, actor: Actor, obligationId: string, files: readonly ReceivedFile[], now: Date): Promise<void> {
  const obligation = await lockForFiling(tx, actor, obligationId, { shared: true });
  refuseUnlessOpen(obligation);
  const hasLines = tableOf(typeOf(types, obligation.type)) !== undefined;
  for (const file of files) {
    await noteStored(tx, file, now);
    const added = await tx
      .insertInto('document')
      .values({
        id: randomUUID(),
        obligation_id: obligation.id,
        supplier_id: obligation.supplier_id,
        name: file.name,
        kind: file.kind,
        size_bytes: file.sizeBytes,
        sha256: file.sha256,
        evidence_version_id: file.evidenceVersionId ?? null,
        stored_at: now,
        stored_by: actor.accountId,
      })
      .onConflict((conflict) => conflict.columns(['obligation_id', 'sha256', 'name']).where('submission_id', 'is', null).doNothing())
      .returning('id')
      .executeTakeFirst();
    if (hasLines && added) await haveRead(tx, obligation, added.id, now);
  }
}

/**
 * Puts a file of lines into the draft instead of those that are there. `seen` is the one that its sender was shown, empty when there was
 * none: refuses with lines-replaced-meanwhile when it is another by now. Without it, whatever is there goes.
 */
export function replaceLines(db: Db, types: ObligationTypes, actor: Actor, obligationId: string, file: ReceivedFile, seen: string | undefined, now: Date): Promise<void> {
  return asAccount(db, actor.accountId, async (tx) => {
    const obligation = await lockForFiling(tx, actor, obligationId);
    refuseUnlessOpen(obligation);
    const before = await draftLines(tx, obligation.id);
    if (seen !== undefined && before.map(({ id }) => id).join() !== seen) throw new Refusal<DraftRefusal>('lines-replaced-meanwhile');
    const others = before.filter(({ name, sha256 }) => name !== file.name || sha256 !== file.sha256).map(({ document_id }) => document_id);
    if (others.length > 0) await tx.deleteFrom('document').where('id', 'in', others).execute();
    await attachIn(tx, types, actor, obligation.id, [file], now);
  });
}

async function haveRead(tx: Tx, obligation: { readonly id: string; readonly supplier_id: string }, documentId: string, now: Date): Promise<void> {
  const id = randomUUID();
  await tx.insertInto('return_file').values({ id, document_id: documentId, obligation_id: obligation.id, supplier_id: obligation.supplier_id, made_at: now }).execute();
  await enqueue(tx, 'return-read', { id }, `return-read ${id}`);
}

/** Takes files out of the draft. What was filed stays: an id that is not in the draft is passed over. */
export async function detach(db: Db, actor: Actor, obligationId: string, documentIds: readonly string[]): Promise<void> {
  const known = documentIds.filter(isUuid);
  if (known.length === 0) return;
  return asAccount(db, actor.accountId, async (tx) => {
    const obligation = await lockForFiling(tx, actor, obligationId);
    refuseUnlessOpen(obligation);
    await tx.deleteFrom('document').where('obligation_id', '=', obligation.id).where('submission_id', 'is', null).where('id', 'in', known).execute();
  });
}

/**
 * Keeps what was typed, unchecked. `version` is the draft's version that the form was opened with (0: none);
 * refuses with changed-in-another-tab when somebody has saved since. Returns the new version.
 */
export function saveDraft(db: Db, actor: Actor, obligationId: string, answers: RawAnswers, version: number, now: Date): Promise<number> {
  return asAccount(db, actor.accountId, async (tx) => {
    const obligation = await lockForFiling(tx, actor, obligationId);
    refuseUnlessOpen(obligation);
    const stored = await tx.selectFrom('draft').select(['version', 'answers']).where('obligation_id', '=', obligationId).executeTakeFirst();
    if (stored && sameAnswers(stored.answers, answers)) return stored.version;
    if ((stored?.version ?? 0) !== version) throw new Refusal<DraftRefusal>('changed-in-another-tab', { version: String(stored?.version ?? 0) });
    const row = { answers: JSON.stringify(answers), version: version + 1, saved_at: now, saved_by: actor.accountId };
    await tx
      .insertInto('draft')
      .values({ obligation_id: obligation.id, supplier_id: obligation.supplier_id, ...row })
      .onConflict((conflict) => conflict.column('obligation_id').doUpdateSet(row))
      .execute();
    return version + 1;
  });
}

function sameAnswers(stored: unknown, typed: RawAnswers): boolean {
  const before = stored as RawAnswers;
  const keys = new Set([...Object.keys(before), ...Object.keys(typed)]);
  return [...keys].every((key) => (before[key] ?? '') === (typed[key] ?? ''));
}
