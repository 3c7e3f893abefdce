import type { Language } from '../../i18n/language.ts';
import type { Actor } from '../../identity/actor.ts';
import { asAccount, type Db, type Tx } from '../../platform/db.ts';
import { type CommonRefusal, Refusal } from '../../platform/refusal.ts';
import { type Answers, typedAgain } from '../answers.ts';
import { attachIn, lockForFiling } from '../draft.ts';
import { type ObligationTypes, typeOf } from '../obligation-type.ts';
import { type FollowupContext, submitIn } from '../submit.ts';
import type { EvidenceRefusal } from './keep.ts';
import { lockEvidence } from './keep.ts';

export type UseRefusal = EvidenceRefusal | 'nothing-chosen' | 'expired' | 'file-refused';

/** The version of a certificate that counts today. */
async function currentVersion(tx: Tx, actor: Actor, evidenceId: string, today: string) {
  const evidence = await lockEvidence(tx, actor, evidenceId);
  const version = await tx
    .selectFrom('evidence_version as v')
    .innerJoin('stored_file as b', (join) => join.onRef('b.sha256', '=', 'v.sha256').onRef('b.kind', '=', 'v.kind'))
    .selectAll('v')
    .select('b.verdict')
    .where('v.evidence_id', '=', evidenceId)
    .orderBy('v.number', 'desc')
    .executeTakeFirstOrThrow();
  if (version.valid_to !== null && version.valid_to < today) throw new Refusal<UseRefusal>('expired');
  if (version.verdict === 'refused') throw new Refusal<UseRefusal>('file-refused');
  return { ...version, type: evidence.type, supplierId: evidence.supplier_id };
}

/** Puts a certificate of the library into the draft of a task: its file, and its answers over what was typed. Nothing is filed. */
export function takeFromLibrary(
  db: Db,
  context: Pick<FollowupContext, 'types'>,
  actor: Actor,
  evidenceId: string,
  obligationId: string,
  lang: Language,
  now: Date,
  today: string,
): Promise<void> {
  return asAccount(db, actor.accountId, async (tx) => {
    const version = await currentVersion(tx, actor, evidenceId, today);
    await putIn(tx, context.types, actor, version, obligationId, now);
    const typed = typedAgain(typeOf(context.types, version.type), version.answers as Answers, lang);
    const row = { answers: JSON.stringify(typed), saved_at: now, saved_by: actor.accountId };
    await tx
      .insertInto('draft')
      .values({ obligation_id: obligationId, supplier_id: version.supplierId, version: 1, ...row })
      .onConflict((conflict) => conflict.column('obligation_id').doUpdateSet((eb) => ({ ...row, version: eb('draft.version', '+', 1) })))
      .execute();
  });
}

/**
 * Files one certificate for many tasks: each gets a submission and a receipt of its own, all in one commit or none.
 * Files that lie in a task's draft go with it. The same form sent again gives the same submissions. Returns their ids in the order of the tasks.
 */
export function fileForMany(
  db: Db,
  context: FollowupContext,
  actor: Actor,
  evidenceId: string,
  filing: { readonly obligationIds: readonly string[]; readonly formKey: string; readonly lang: Language },
  now: Date,
  today: string,
): Promise<string[]> {
  return asAccount(db, actor.accountId, async (tx) => {
    if (filing.obligationIds.length === 0) throw new Refusal<UseRefusal>('nothing-chosen');
    const version = await currentVersion(tx, actor, evidenceId, today);
    const answers = typedAgain(typeOf(context.types, version.type), version.answers as Answers, filing.lang);
    const filed = new Map<string, string>();
    // In one order, so that two such filings wait for each other instead of stopping each other.
    for (const obligationId of [...new Set(filing.obligationIds)].sort()) {
      const before = await tx.selectFrom('submission').select(['id', 'form_key']).where('obligation_id', '=', obligationId).execute();
      const repeated = before.find(({ form_key }) => form_key === filing.formKey);
      if (!repeated) await putIn(tx, context.types, actor, version, obligationId, now);
      filed.set(
        obligationId,
        repeated?.id ?? (await submitIn(tx, context, actor, obligationId, { answers, formKey: filing.formKey, round: before.length, lang: filing.lang }, now)),
      );
    }
    return filing.obligationIds.flatMap((obligationId) => filed.get(obligationId) ?? []);
  });
}

async function putIn(tx: Tx, types: ObligationTypes, actor: Actor, version: Awaited<ReturnType<typeof currentVersion>>, obligationId: string, now: Date): Promise<void> {
  const obligation = await lockForFiling(tx, actor, obligationId);
  if (obligation.type !== version.type || obligation.supplier_id !== version.supplierId) throw new Refusal<CommonRefusal>('not-found');
  const { name, kind, sha256, size_bytes: sizeBytes, id: evidenceVersionId } = version;
  await attachIn(tx, types, actor, obligationId, [{ name, kind, sha256, sizeBytes, evidenceVersionId }], now);
}
