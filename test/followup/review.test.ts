import { describe, expect, test } from 'vitest';
import { publicStandings } from '../../src/followup/public/queries.ts';
import { taskOf } from '../../src/followup/queries.ts';
import { type Decision, review } from '../../src/followup/review.ts';
import { actorOf, testApp } from '../support/database.ts';
import { testNow, testToday } from '../support/known.ts';
import { obligationOf } from '../support/obligations.ts';

async function waitingCase() {
  const app = await testApp();
  const officer = await actorOf(app, 'sagsbehandler@demo.example');
  const other = await actorOf(app, 'kontrakt@demo.example');
  const supplier = await actorOf(app, 'leverandoer@demo.example');
  const obligation = await obligationOf(app.database, '90000004', 'submitted');
  const task = await taskOf(app.db, supplier, obligation.id);
  const submission = task?.submissions[0]?.id ?? '';
  const accept: Decision = { submission, decision: 'accepted', reason: '', newDueOn: '' };
  const returned: Decision = { submission, decision: 'returned', reason: 'Side 2 mangler.', newDueOn: '2026-12-10' };
  const decide = (form: Decision, as = officer) => review(app.db, app.followup, as, obligation.id, form, testNow, testToday);
  const reread = () => taskOf(app.db, supplier, obligation.id);
  return { app, officer, other, obligation, accept, returned, decide, reread };
}

describe('deciding a case', () => {
  test('accepting sets the state, is seen publicly at once, and is told by mail', async () => {
    const { app, obligation, accept, decide, reread } = await waitingCase();
    await decide(accept);
    expect(await reread()).toMatchObject({ state: 'accepted' });
    const standing = (await publicStandings(app.db, {})).filter((row) => row.type === obligation.type && row.due_on === obligation.due_on && row.state === 'accepted');
    expect(standing.length).toBeGreaterThan(0);
    const mail = await app.database.owner.db.selectFrom('mail').selectAll().where('reason', '=', `decision:${accept.submission}`).executeTakeFirstOrThrow();
    expect(mail).toMatchObject({ to_address: 'leverandoer@demo.example', sent_at: null });
  });

  test('returning needs a reason and a deadline that has not passed', async () => {
    const { returned, decide, reread } = await waitingCase();
    await expect(decide({ ...returned, reason: ' '.trim() })).rejects.toMatchObject({ faults: [{ field: 'reason', code: 'reason-required' }] });
    await expect(decide({ ...returned, newDueOn: 'snart' })).rejects.toMatchObject({ faults: [{ field: 'newDueOn', code: 'not-a-date' }] });
    await expect(decide({ ...returned, newDueOn: '2026-11-22' })).rejects.toMatchObject({ faults: [{ field: 'newDueOn', code: 'date-in-the-past' }] });
    expect(await reread()).toMatchObject({ state: 'submitted' });
    await decide(returned);
    expect(await reread()).toMatchObject({ state: 'returned', due_on: '2026-12-10' });
  });

  test('the reason stays out of the mail, which is not confidential', async () => {
    const { app, returned, decide } = await waitingCase();
    await decide(returned);
    const mail = await app.database.owner.db.selectFrom('mail').select('body').where('reason', '=', `decision:${returned.submission}`).executeTakeFirstOrThrow();
    expect(mail.body).not.toContain('Side 2');
    expect(mail.body).toContain('10. december 2026');
  });

  test('two officers at the same moment: the first decides, the second is told by whom', async () => {
    const { officer, other, accept, returned, decide, reread } = await waitingCase();
    const outcomes = await Promise.allSettled([decide(accept, officer), decide(returned, other)]);
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    const refused = outcomes.find((outcome) => outcome.status === 'rejected');
    expect(refused?.reason).toMatchObject({ code: 'already-decided' });
    expect((await reread())?.submissions[0]?.decision).toBe(outcomes[0].status === 'fulfilled' ? 'accepted' : 'returned');
  });

  test('the same decision sent twice by one person is one decision', async () => {
    const { app, accept, decide } = await waitingCase();
    await Promise.all([decide(accept), decide(accept), decide(accept)]);
    const entries = await app.database.owner.db
      .selectFrom('audit_entry')
      .select('seq')
      .where('event', '=', 'submission.accepted')
      .where('subject', '=', accept.submission)
      .execute();
    expect(entries).toHaveLength(1);
  });

  test('the same decision with another deadline is another decision, and is refused', async () => {
    const { returned, decide, reread } = await waitingCase();
    await decide(returned);
    await decide(returned);
    await expect(decide({ ...returned, newDueOn: '2027-01-31' })).rejects.toMatchObject({ code: 'already-decided' });
    expect(await reread()).toMatchObject({ due_on: '2026-12-10' });
  });

  test('a form that was opened before a newer submission came is refused', async () => {
    const { accept, decide } = await waitingCase();
    await expect(decide({ ...accept, submission: crypto.randomUUID() })).rejects.toMatchObject({ code: 'changed-meanwhile' });
  });

  test('a supplier and an auditor cannot decide', async () => {
    const { app, accept, decide } = await waitingCase();
    for (const email of ['leverandoer@demo.example', 'revision@demo.example', 'budget@demo.example']) {
      await expect(decide(accept, await actorOf(app, email))).rejects.toMatchObject({ code: 'not-allowed' });
    }
  });
});
