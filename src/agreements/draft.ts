import { announce } from '../alerts/announce.ts';
import type { Actor } from '../identity/actor.ts';
import { asKeeper } from '../identity/keeper.ts';
import type { Db } from '../platform/db.ts';
import { Refusal } from '../platform/refusal.ts';
import type { Catalogue } from './catalogue.ts';
import { type AgreementContent, agreementContentSchema, canonical } from './content.ts';
import { newsOf } from './news.ts';
import { publishAgreements, withdrawAgreements } from './publishing/publish.ts';

/** Why keeping the register can be refused. */
export type KeepRefusal = 'not-allowed' | 'not-found' | 'draft-changed' | 'number-taken' | 'nothing-to-publish' | 'supplier-has-tasks' | 'already-undone' | 'published-meanwhile';

/** What staff are working on, beside what is public. */
export interface Workbench {
  readonly published: AgreementContent | null;
  readonly withdrawnAt: Date | null;
  readonly draft: { readonly content: AgreementContent; readonly revision: number; readonly savedAt: Date; readonly savedBy: string } | null;
}

/** Null when there is neither an agreement nor a draft of that number. */
export function workbenchOf(db: Db, actor: Actor, number: string): Promise<Workbench | null> {
  return asKeeper(db, actor, async (tx) => {
    const agreement = await tx
      .selectFrom('agreement as a')
      .innerJoin('agreement_version as v', 'v.agreement_id', 'a.id')
      .select(['a.withdrawn_at', 'v.content'])
      .where('a.number', '=', number)
      .orderBy('v.number', 'desc')
      .limit(1)
      .executeTakeFirst();
    const draft = await tx.selectFrom('agreement_draft').selectAll().where('number', '=', number).executeTakeFirst();
    if (!agreement && !draft) return null;
    return {
      published: agreement ? agreementContentSchema.parse(agreement.content) : null,
      withdrawnAt: agreement?.withdrawn_at ?? null,
      draft: draft ? { content: agreementContentSchema.parse(draft.content), revision: draft.revision, savedAt: draft.saved_at, savedBy: draft.saved_by_name } : null,
    };
  });
}

/**
 * Saves what has been typed, without publishing it. `revision` is the draft's when the form was opened, 0 where there
 * was none: a draft that somebody else has saved since is not overwritten.
 */
export function saveDraft(db: Db, actor: Actor, content: AgreementContent, revision: number, isNew: boolean, now: Date): Promise<number> {
  return asKeeper(db, actor, async (tx) => {
    const before = await tx.selectFrom('agreement_draft').select(['revision', 'saved_by_name']).where('number', '=', content.number).forUpdate().executeTakeFirst();
    if (isNew && (before || (await tx.selectFrom('agreement').select('id').where('number', '=', content.number).executeTakeFirst())))
      throw new Refusal<KeepRefusal>('number-taken');
    if ((before?.revision ?? 0) !== revision) throw new Refusal<KeepRefusal>('draft-changed', { by: before?.saved_by_name ?? '' });
    const row = { content: JSON.stringify(content), revision: revision + 1, saved_at: now, saved_by: actor.accountId, saved_by_name: actor.name };
    await tx
      .insertInto('agreement_draft')
      .values({ number: content.number, ...row })
      .onConflict((c) => c.column('number').doUpdateSet(row))
      .execute();
    return revision + 1;
  });
}

/** Publishes the draft as it was when the form was opened, and ends it. */
export function publishDraft(db: Db, actor: Actor, number: string, revision: number, note: string, catalogue: Catalogue, now: Date): Promise<void> {
  return asKeeper(db, actor, async (tx) => {
    const draft = await tx.selectFrom('agreement_draft').selectAll().where('number', '=', number).forUpdate().executeTakeFirst();
    if (!draft) throw new Refusal<KeepRefusal>('nothing-to-publish');
    if (draft.revision !== revision) throw new Refusal<KeepRefusal>('draft-changed', { by: draft.saved_by_name });
    const content = agreementContentSchema.parse(draft.content);
    const { versions } = await publishAgreements(tx, [content], { catalogue, now, by: actor.accountId, note }).catch((error: unknown) => {
      throw (error as { code?: unknown }).code === '23503' ? new Refusal<KeepRefusal>('supplier-has-tasks') : error;
    });
    for (const { version, before } of versions) await announce(tx, newsOf(content, before, version, catalogue));
    await tx.deleteFrom('agreement_draft').where('number', '=', number).execute();
  });
}

/** Throws a draft away; what is public stays. */
export function dropDraft(db: Db, actor: Actor, number: string): Promise<void> {
  return asKeeper(db, actor, async (tx) => void (await tx.deleteFrom('agreement_draft').where('number', '=', number).execute()));
}

/** Takes an agreement off the site; it can be published again. */
export function withdraw(db: Db, actor: Actor, number: string, note: string, now: Date): Promise<void> {
  return asKeeper(db, actor, (tx) => withdrawAgreements(tx, [number], { now, by: actor.accountId, note }));
}

/** Fields in which two contents differ, each as text, in the order of the form. */
export function differences(from: AgreementContent | null, to: AgreementContent): { readonly field: keyof AgreementContent; readonly before: string; readonly after: string }[] {
  if (from && canonical(from) === canonical(to)) return [];
  return (Object.keys(to) as (keyof AgreementContent)[]).flatMap((field) => {
    const [before, after] = [from ? textOf(from[field]) : '', textOf(to[field])];
    return before === after ? [] : [{ field, before, after }];
  });
}

function textOf(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (Array.isArray(value)) return value.map(textOf).join('; ');
  if (typeof value === 'object') return Object.values(value).map(textOf).filter(Boolean).join(', ');
  return String(value);
}
