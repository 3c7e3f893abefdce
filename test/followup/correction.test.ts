import { describe, expect, test } from 'vitest';
import { beginCorrection, callOffCorrection } from '../../src/followup/correction/correct.ts';
import { attach, saveDraft } from '../../src/followup/draft.ts';
import { typedFields, typeOf } from '../../src/followup/obligation-type.ts';
import { taskOf } from '../../src/followup/queries.ts';
import { review } from '../../src/followup/review.ts';
import { submit } from '../../src/followup/submit.ts';
import { changedAnswers } from '../../src/followup/views/answer-words.ts';
import { asAccount } from '../../src/platform/db.ts';
import { actorOf, testApp } from '../support/database.ts';
import { testNow, testToday } from '../support/known.ts';
import { fullAnswers, obligationOf, withFile } from '../support/obligations.ts';

const refusal = (code: string) => expect.objectContaining({ code });

/** A task that has been filed, with one file, and accepted where that is said. */
async function filedTask({ accepted = false } = {}) {
  const app = await testApp();
  const actor = await actorOf(app, 'leverandoer@demo.example');
  const officer = await actorOf(app, 'sagsbehandler@demo.example');
  const obligation = await obligationOf(app.database, '90000004', 'open');
  const type = typeOf(app.types, obligation.type);
  const answers = fullAnswers(type);
  const sha256 = await withFile(app, actor, obligation.id);
  const file = (given = answers, round = 1, formKey = crypto.randomUUID()) =>
    submit(app.db, app.followup, actor, obligation.id, { answers: given, formKey, round, lang: 'da' }, testNow);
  const decide = (submission: string, decision: 'accepted' | 'returned') =>
    review(
      app.db,
      app.followup,
      officer,
      obligation.id,
      { submission, decision, reason: 'Ret tallet.', newDueOn: decision === 'returned' ? '2026-12-24' : '' },
      testNow,
      testToday,
    );
  const first = await file(answers, 0);
  if (accepted) await decide(first, 'accepted');
  const again = () => attach(app.db, app.types, actor, obligation.id, [{ name: 'rapport.pdf', kind: 'pdf', sizeBytes: 8, sha256 }], testNow);
  const now = async () => {
    const task = await taskOf(app.db, actor, obligation.id);
    if (!task) throw new Error('the task is gone');
    return task;
  };
  const begin = () => beginCorrection(app.db, actor, obligation.id, testNow);
  const callOff = () => callOffCorrection(app.db, actor, obligation.id);
  const save = (given: Record<string, string>) => saveDraft(app.db, actor, obligation.id, given, 0, testNow);
  return { app, actor, obligation, type, answers, first, file, decide, again, now, begin, callOff, save };
}

describe('a correction of what was filed', () => {
  test.each([{ accepted: false }, { accepted: true }])('replaces it when it is filed, and not before; both are kept (accepted: $accepted)', async ({ accepted }) => {
    const { file, begin, again, now, answers, first, type } = await filedTask({ accepted });
    await expect(file()).rejects.toEqual(refusal('already-filed'));
    await begin();
    await begin();
    expect(await now()).toMatchObject({ state: accepted ? 'accepted' : 'submitted', corrected_by: 'Leverandør (eksempel)' });
    await again();
    const [text] = typedFields(type).filter(
      ({ type: kind }) => kind === 'text' || kind === 'longtext' || kind === 'integer' || kind === 'number' || kind === 'money' || kind === 'percent',
    );
    if (!text) throw new Error('the type asks nothing');
    const key = crypto.randomUUID();
    const other = { ...answers, [text.key]: text.type.endsWith('text') ? 'Rettet' : '7' };
    const second = await file(other, 1, key);
    expect(await file(other, 1, key)).toBe(second);
    const task = await now();
    expect(task).toMatchObject({
      state: 'submitted',
      correcting_since: null,
      submissions: [
        { id: second, number: 2 },
        { id: first, number: 1 },
      ],
    });
    const [latest, before] = task.submissions;
    expect(changedAnswers(type, before?.answers as never, latest?.answers as never, 'da').map(({ label }) => label)).toEqual([text.label.da]);
  });

  test('that says the same is refused kindly, and stays open', async () => {
    const { file, begin, again, now } = await filedTask();
    await begin();
    await again();
    await expect(file()).rejects.toEqual(refusal('nothing-changed'));
    expect((await now()).submissions).toHaveLength(1);
    expect((await now()).correcting_since).not.toBeNull();
  });

  test('can be called off: its draft and files go, what was filed stands, and nothing more can be filed', async () => {
    const { app, file, begin, callOff, save, now, answers, actor, obligation } = await filedTask();
    await begin();
    await save(answers);
    await withFile(app, actor, obligation.id, 'ny.pdf', '%PDF-1.4 ny');
    await callOff();
    await callOff();
    const task = await now();
    expect(task).toMatchObject({ state: 'submitted', correcting_since: null, draft_answers: null });
    expect(task.files.map(({ submission_id }) => submission_id)).toEqual([task.submissions[0]?.id]);
    await expect(file()).rejects.toEqual(refusal('already-filed'));
    const events = await app.database.owner.db.selectFrom('audit_entry').select('event').where('event', 'like', 'correction.%').orderBy('seq').execute();
    expect(events.map(({ event }) => event)).toEqual(['correction.begun', 'correction.called-off']);
  });

  test('goes on when the municipality decides meanwhile; a task that was returned keeps its draft', async () => {
    const accepted = await filedTask();
    await accepted.begin();
    await accepted.decide(accepted.first, 'accepted');
    await withFile(accepted.app, accepted.actor, accepted.obligation.id, 'ny.pdf', '%PDF-1.4 ny');
    await accepted.file();
    expect((await accepted.now()).state).toBe('submitted');

    const returned = await filedTask();
    await returned.begin();
    await returned.save(returned.answers);
    await returned.decide(returned.first, 'returned');
    await returned.callOff();
    expect(await returned.now()).toMatchObject({ state: 'returned', draft_version: 1 });
  });

  test('is begun only where something is filed that stands, and only by its supplier', async () => {
    const { app, actor, obligation } = await filedTask();
    const other = await actorOf(app, 'anden@demo.example');
    await expect(beginCorrection(app.db, other, obligation.id, testNow)).rejects.toEqual(refusal('not-found'));
    const sneak = asAccount(app.db, other.accountId, (tx) =>
      tx
        .insertInto('correction')
        .values({ obligation_id: obligation.id, supplier_id: obligation.supplier_id, begun_at: testNow, begun_by: other.accountId, begun_by_name: 'X' })
        .execute(),
    );
    await expect(sneak).rejects.toThrow(/row-level security/);
    for (const state of ['open', 'planned', 'waived']) {
      const row = await obligationOf(app.database, '90000004', state);
      await expect(beginCorrection(app.db, actor, row.id, testNow)).rejects.toEqual(refusal('cannot-be-corrected'));
    }
  });

  test('that is filed and called off at the same moment is one of the two', async () => {
    const { app, actor, obligation, file, begin, callOff, now } = await filedTask();
    await begin();
    await withFile(app, actor, obligation.id, 'ny.pdf', '%PDF-1.4 ny');
    const [filed] = await Promise.allSettled([file(), callOff()]);
    const task = await now();
    expect(task.submissions).toHaveLength(filed.status === 'fulfilled' ? 2 : 1);
    expect([task.correcting_since, task.files.filter(({ submission_id }) => submission_id === null)]).toEqual([null, []]);
    if (filed.status === 'rejected') expect(filed.reason).toMatchObject({ code: 'already-filed' });
  });
});
