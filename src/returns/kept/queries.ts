import type { Actor } from '../../identity/actor.ts';
import { asAccount, type Db } from '../../platform/db.ts';
import type { Report } from '../check.ts';
import type { FileRefusal } from '../refusal.ts';

/** The file of a return in a draft, and how far it has been read. */
export interface DraftReturn {
  readonly id: string;
  readonly name: string;
  readonly kind: 'csv' | 'xlsx';
  readonly sha256: string;
  readonly state: 'waiting' | 'read' | 'unreadable';
  /** Lines read so far. */
  readonly lineCount: number;
  readonly report: Report | null;
  readonly refusal: FileRefusal | null;
}

/** The files of a return that lie in a draft; one, unless its sender has put in several. */
export async function draftReturns(db: Db, actor: Actor, obligationId: string): Promise<DraftReturn[]> {
  const rows = await asAccount(db, actor.accountId, (tx) =>
    tx
      .selectFrom('return_file as f')
      .innerJoin('document as d', 'd.id', 'f.document_id')
      .select(['f.id', 'd.name', 'd.kind', 'd.sha256', 'f.state', 'f.line_count', 'f.report', 'f.refusal'])
      .where('f.obligation_id', '=', obligationId)
      .where('d.submission_id', 'is', null)
      .orderBy('f.made_at')
      .execute(),
  );
  return rows.map(({ line_count, report, refusal, ...row }) => ({ ...row, lineCount: line_count, report, refusal })) as unknown as DraftReturn[];
}
