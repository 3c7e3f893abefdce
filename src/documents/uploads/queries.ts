import { Refusal } from '../../platform/refusal.ts';
import type { FileKind } from '../kind.ts';
import type { Verdict } from '../stored.ts';
import type { InTurn } from './turns.ts';
import type { GivenUp, Upload, UploadRefusal } from './upload.ts';

const columns = [
  'u.id',
  'u.supplier_id',
  'u.obligation_id',
  'u.name',
  'u.kind',
  'u.size_bytes',
  'u.declared_sha256',
  'u.received_bytes',
  'u.expires_at',
  'u.finished_at',
  'u.sha256',
  'u.fault',
  'u.metadata',
] as const;

/** An upload that an account began for a supplier of its own, to go on with or to ask about. Refuses with not-found for all others, and with expired. */
export async function uploadOf(inTurn: InTurn, accountId: string, id: string, now: Date): Promise<Upload> {
  const row = await inTurn(accountId, (tx) => tx.selectFrom('upload as u').select(columns).where('u.id', '=', id).where('u.account_id', '=', accountId).executeTakeFirst());
  if (!row) throw new Refusal<UploadRefusal>('not-found');
  if (row.expires_at <= now) throw new Refusal<UploadRefusal>('expired');
  return {
    id: row.id,
    supplierId: row.supplier_id,
    obligationId: row.obligation_id,
    name: row.name,
    kind: row.kind as FileKind,
    sizeBytes: row.size_bytes,
    declaredSha256: row.declared_sha256,
    receivedBytes: row.received_bytes,
    expiresAt: row.expires_at,
    finishedAt: row.finished_at,
    sha256: row.sha256,
    fault: row.fault as GivenUp | null,
    metadata: row.metadata,
  };
}

/** How far an upload is, for who began it. */
export type UploadState = 'receiving' | 'checking' | 'accepted' | 'refused' | 'held' | 'given-up';

const stateOf: Readonly<Record<Verdict, UploadState>> = { waiting: 'checking', clean: 'accepted', unscanned: 'accepted', refused: 'refused', held: 'held' };

export interface UploadOutcome {
  readonly state: UploadState;
  readonly reason: string | null;
  readonly documentId: string | null;
  /** Its text looks as if it held a CPR number. */
  readonly mentionsCpr: boolean;
}

/** What became of a whole file: the verdict on its bytes, and the document that it is in a draft or a submission. */
export async function outcomeOf(inTurn: InTurn, accountId: string, upload: Upload): Promise<UploadOutcome> {
  if (upload.fault) return { state: 'given-up', reason: upload.fault, documentId: null, mentionsCpr: false };
  const { sha256, kind, obligationId, name } = upload;
  if (sha256 === null) return { state: 'receiving', reason: null, documentId: null, mentionsCpr: false };
  const found = await inTurn(accountId, (tx) =>
    tx
      .selectFrom('stored_file as b')
      .leftJoin('document as d', (join) => join.onRef('d.sha256', '=', 'b.sha256').onRef('d.kind', '=', 'b.kind').on('d.obligation_id', '=', obligationId).on('d.name', '=', name))
      .select(['b.verdict', 'b.reason', 'b.mentions_cpr', 'd.id'])
      .where('b.sha256', '=', sha256)
      .where('b.kind', '=', kind)
      .orderBy('d.stored_at', 'desc')
      .executeTakeFirstOrThrow(),
  );
  return { state: stateOf[found.verdict as Verdict], reason: found.reason, documentId: found.id, mentionsCpr: found.mentions_cpr };
}
