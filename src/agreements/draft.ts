import { sql } from 'kysely';
import { announce } from '../alerts/announce.ts';
import type { Actor } from '../identity/actor.ts';
import { asKeeper } from '../identity/keeper.ts';
import type { Db, Tx } from '../platform/db.ts';
import { Refusal } from '../platform/refusal.ts';
import type { Catalogue } from './catalogue.ts';
import { type AgreementContent, agreementContentSchema } from './content.ts';
import { newsOf } from './news.ts';
import { knownAgreements, publishAgreements, refusedBecause, withdrawAgreements } from './publishing/publish.ts';

/** Why keeping the register can be refused. */
export type KeepRefusal =
  | 'not-allowed'
  | 'not-found'
  | 'draft-changed'
  | 'draft-ended'
  | 'site-changed'
  | 'number-taken'
  | 'nothing-to-publish'
  | 'supplier-has-tasks'
  | 'already-undone'
  | 'published-meanwhile';

/** What a form began from: the saving of the draft and the published version, each 0 where there was none. */
export interface Begun {
  readonly revision: number;
  readonly version: number;
}

/** What staff are working on, beside what is public. */
export interface Workbench {
  readonly published: AgreementContent | null;
  /** The last version, that of a withdrawal too; 0 when it was never published. */
  readonly version: number;
  readonly withdrawnAt: Date | null;
  readonly draft: (Begun & { readonly content: AgreementContent; readonly savedAt: Date; readonly savedBy: string }) | null;
}

/** Null when there is neither an agreement nor a draft of that number. */
export function workbenchOf(db: Db, actor: Actor, number: string): Promise<Workbench | null> {
  return asKeeper(db, actor, async (tx) => {
    const agreement = (await knownAgreements(tx, [number])).get(number);
    const draft = await tx.selectFrom('agreement_draft').selectAll().where('number', '=', number).executeTakeFirst();
    if (!agreement && !draft) return null;
    return {
      published: agreement?.content ? agreementContentSchema.parse(agreement.content) : null,
      version: agreement?.version ?? 0,
      withdrawnAt: agreement?.withdrawn_at ?? null,
      draft: draft
        ? { content: agreementContentSchema.parse(draft.content), revision: draft.revision, version: draft.begun_from, savedAt: draft.saved_at, savedBy: draft.saved_by_name }
        : null,
    };
  });
}

/**
 * Saves what has been typed, without publishing it, and says which saving it was. What somebody else has saved or
 * published since the form was opened is not overwritten.
 */
export function saveDraft(db: Db, actor: Actor, content: AgreementContent, begun: Begun, isNew: boolean, now: Date): Promise<number> {
  return asKeeper(db, actor, async (tx) => {
    const version = (await knownAgreements(tx, [content.number])).get(content.number)?.version ?? 0;
    if (isNew && version > 0) throw new Refusal<KeepRefusal>('number-taken');
    if (version !== begun.version) throw new Refusal<KeepRefusal>('site-changed');
    const row = { content: JSON.stringify(content), begun_from: version, saved_at: now, saved_by: actor.accountId, saved_by_name: actor.name };
    const saved =
      begun.revision === 0
        ? await tx
            .insertInto('agreement_draft')
            .values({ number: content.number, ...row })
            .onConflict((c) => c.column('number').doNothing())
            .returning('revision')
            .executeTakeFirst()
        : await tx
            .updateTable('agreement_draft')
            .set({ ...row, revision: sql<number>`default` })
            .where('number', '=', content.number)
            .where('revision', '=', begun.revision)
            .returning('revision')
            .executeTakeFirst();
    if (!saved) throw isNew ? new Refusal<KeepRefusal>('number-taken') : await otherDraft(tx, content.number);
    return saved.revision;
  });
}

/** Publishes the draft as it was when the form was opened, and ends it. What was published since it was begun is not reverted. */
export function publishDraft(db: Db, actor: Actor, number: string, revision: number, note: string, catalogue: Catalogue, now: Date): Promise<void> {
  return asKeeper(db, actor, async (tx) => {
    const draft = await tx.deleteFrom('agreement_draft').where('number', '=', number).where('revision', '=', revision).returning(['content', 'begun_from']).executeTakeFirst();
    if (!draft) throw revision === 0 ? new Refusal<KeepRefusal>('nothing-to-publish') : await otherDraft(tx, number);
    const known = await knownAgreements(tx, [number]);
    if ((known.get(number)?.version ?? 0) !== draft.begun_from) throw new Refusal<KeepRefusal>('site-changed');
    const content = agreementContentSchema.parse(draft.content);
    const { versions } = await publishAgreements(tx, [content], { catalogue, now, by: actor.accountId, note }, known).catch((error: unknown) => {
      throw refusalFor(error) ?? error;
    });
    for (const { version, before } of versions) await announce(tx, newsOf(content, before, version, catalogue));
  });
}

/** Throws a draft away as it was when the form was opened; what is public stays. */
export function dropDraft(db: Db, actor: Actor, number: string, revision: number): Promise<void> {
  return asKeeper(db, actor, async (tx) => {
    const { numDeletedRows } = await tx.deleteFrom('agreement_draft').where('number', '=', number).where('revision', '=', revision).executeTakeFirstOrThrow();
    if (numDeletedRows === 0n) throw await otherDraft(tx, number);
  });
}

/** The draft is not the one that the form was opened with: saved again, or ended. */
async function otherDraft(tx: Tx, number: string): Promise<Refusal<KeepRefusal>> {
  const found = await tx.selectFrom('agreement_draft').select('saved_by_name').where('number', '=', number).executeTakeFirst();
  return found ? new Refusal<KeepRefusal>('draft-changed', { by: found.saved_by_name }) : new Refusal<KeepRefusal>('draft-ended');
}

/** What the database refuses of a publication, in our words; null when it is something else. */
function refusalFor(error: unknown): Refusal<KeepRefusal> | null {
  const because = refusedBecause(error);
  return because && new Refusal(because === 'asked' ? 'supplier-has-tasks' : 'site-changed');
}

/** Takes an agreement off the site; it can be published again. */
export function withdraw(db: Db, actor: Actor, number: string, note: string, now: Date): Promise<void> {
  return asKeeper(db, actor, (tx) => withdrawAgreements(tx, [number], { now, by: actor.accountId, note }));
}
