import { sql } from 'kysely';
import { jsonArrayFrom } from 'kysely/helpers/postgres';
import { longWait } from '../documents/staff/held.ts';
import { type Actor, actsFor } from '../identity/actor.ts';
import { days } from '../platform/clock.ts';
import { asAccount, type Db, type Tx } from '../platform/db.ts';
import { isUuid } from '../platform/uuid.ts';

const obligationColumns = [
  'o.id',
  'o.type',
  'o.period',
  'o.lot',
  'o.state',
  'o.due_on',
  'o.opens_on',
  'o.requirement_id',
  'o.is_example',
  'o.supplier_id',
  'o.renews_evidence_id',
  'a.number as agreement_number',
  'a.title_da as agreement_title_da',
  'a.title_en as agreement_title_en',
  's.name as supplier_name',
  's.cvr as supplier_cvr',
] as const;

function obligations(tx: Tx) {
  return tx.selectFrom('obligation as o').innerJoin('agreement as a', 'a.id', 'o.agreement_id').innerJoin('supplier as s', 's.id', 'o.supplier_id').select(obligationColumns);
}

/** The supplier's to-do list: everything asked of the suppliers that this person acts for, by deadline. */
export function tasksOf(db: Db, actor: Actor) {
  return asAccount(db, actor.accountId, (tx) =>
    obligations(tx)
      .leftJoin('draft as d', 'd.obligation_id', 'o.id')
      .leftJoin('correction as k', 'k.obligation_id', 'o.id')
      .select(['d.saved_at as draft_saved_at', 'k.begun_at as correcting_since'])
      .where('o.supplier_id', 'in', actor.suppliers.length > 0 ? actor.suppliers.map((supplier) => supplier.id) : [nobody])
      .orderBy('o.due_on')
      .orderBy('a.number')
      .orderBy('o.id')
      .execute(),
  );
}

const nobody = '00000000-0000-0000-0000-000000000000';

/** Everything about one obligation: draft, files, submissions with their files and decisions. One query. */
function wholeObligation(tx: Tx, id: string) {
  return obligations(tx)
    .leftJoin('draft as d', 'd.obligation_id', 'o.id')
    .leftJoin('correction as k', 'k.obligation_id', 'o.id')
    .select(['k.begun_at as correcting_since', 'k.begun_by_name as corrected_by'])
    .select(['d.answers as draft_answers', 'd.version as draft_version', 'd.saved_at as draft_saved_at', 'a.id as agreement_id'])
    .select((eb) => [
      jsonArrayFrom(
        eb
          .selectFrom('document as f')
          .innerJoin('stored_file as b', (join) => join.onRef('b.sha256', '=', 'f.sha256').onRef('b.kind', '=', 'f.kind'))
          .leftJoin('evidence_version as v', 'v.id', 'f.evidence_version_id')
          .leftJoin('evidence as e', 'e.id', 'v.evidence_id')
          .select([
            'f.id',
            'f.name',
            'f.kind',
            'f.size_bytes',
            'f.sha256',
            'f.submission_id',
            'f.erased_at',
            'b.verdict',
            'b.reason',
            'b.mentions_cpr',
            'b.decided_by_name',
            'f.stored_at',
            'e.withdrawn_at',
            'e.withdrawn_reason',
          ])
          .whereRef('f.obligation_id', '=', 'o.id')
          .orderBy('f.stored_at')
          .orderBy('f.name'),
      ).as('files'),
      jsonArrayFrom(
        eb
          .selectFrom('upload as u')
          .select(['u.id', 'u.name', 'u.size_bytes', 'u.received_bytes'])
          .whereRef('u.obligation_id', '=', 'o.id')
          // Nobody else can go on with it.
          .where('u.account_id', '=', sql<string>`acting_account()`)
          .where('u.finished_at', 'is', null)
          .orderBy('u.created_at'),
      ).as('unfinished'),
      jsonArrayFrom(
        eb
          .selectFrom('submission as m')
          .leftJoin('review as r', 'r.submission_id', 'm.id')
          .select([
            'm.id',
            'm.number',
            'm.answers',
            'm.submitted_at',
            'm.submitted_by_name',
            'm.receipt_number',
            'm.erased_at',
            'r.decision',
            'r.reason',
            'r.new_due_on',
            'r.decided_at',
            'r.decided_by_name',
          ])
          .whereRef('m.obligation_id', '=', 'o.id')
          .orderBy('m.number', 'desc'),
      ).as('submissions'),
    ])
    .where('o.id', '=', id)
    .executeTakeFirst();
}

export type WholeObligation = NonNullable<Awaited<ReturnType<typeof wholeObligation>>>;

/** One of the supplier's own tasks; undefined when there is none of that id for this person. */
export async function taskOf(db: Db, actor: Actor, id: string): Promise<WholeObligation | undefined> {
  if (!isUuid(id)) return undefined;
  const found = await asAccount(db, actor.accountId, (tx) => wholeObligation(tx, id));
  return found && actsFor(actor, found.supplier_id) ? found : undefined;
}

