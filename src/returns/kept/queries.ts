import type { LinesDifference } from '../../followup/correction/correct.ts';
import { draftLines } from '../../followup/lines.ts';
import type { Actor } from '../../identity/actor.ts';
import { asAccount, type Db } from '../../platform/db.ts';
import type { Report } from '../check-rows.ts';
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
  /** Against the lines that were filed before. */
  readonly difference: LinesDifference | null;
}

/** The files of a return that lie in a draft; one, unless its sender has put in several. */
export async function draftReturns(db: Db, actor: Actor, obligationId: string): Promise<DraftReturn[]> {
  const rows = await asAccount(db, actor.accountId, (tx) => draftLines(tx, obligationId));
  return rows.map(({ line_count, report, refusal, ...row }) => ({ ...row, lineCount: line_count, report, refusal })) as unknown as DraftReturn[];
}
