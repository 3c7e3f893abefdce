import { z } from 'zod';
import type { Language } from '../i18n/language.ts';
import { type Actor, mayReview } from '../identity/actor.ts';
import { audit } from '../platform/audit.ts';
import { asAccount, type Db } from '../platform/db.ts';
import { queueMail } from '../platform/mail/queue.ts';
import { type CommonRefusal, type Fault, InvalidInput, Refusal } from '../platform/refusal.ts';
import { type Answers, readDate } from './answers.ts';
import { observeAccepted } from './figures/observe.ts';
import { decisionMail } from './mails.ts';
import { awaitsDecision } from './obligation.ts';
import { typeOf } from './obligation-type.ts';
import type { FollowupContext } from './submit.ts';

export type ReviewRefusal = CommonRefusal | 'already-decided' | 'changed-meanwhile';
export type ReviewFault = 'decision-required' | 'reason-required' | 'too-long' | 'not-a-date' | 'date-in-the-past';

export const decisionForm = z.object({
  submission: z.uuid(),
  decision: z.enum(['accepted', 'returned']).optional(),
  reason: z.string().trim().default(''),
  newDueOn: z.string().trim().default(''),
});
export type Decision = z.infer<typeof decisionForm>;

/**
 * Accepts a submission, or returns it with a reason and a new deadline. Refuses when it has been decided already or a
 * newer submission has come since the page was opened. The same decision sent twice by one person is one decision.
 */
export function review(db: Db, context: FollowupContext, actor: Actor, obligationId: string, form: Decision, now: Date, today: string): Promise<void> {
  return asAccount(db, actor.accountId, async (tx) => {
    if (!mayReview(actor)) throw new Refusal<CommonRefusal>('not-allowed');
    const obligation = await tx
      .selectFrom('obligation')
      .select(['id', 'supplier_id', 'type', 'period', 'lot', 'state', 'due_on'])
      .where('id', '=', obligationId)
      .forUpdate()
      .executeTakeFirst();
    if (!obligation) throw new Refusal<CommonRefusal>('not-found');
    const latest = await tx
      .selectFrom('submission as s')
      .innerJoin('account as a', 'a.id', 's.submitted_by')
      .leftJoin('review as r', 'r.submission_id', 's.id')
      .select(['s.id', 's.receipt_number', 's.answers', 'a.email', 'a.language', 'r.decision', 'r.reason', 'r.decided_by', 'r.decided_by_name', 'r.decided_at', 'r.new_due_on'])
      .where('s.obligation_id', '=', obligationId)
      .orderBy('s.number', 'desc')
      .limit(1)
      .executeTakeFirst();
    if (!latest) throw new Refusal<CommonRefusal>('not-found');
    if (latest.id !== form.submission) throw new Refusal<ReviewRefusal>('changed-meanwhile');
    if (latest.decision) {
      const sameAgain =
        latest.decided_by === actor.accountId &&
        latest.decision === form.decision &&
        latest.reason === form.reason &&
        (form.decision === 'accepted' || latest.new_due_on === readDate(form.newDueOn));
      if (sameAgain) return;
      throw new Refusal<ReviewRefusal>('already-decided', { by: latest.decided_by_name ?? '', at: latest.decided_at?.toISOString() ?? '', decision: latest.decision });
    }
    if (!awaitsDecision(obligation.state)) throw new Refusal<ReviewRefusal>('changed-meanwhile');

    const { decision, newDueOn } = checkDecision(form, today);
    await tx
      .insertInto('review')
      .values({
        submission_id: latest.id,
        obligation_id: obligation.id,
        supplier_id: obligation.supplier_id,
        decision,
        reason: form.reason,
        new_due_on: newDueOn,
        decided_by: actor.accountId,
        decided_by_name: actor.name,
        decided_at: now,
      })
      .execute();
    await tx
      .updateTable('obligation')
      .set({ state: decision, decided_at: now, ...(newDueOn ? { due_on: newDueOn } : {}) })
      .where('id', '=', obligation.id)
      .execute();
    const type = typeOf(context.types, obligation.type);
    if (decision === 'accepted' && type.observations) await observeAccepted(tx, context.indicators, type, obligation, { id: latest.id, answers: latest.answers as Answers });
    await audit(tx, decision === 'accepted' ? 'submission.accepted' : 'submission.returned', latest.id, { obligation: obligation.id, newDueOn }, obligation.supplier_id);
    await queueMail(
      tx,
      decisionMail(context, {
        type,
        period: obligation.period,
        lot: obligation.lot,
        receiptNumber: latest.receipt_number,
        submissionId: latest.id,
        obligationId: obligation.id,
        decision,
        reason: form.reason,
        newDueOn,
        to: latest.email,
        lang: latest.language as Language,
      }),
    );
  });
}

function checkDecision(form: Decision, today: string): { decision: 'accepted' | 'returned'; newDueOn: string | null } {
  const faults: Fault<ReviewFault>[] = [];
  if (!form.decision) faults.push({ field: 'decision', code: 'decision-required' });
  if (form.reason.length > 4_000) faults.push({ field: 'reason', code: 'too-long' });
  let newDueOn: string | null = null;
  if (form.decision === 'returned') {
    if (form.reason === '') faults.push({ field: 'reason', code: 'reason-required' });
    newDueOn = readDate(form.newDueOn);
    if (!newDueOn) faults.push({ field: 'newDueOn', code: 'not-a-date' });
    else if (newDueOn < today) faults.push({ field: 'newDueOn', code: 'date-in-the-past' });
  }
  if (faults.length > 0 || !form.decision) throw new InvalidInput(faults);
  return { decision: form.decision, newDueOn };
}
