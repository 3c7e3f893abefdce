import { audit } from '../../platform/audit.ts';
import { hours, minutes } from '../../platform/clock.ts';
import type { Tx } from '../../platform/db.ts';
import type { Verdict } from '../stored.ts';
import type { CheckContext, Content } from './context.ts';
import { type Judgement, judge, judgeAnew } from './judge.ts';
import { tellBringers, tellStaffOfMalware } from './tell.ts';

/**
 * The handler of `file-check`. What waits is checked to the end; what was judged before is scanned again where the scanner knows more
 * now. Whoever brought a file that is refused or held is told, once. Running twice, also at once, does the same as once.
 */
export async function checkStored(context: CheckContext, content: Content): Promise<void> {
  const { db, scanner } = context;
  const stored = await rowOf(context, content);
  if (!stored || stored.erased_at) return;
  if (stored.verdict === 'waiting') return record(context, content, await judge(context, content), stored.tries);
  if (stored.verdict === 'refused' || stored.verdict === 'held')
    await db.transaction().execute((tx) => tellBringers(tx, context, content, stored.verdict as Verdict, stored.reason));
  if (stored.verdict !== 'refused' && scanner) await scanAnew(context, content, stored.verdict as Verdict, stored.signatures);
}

function rowOf({ db }: CheckContext, { sha256, kind }: Content) {
  return db.selectFrom('stored_file').select(['verdict', 'reason', 'signatures', 'tries', 'erased_at']).where('sha256', '=', sha256).where('kind', '=', kind).executeTakeFirst();
}

/** One minute, two, four … at most an hour, for ever. */
export function nextTry(now: Date, tries: number): Date {
  return new Date(now.getTime() + Math.min(minutes(2 ** Math.min(tries, 10)), hours(1)));
}

/** Writes a verdict where there was none, with its audit entry and its mails, in one commit. The first of several at once counts. */
function record(context: CheckContext, content: Content, judgement: Judgement, tries: number): Promise<void> {
  const now = context.now();
  return context.db.transaction().execute(async (tx) => {
    if (judgement.verdict === 'waiting') {
      await update(tx, content, 'waiting', { reason: judgement.reason, tries: tries + 1, next_try_at: nextTry(now, tries) });
      return;
    }
    const { verdict, reason, mentionsCpr, signatures } = judgement;
    const changed = await update(tx, content, 'waiting', {
      verdict,
      reason,
      mentions_cpr: mentionsCpr,
      signatures,
      checked_at: now,
      next_try_at: null,
      decided_by: null,
      decided_by_name: null,
    });
    if (!changed) return;
    await noteInAudit(tx, content, judgement);
    if (verdict === 'refused' || verdict === 'held') await tellBringers(tx, context, content, verdict, reason);
  });
}

async function scanAnew(context: CheckContext, content: Content, before: Verdict, signatures: string | null): Promise<void> {
  const { db, scanner, log } = context;
  if (signatures !== null && (await scanner?.version()) === signatures) return;
  const scanned = await judgeAnew(context, content);
  // Tried again by the clock; what was clean stays so meanwhile.
  if (scanned.verdict === 'waiting') return;
  const now = context.now();
  await db.transaction().execute(async (tx) => {
    if (scanned.verdict === 'clean') {
      const verdict = before === 'unscanned' ? 'clean' : before;
      const changed = await update(tx, content, before, { verdict, signatures: scanned.signatures, checked_at: now });
      if (changed && verdict !== before) await noteInAudit(tx, content, { verdict, reason: null, signatures: scanned.signatures });
      return;
    }
    const changed = await update(tx, content, before, { verdict: 'refused', reason: scanned.reason, signatures: scanned.signatures, checked_at: now });
    if (!changed) return;
    log('error', 'file found bad after it was let through', { ...content, signature: scanned.signature });
    await noteInAudit(tx, content, { verdict: 'refused', reason: scanned.reason, signatures: scanned.signatures, signature: scanned.signature });
    await tellBringers(tx, context, content, 'refused', scanned.reason);
    if (scanned.reason === 'malware') await tellStaffOfMalware(tx, context, content, scanned.signature);
  });
}

interface Change {
  readonly verdict?: Verdict;
  readonly reason?: string | null;
  readonly mentions_cpr?: boolean;
  readonly signatures?: string | null;
  readonly checked_at?: Date;
  readonly tries?: number;
  readonly next_try_at?: Date | null;
  /** What a person decided about bytes that have been erased and sent again. */
  readonly decided_by?: null;
  readonly decided_by_name?: null;
}

/** Whether the row still had the verdict that the change starts from. */
async function update(tx: Tx, { sha256, kind }: Content, from: Verdict, change: Change): Promise<boolean> {
  const changed = await tx.updateTable('stored_file').set(change).where('sha256', '=', sha256).where('kind', '=', kind).where('verdict', '=', from).executeTakeFirst();
  return changed.numUpdatedRows > 0n;
}

interface Noted {
  readonly verdict: Verdict;
  readonly reason: string | null;
  readonly signatures: string | null;
  readonly signature?: string;
}

async function noteInAudit(tx: Tx, { sha256, kind }: Content, { verdict, reason, signatures, signature }: Noted): Promise<void> {
  await audit(tx, verdict === 'refused' ? 'file.refused' : 'file.checked', sha256, { kind, verdict, reason, signatures, ...(signature && { signature }) });
}
