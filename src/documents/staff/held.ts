import { type Actor, mayReview } from '../../identity/actor.ts';
import { audit } from '../../platform/audit.ts';
import { hours } from '../../platform/clock.ts';
import { asAccount, type Db, type Tx } from '../../platform/db.ts';
import { type CommonRefusal, Refusal } from '../../platform/refusal.ts';
import type { Content, Sender } from '../checking/context.ts';
import { tellBringers } from '../checking/tell.ts';

export type HeldRefusal = CommonRefusal | 'file-decided-already';

/**
 * A person decides about a file that our checks could not judge: lets it through, or refuses it for good. What no scanner has seen stays
 * 'unscanned' when it is let through. The decision, its audit entry and the mails to those who brought the file are one commit.
 */
export function decideHeld(db: Db, sender: Sender, actor: Actor, { sha256, kind }: Content, decision: 'release' | 'refuse', now: Date): Promise<void> {
  return asAccount(db, actor.accountId, async (tx) => {
    if (!mayReview(actor)) throw new Refusal<CommonRefusal>('not-allowed');
    const stored = await tx
      .selectFrom('stored_file')
      .select(['reason', 'signatures'])
      .where('sha256', '=', sha256)
      .where('kind', '=', kind)
      .where('verdict', '=', 'held')
      .forUpdate()
      .executeTakeFirst();
    if (!stored) throw new Refusal<HeldRefusal>('file-decided-already');
    const verdict = decision === 'refuse' ? 'refused' : stored.signatures ? 'clean' : 'unscanned';
    const reason = decision === 'refuse' ? 'refused-by-staff' : null;
    await tx
      .updateTable('stored_file')
      .set({ verdict, reason, checked_at: now, decided_by: actor.accountId, decided_by_name: actor.name })
      .where('sha256', '=', sha256)
      .where('kind', '=', kind)
      .execute();
    await audit(tx, decision === 'refuse' ? 'file.refused' : 'file.released', sha256, { kind, verdict, held: stored.reason });
    await tellBringers(tx, sender, { sha256, kind }, verdict, reason);
  });
}

/** Waiting for the scanner longer than this is shown to staff. */
export const longWait = hours(1);
const most = 200;

/** What waits for a person, and what has waited for the scanner for more than an hour, the longest waiting first. */
export function filesForStaff(db: Db, actor: Actor, now: Date) {
  return asAccount(db, actor.accountId, async (tx) => ({
    held: await stuck(tx).where('b.verdict', '=', 'held').execute(),
    waiting: (
      await stuck(tx)
        .where('b.verdict', '=', 'waiting')
        .where('b.stored_at', '<', new Date(now.getTime() - longWait))
        .execute()
    ).map((file) => (file.is_filed ? file : { ...file, name: null })),
  }));
}

type Listed = Awaited<ReturnType<typeof filesForStaff>>;
export type StuckFile = Listed['held'][number] | Listed['waiting'][number];

/**
 * Each file with the place that tells most about it: a submission before a draft before the evidence library, and who brought it there.
 * Drafts and library are the supplier's own: what such a file is called is for the person who has to judge it, and nobody else.
 */
function stuck(tx: Tx) {
  return tx
    .selectFrom('stored_file as b')
    .innerJoinLateral(
      (eb) =>
        eb
          .selectFrom('document as d')
          .select(['d.supplier_id', 'd.stored_at', 'd.stored_by', 'd.name'])
          .select((each) => [each.cast<string | null>('d.obligation_id', 'uuid').as('obligation_id'), each('d.submission_id', 'is not', null).as('is_filed')])
          .whereRef('d.sha256', '=', 'b.sha256')
          .whereRef('d.kind', '=', 'b.kind')
          .unionAll(
            eb
              .selectFrom('evidence_version as v')
              .select(['v.supplier_id', 'v.stored_at', 'v.stored_by', 'v.name'])
              .select((each) => [each.cast<string | null>(each.val(null), 'uuid').as('obligation_id'), each.lit(false).as('is_filed')])
              .whereRef('v.sha256', '=', 'b.sha256')
              .whereRef('v.kind', '=', 'b.kind'),
          )
          .orderBy('is_filed', 'desc')
          .orderBy('obligation_id', (order) => order.asc().nullsLast())
          .orderBy('stored_at', 'desc')
          .limit(1)
          .as('place'),
      (join) => join.onTrue(),
    )
    .innerJoin('supplier as s', 's.id', 'place.supplier_id')
    .leftJoin('account as p', 'p.id', 'place.stored_by')
    .leftJoin('obligation as o', 'o.id', 'place.obligation_id')
    .leftJoin('agreement as a', 'a.id', 'o.agreement_id')
    .select([
      'b.sha256',
      'b.kind',
      'b.size_bytes',
      'b.reason',
      'b.stored_at',
      'b.tries',
      'b.mentions_cpr',
      'b.signatures',
      'place.name',
      'place.obligation_id',
      'place.is_filed',
      's.name as supplier',
      'p.name as sent_by',
      'o.type',
      'o.period',
      'o.lot',
      'a.number as agreement_number',
      'a.title_da as agreement_title_da',
      'a.title_en as agreement_title_en',
    ])
    .where('b.erased_at', 'is', null)
    .orderBy('b.stored_at')
    .limit(most);
}
