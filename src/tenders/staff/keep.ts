import type { Actor } from '../../identity/actor.ts';
import { asKeeper } from '../../identity/keeper.ts';
import type { Db } from '../../platform/db.ts';
import { Refusal } from '../../platform/refusal.ts';
import { type Change, changesBetween } from '../changes.ts';
import { type TenderContent, tenderContentSchema } from '../content.ts';
import { publishTender, type TenderPublication } from '../publish.ts';

/** Why keeping tenders can be refused. */
export type KeepTenderRefusal = 'not-allowed' | 'not-found' | 'draft-changed' | 'id-taken' | 'nothing-to-publish';

/** What staff are working on, beside what is public. */
export interface TenderBench {
  readonly published: TenderContent | null;
  readonly draft: { readonly content: TenderContent; readonly revision: number; readonly savedAt: Date; readonly savedBy: string } | null;
  readonly changes: readonly Change[];
}

/** Null when there is neither a tender nor a draft of that id. */
export function tenderBenchOf(db: Db, actor: Actor, id: string): Promise<TenderBench | null> {
  return asKeeper(db, actor, async (tx) => {
    const tender = await tx.selectFrom('tender').select('content').where('id', '=', id).executeTakeFirst();
    const draft = await tx.selectFrom('tender_draft').selectAll().where('id', '=', id).executeTakeFirst();
    if (!tender && !draft) return null;
    const published = tender ? tenderContentSchema.parse(tender.content) : null;
    const content = draft ? tenderContentSchema.parse(draft.content) : null;
    return {
      published,
      draft: draft && content ? { content, revision: draft.revision, savedAt: draft.saved_at, savedBy: draft.saved_by_name } : null,
      changes: published && content ? changesBetween(published, content) : [],
    };
  });
}

/** Saves what has been typed, without publishing it. A draft that somebody else has saved since `revision` is not overwritten. */
export function saveTenderDraft(db: Db, actor: Actor, content: TenderContent, revision: number, isNew: boolean, now: Date): Promise<void> {
  return asKeeper(db, actor, async (tx) => {
    const before = await tx.selectFrom('tender_draft').select(['revision', 'saved_by_name']).where('id', '=', content.id).forUpdate().executeTakeFirst();
    if (isNew && (before || (await tx.selectFrom('tender').select('id').where('id', '=', content.id).executeTakeFirst()))) throw new Refusal<KeepTenderRefusal>('id-taken');
    if ((before?.revision ?? 0) !== revision) throw new Refusal<KeepTenderRefusal>('draft-changed', { by: before?.saved_by_name ?? '' });
    const row = { content: JSON.stringify(content), revision: revision + 1, saved_at: now, saved_by: actor.accountId, saved_by_name: actor.name };
    await tx
      .insertInto('tender_draft')
      .values({ id: content.id, ...row })
      .onConflict((c) => c.column('id').doUpdateSet(row))
      .execute();
  });
}

/** Publishes the draft as it was when the form was opened, and ends it. */
export function publishTenderDraft(db: Db, actor: Actor, id: string, revision: number, publication: TenderPublication): Promise<void> {
  return asKeeper(db, actor, async (tx) => {
    const draft = await tx.selectFrom('tender_draft').selectAll().where('id', '=', id).forUpdate().executeTakeFirst();
    if (!draft) throw new Refusal<KeepTenderRefusal>('nothing-to-publish');
    if (draft.revision !== revision) throw new Refusal<KeepTenderRefusal>('draft-changed', { by: draft.saved_by_name });
    const content = tenderContentSchema.parse(draft.content);
    // A notice may have come in meanwhile: what it says stands, with what staff add.
    const current = await tx.selectFrom('tender').select('content').where('id', '=', id).executeTakeFirst();
    const published = current ? tenderContentSchema.parse(current.content) : null;
    const merged = published?.source === 'notices' ? { ...published, requirements: content.requirements, replaces: content.replaces, dialogue: content.dialogue } : content;
    await publishTender(tx, merged, publication);
    await tx.deleteFrom('tender_draft').where('id', '=', id).execute();
  });
}

/** Throws a draft away; what is public stays. */
export function dropTenderDraft(db: Db, actor: Actor, id: string): Promise<void> {
  return asKeeper(db, actor, async (tx) => void (await tx.deleteFrom('tender_draft').where('id', '=', id).execute()));
}

/** What staff see of tenders: drafts, everything published, the last notices; and which were awarded without an agreement on the site. */
export function tendersForStaff(db: Db, actor: Actor, question: string) {
  return asKeeper(db, actor, async (tx) => {
    const drafts = await tx.selectFrom('tender_draft').selectAll().orderBy('saved_at', 'desc').limit(100).execute();
    const tenders = await tx
      .selectFrom('tender as t')
      .select(['t.id', 't.title_da', 't.closes_at', 't.expected_quarter', 't.is_cancelled', 't.awarded_on', 't.version'])
      .select((eb) =>
        eb
          .exists(
            eb
              .selectFrom('notice as n')
              .innerJoin('agreement_notice as an', (join) =>
                join.on((on) => on.or([on('an.reference', '=', on.ref('n.id')), on('an.reference', '=', on.ref('n.publication_number'))])),
              )
              .select('an.agreement_id')
              .whereRef('n.tender_id', '=', 't.id'),
          )
          .as('has_agreement'),
      )
      .$if(question !== '', (query) => query.where((eb) => eb.or([eb('t.title_da', 'ilike', `%${question.replace(/[%_\\]/g, '\\$&')}%`), eb('t.id', '=', question)])))
      .orderBy('t.updated_at', 'desc')
      .orderBy('t.id')
      .limit(100)
      .execute();
    const notices = await tx
      .selectFrom('notice')
      .select(['id', 'version', 'subtype', 'kind', 'title', 'dispatched_on', 'received_at', 'received_by_name', 'tender_id'])
      .orderBy('received_at', 'desc')
      .orderBy('id')
      .limit(20)
      .execute();
    return { drafts, tenders, notices };
  });
}
export type TendersForStaff = Awaited<ReturnType<typeof tendersForStaff>>;
