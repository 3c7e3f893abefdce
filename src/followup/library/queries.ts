import { jsonArrayFrom } from 'kysely/helpers/postgres';
import { type Actor, actsFor } from '../../identity/actor.ts';
import { asAccount, type Db, type Tx } from '../../platform/db.ts';
import { isUuid } from '../../platform/uuid.ts';

/** Certificates with their latest version and what is known of its file. */
function evidenceIn(tx: Tx) {
  return tx
    .selectFrom('evidence as e')
    .innerJoin('supplier as s', 's.id', 'e.supplier_id')
    .innerJoinLateral(
      (eb) => eb.selectFrom('evidence_version as v').selectAll('v').whereRef('v.evidence_id', '=', 'e.id').orderBy('v.number', 'desc').limit(1).as('latest'),
      (join) => join.onTrue(),
    )
    .innerJoin('stored_file as b', (join) => join.onRef('b.sha256', '=', 'latest.sha256').onRef('b.kind', '=', 'latest.kind'))
    .select([
      'e.id',
      'e.type',
      'e.supplier_id',
      'e.withdrawn_at',
      'e.withdrawn_reason',
      's.name as supplier_name',
      'latest.id as version_id',
      'latest.number',
      'latest.answers',
      'latest.name',
      'latest.kind',
      'latest.size_bytes',
      'latest.sha256',
      'latest.valid_to',
      'latest.stored_at',
      'b.verdict',
      'b.reason',
      'b.decided_by_name',
      'b.mentions_cpr',
    ])
    .select((eb) =>
      eb
        .selectFrom('document as d')
        .innerJoin('evidence_version as v', 'v.id', 'd.evidence_version_id')
        .select((count) => count.fn.count<number>('d.obligation_id').distinct().as('count'))
        .whereRef('v.evidence_id', '=', 'e.id')
        .where('d.submission_id', 'is not', null)
        .as('uses'),
    );
}

export type Evidence = NonNullable<Awaited<ReturnType<ReturnType<typeof evidenceIn>['executeTakeFirst']>>>;

const suppliersOf = (actor: Actor): string[] => actor.suppliers.map(({ id }) => id);

/** The library of the suppliers that this person acts for: what runs out first, then what has no end, then what is withdrawn. */
export function libraryOf(db: Db, actor: Actor): Promise<Evidence[]> {
  return asAccount(db, actor.accountId, (tx) =>
    evidenceIn(tx)
      .where('e.supplier_id', 'in', suppliersOf(actor))
      .orderBy((eb) => eb('e.withdrawn_at', 'is not', null))
      .orderBy('latest.valid_to', (order) => order.asc().nullsLast())
      .orderBy('e.id')
      .execute(),
  );
}

/** Certificates of one type that can be used for a task today. */
export function usableFor(db: Db, actor: Actor, task: { readonly type: string; readonly supplier_id: string }, today: string): Promise<Evidence[]> {
  return asAccount(db, actor.accountId, (tx) =>
    evidenceIn(tx)
      .where('e.supplier_id', '=', task.supplier_id)
      .where('e.type', '=', task.type)
      .where('e.withdrawn_at', 'is', null)
      .where('b.verdict', '<>', 'refused')
      .where((eb) => eb.or([eb('latest.valid_to', 'is', null), eb('latest.valid_to', '>=', today)]))
      .orderBy('latest.valid_to', (order) => order.desc().nullsFirst())
      .execute(),
  );
}

/** A certificate with its versions, every task it has been used for, and those open tasks that it could be used for. Undefined for whoever does not act for its supplier. */
export async function wholeEvidence(db: Db, actor: Actor, id: string) {
  if (!isUuid(id)) return undefined;
  return asAccount(db, actor.accountId, async (tx) => {
    const evidence = await evidenceIn(tx).where('e.id', '=', id).executeTakeFirst();
    if (!evidence || !actsFor(actor, evidence.supplier_id)) return undefined;
    const versions = await tx
      .selectFrom('evidence_version as v')
      .innerJoin('stored_file as b', (join) => join.onRef('b.sha256', '=', 'v.sha256').onRef('b.kind', '=', 'v.kind'))
      .select(['v.id', 'v.number', 'v.name', 'v.size_bytes', 'v.sha256', 'v.valid_to', 'v.stored_at', 'v.stored_by_name', 'b.verdict', 'b.reason', 'b.decided_by_name'])
      .where('v.evidence_id', '=', id)
      .orderBy('v.number', 'desc')
      .execute();
    return { ...evidence, versions, uses: await usesOf(tx, id), fitting: await fittingTasks(tx, evidence) };
  });
}
export type WholeEvidence = NonNullable<Awaited<ReturnType<typeof wholeEvidence>>>;

const taskColumns = [
  'o.id',
  'o.type',
  'o.state',
  'o.due_on',
  'o.period',
  'o.lot',
  'o.requirement_id',
  'o.renews_evidence_id',
  'a.number as agreement_number',
  'a.title_da as agreement_title_da',
  'a.title_en as agreement_title_en',
] as const;

/** The tasks for which any version of a certificate was filed, with the version, the filing and when staff read it. */
function usesOf(tx: Tx, evidenceId: string) {
  return tx
    .selectFrom('document as d')
    .innerJoin('evidence_version as v', 'v.id', 'd.evidence_version_id')
    .innerJoin('obligation as o', 'o.id', 'd.obligation_id')
    .innerJoin('agreement as a', 'a.id', 'o.agreement_id')
    .innerJoin('submission as m', 'm.id', 'd.submission_id')
    .select([...taskColumns, 'v.number as version', 'm.id as submission_id', 'm.receipt_number', 'm.submitted_at'])
    .select((eb) =>
      jsonArrayFrom(eb.selectFrom('document_read as r').select(['r.at', 'r.account_name', 'r.what']).whereRef('r.document_id', '=', 'd.id').orderBy('r.at', 'desc')).as('reads'),
    )
    .where('v.evidence_id', '=', evidenceId)
    .orderBy('m.submitted_at', 'desc')
    .orderBy('a.number')
    .execute();
}

/** Open tasks of the same supplier and type; those that were made for the renewal of this certificate come first. */
function fittingTasks(tx: Tx, evidence: { readonly id: string; readonly supplier_id: string; readonly type: string }) {
  return tx
    .selectFrom('obligation as o')
    .innerJoin('agreement as a', 'a.id', 'o.agreement_id')
    .leftJoin('draft as w', 'w.obligation_id', 'o.id')
    .select([...taskColumns, 'w.saved_at as draft_saved_at'])
    .where('o.supplier_id', '=', evidence.supplier_id)
    .where('o.type', '=', evidence.type)
    .where('o.state', 'in', ['open', 'returned'])
    .orderBy((eb) => eb('o.renews_evidence_id', '=', evidence.id), 'desc')
    .orderBy('o.due_on')
    .orderBy('a.number')
    .execute();
}