/** A case for staff; row-level security shows it to those who read cases only. */
export function caseOf(db: Db, actor: Actor, id: string): Promise<WholeObligation | undefined> {
  return isUuid(id) ? asAccount(db, actor.accountId, (tx) => wholeObligation(tx, id)) : Promise.resolve(undefined);
}

/** The receipt of a submission of one of the actor's suppliers. */
export async function receiptOf(db: Db, actor: Actor, submissionId: string) {
  if (!isUuid(submissionId)) return undefined;
  const found = await asAccount(db, actor.accountId, (tx) =>
    obligations(tx)
      .innerJoin('submission as m', 'm.obligation_id', 'o.id')
      .leftJoin('review as r', 'r.submission_id', 'm.id')
      .leftJoin('receipt as p', 'p.submission_id', 'm.id')
      .select(['m.id as submission_id', 'm.receipt_number', 'm.submitted_at', 'm.submitted_by_name', 'm.number', 'r.decision', 'r.decided_at', 'p.body', 'p.signature'])
      .select((eb) =>
        jsonArrayFrom(
          eb
            .selectFrom('document as f')
            .innerJoin('stored_file as b', (join) => join.onRef('b.sha256', '=', 'f.sha256').onRef('b.kind', '=', 'f.kind'))
            .select(['f.id', 'f.name', 'f.size_bytes', 'f.sha256', 'f.erased_at', 'b.verdict', 'b.reason', 'b.decided_by_name'])
            .select((reads) =>
              jsonArrayFrom(
                reads.selectFrom('document_read as r').select(['r.at', 'r.account_name', 'r.what']).whereRef('r.document_id', '=', 'f.id').orderBy('r.at', 'desc').limit(20),
              ).as('reads'),
            )
            .whereRef('f.submission_id', '=', 'm.id')
            .orderBy('f.stored_at')
            .orderBy('f.name'),
        ).as('files'),
      )
      .where('m.id', '=', submissionId)
      .executeTakeFirst(),
  );
  return found && actsFor(actor, found.supplier_id) ? found : undefined;
}

/** What waits for a decision, longest waiting first, what was decided in the last 30 days, and the figures above them. */
export function queueFor(db: Db, actor: Actor, now: Date, today: string) {
  return asAccount(db, actor.accountId, async (tx) => ({ cases: await reviewQueue(tx, now), figures: await queueFigures(tx, now, today) }));
}

export type Queue = Awaited<ReturnType<typeof queueFor>>;

function reviewQueue(tx: Tx, now: Date) {
  return obligations(tx)
    .innerJoinLateral(
      (eb) =>
        eb
          .selectFrom('submission as m')
          .select(['m.submitted_at', 'm.submitted_by_name', 'm.number', 'm.receipt_number'])
          .whereRef('m.obligation_id', '=', 'o.id')
          .orderBy('m.number', 'desc')
          .limit(1)
          .as('latest'),
      (join) => join.onTrue(),
    )
    .select(['latest.submitted_at', 'latest.submitted_by_name', 'latest.number', 'latest.receipt_number', 'o.decided_at'])
    .where((eb) => eb.or([eb('o.state', 'in', ['submitted', 'under_review']), eb('o.decided_at', '>', new Date(now.getTime() - days(30)))]))
    .orderBy(sql`o.state in ('submitted', 'under_review')`, 'desc')
    .orderBy('latest.submitted_at')
    .limit(500)
    .execute();
}

function queueFigures(tx: Tx, now: Date, today: string) {
  return tx
    .selectFrom('obligation as o')
    .select((eb) => [
      eb.fn.countAll<number>().filterWhere('o.state', 'in', ['submitted', 'under_review']).as('waiting'),
      eb.fn
        .countAll<number>()
        .filterWhere(eb.and([eb('o.state', 'in', ['open', 'returned']), eb('o.due_on', '<', today)]))
        .as('overdue'),
      eb.fn.countAll<number>().filterWhere('o.state', '=', 'accepted').as('accepted'),
      eb
        .selectFrom('stored_file')
        .select((count) => count.fn.countAll<number>().as('count'))
        .where((file) => file.or([file('verdict', '=', 'held'), file.and([file('verdict', '=', 'waiting'), file('stored_at', '<', new Date(now.getTime() - longWait))])]))
        .where('erased_at', 'is', null)
        .as('stuck'),
    ])
    .executeTakeFirstOrThrow();
}

/** A file that row-level security shows to the acting account; undefined when there is none of that id, or it has been erased. */
export async function fileIn(tx: Tx, id: string) {
  if (!isUuid(id)) return undefined;
  return tx
    .selectFrom('document as f')
    .innerJoin('stored_file as b', (join) => join.onRef('b.sha256', '=', 'f.sha256').onRef('b.kind', '=', 'f.kind'))
    .select(['f.id', 'f.name', 'f.kind', 'f.sha256', 'f.size_bytes', 'f.supplier_id', 'f.submission_id', 'b.verdict', 'b.reason'])
    .where('f.id', '=', id)
    .where('f.erased_at', 'is', null)
    .executeTakeFirst();
}

export function fileOf(db: Db, actor: Actor, id: string) {
  return asAccount(db, actor.accountId, (tx) => fileIn(tx, id));
}
