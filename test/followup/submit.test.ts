import { describe, expect, test } from 'vitest';
import { attach, detach, saveDraft } from '../../src/followup/draft.ts';
import { typeOf } from '../../src/followup/obligation-type.ts';
import { taskOf } from '../../src/followup/queries.ts';
import { review } from '../../src/followup/review.ts';
import { submit } from '../../src/followup/submit.ts';
import { asAccount } from '../../src/platform/db.ts';
import { InvalidInput, Refusal } from '../../src/platform/refusal.ts';
import { actorOf, testApp } from '../support/database.ts';
import { testNow, testToday } from '../support/known.ts';
import { fullAnswers, obligationOf, withFile } from '../support/obligations.ts';

const refusal = (code: string) => expect.objectContaining({ code });

async function openTask(type?: string) {
  const app = await testApp();
  const actor = await actorOf(app, 'leverandoer@demo.example');
  const obligation = await obligationOf(app.database, '90000004', 'open', type);
  const answers = fullAnswers(typeOf(app.types, obligation.type));
  const file = (formKey = crypto.randomUUID(), given = answers, round = 0) =>
    submit(app.db, app.followup, actor, obligation.id, { answers: given, formKey, round, lang: 'da' }, testNow);
  const counts = async () => ({
    submissions: Number(
      (
        await app.database.owner.db
          .selectFrom('submission')
          .select((eb) => eb.fn.countAll().as('n'))
          .where('obligation_id', '=', obligation.id)
          .executeTakeFirstOrThrow()
      ).n,
    ),
    audits: Number(
      (
        await app.database.owner.db
          .selectFrom('audit_entry')
          .select((eb) => eb.fn.countAll().as('n'))
          .where('event', '=', 'submission.filed')
          .executeTakeFirstOrThrow()
      ).n,
    ),
    mails: Number(
      (
        await app.database.owner.db
          .selectFrom('mail')
          .select((eb) => eb.fn.countAll().as('n'))
          .where('reason', 'like', 'receipt:%')
          .executeTakeFirstOrThrow()
      ).n,
    ),
  });
  return { app, actor, obligation, answers, file, counts };
}

describe('filing', () => {
  test('leaves a submission, its files, the new state, an audit entry and a receipt mail, and ends the draft', async () => {
    const { app, actor, obligation, answers, file, counts } = await openTask();
    const before = await counts();
    const sha256 = await withFile(app, actor, obligation.id);
    await saveDraft(app.db, actor, obligation.id, answers, 0, testNow);
    const id = await file();
    const task = await taskOf(app.db, actor, obligation.id);
    expect(task).toMatchObject({ state: 'submitted', draft_answers: null });
    expect(task?.submissions[0]).toMatchObject({ id, number: 1, submitted_by_name: actor.name });
    expect(task?.files.filter((each) => each.submission_id === id)).toMatchObject([{ sha256 }]);
    expect(await counts()).toEqual({ submissions: 1, audits: before.audits + 1, mails: before.mails + 1 });
  });

  test('the same form sent fifty times at once is one filing with one receipt', async () => {
    const { app, actor, obligation, file, counts } = await openTask();
    await withFile(app, actor, obligation.id);
    const before = await counts();
    const key = crypto.randomUUID();
    const ids = await Promise.all(Array.from({ length: 50 }, () => file(key)));
    expect(new Set(ids).size).toBe(1);
    expect(await counts()).toEqual({ submissions: 1, audits: before.audits + 1, mails: before.mails + 1 });
  });

  test('two people who file different forms at once: one gets in, the other is told', async () => {
    const { app, actor, obligation, file, counts } = await openTask();
    await withFile(app, actor, obligation.id);
    const outcomes = await Promise.allSettled([file(), file()]);
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    const refused = outcomes.find((outcome) => outcome.status === 'rejected');
    expect(refused?.reason).toEqual(refusal('already-filed'));
    expect((await counts()).submissions).toBe(1);
  });

  test('a form from before the task was returned is refused in words, even the very form that was filed', async () => {
    const { app, actor, obligation, file, counts } = await openTask();
    await withFile(app, actor, obligation.id);
    const key = crypto.randomUUID();
    const first = await file(key);
    const officer = await actorOf(app, 'sagsbehandler@demo.example');
    await review(app.db, app.followup, officer, obligation.id, { submission: first, decision: 'returned', reason: 'Ret tallet.', newDueOn: '2026-12-24' }, testNow, testToday);
    await withFile(app, actor, obligation.id, 'ny.pdf', '%PDF-1.4 ny');
    await expect(file(key)).rejects.toEqual(refusal('returned-meanwhile'));
    await expect(file(crypto.randomUUID())).rejects.toEqual(refusal('returned-meanwhile'));
    const second = await file(crypto.randomUUID(), undefined, 1);
    expect(second).not.toBe(first);
    expect((await counts()).submissions).toBe(2);
  });

  test('names every field that is missing and leaves everything as it was', async () => {
    const { app, actor, obligation, file, counts } = await openTask();
    const type = typeOf(app.types, obligation.type);
    const before = await counts();
    const error = await file(undefined, {}).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(InvalidInput);
    expect((error as InvalidInput).faults.map(({ field }) => field)).toEqual(type.fields.filter(({ required }) => required).map(({ key }) => key));
    expect((await taskOf(app.db, actor, obligation.id))?.state).toBe('open');
    expect(await counts()).toEqual(before);
  });

  test('asks for a file where the type requires one', async () => {
    const { app } = await openTask();
    const actor = await actorOf(app, 'leverandoer@demo.example');
    const row = await app.database.owner.db
      .selectFrom('obligation as o')
      .innerJoin('supplier as s', 's.id', 'o.supplier_id')
      .select(['o.id', 'o.type'])
      .where('s.cvr', '=', '90000004')
      .where(
        'o.type',
        'in',
        [...app.types.values()].filter((type) => type.files === 'required').map((type) => type.id),
      )
      // Never filed of, so that this is the first round.
      .where('o.state', '=', 'planned')
      .orderBy('o.id')
      .executeTakeFirstOrThrow();
    await app.database.owner.db.updateTable('obligation').set({ state: 'returned' }).where('id', '=', row.id).execute();
    const filing = submit(app.db, app.followup, actor, row.id, { answers: fullAnswers(typeOf(app.types, row.type)), formKey: crypto.randomUUID(), round: 0, lang: 'da' }, testNow);
    await expect(filing).rejects.toMatchObject({ faults: [{ field: 'files', code: 'file-required' }] });
  });

  test('is refused before the task opens, and after it is accepted', async () => {
    const { app, actor } = await openTask();
    for (const [state, code] of [
      ['planned', 'not-open-yet'],
      ['accepted', 'already-filed'],
      ['waived', 'already-filed'],
    ] as const) {
      const row = await obligationOf(app.database, '90000004', state);
      const filing = submit(app.db, app.followup, actor, row.id, { answers: {}, formKey: crypto.randomUUID(), round: 0, lang: 'da' }, testNow);
      await expect(filing).rejects.toEqual(refusal(code));
    }
  });

  test('what was filed cannot be changed by the role that serves pages', async () => {
    const { app, actor, obligation, file } = await openTask();
    await withFile(app, actor, obligation.id);
    const id = await file();
    const attempts = [
      () => asAccount(app.db, actor.accountId, (tx) => tx.updateTable('submission').set({ answers: '{}' }).where('id', '=', id).execute()),
      () => asAccount(app.db, actor.accountId, (tx) => tx.deleteFrom('submission').where('id', '=', id).execute()),
      () => asAccount(app.db, actor.accountId, (tx) => tx.updateTable('document').set({ name: 'x' }).where('submission_id', '=', id).execute()),
    ];
    for (const attempt of attempts) await expect(attempt()).rejects.toThrow(/permission denied/);
    await asAccount(app.db, actor.accountId, (tx) => tx.deleteFrom('document').where('submission_id', '=', id).execute());
    expect((await taskOf(app.db, actor, obligation.id))?.files).toHaveLength(1);
  });

  test('a supplier cannot accept its own submission, whatever query it gets to run', async () => {
    const { app, actor, obligation, file } = await openTask();
    await withFile(app, actor, obligation.id);
    await file();
    await expect(asAccount(app.db, actor.accountId, (tx) => tx.updateTable('obligation').set({ state: 'accepted' }).where('id', '=', obligation.id).execute())).rejects.toThrow(
      /row-level security/,
    );
  });
});

describe('a draft', () => {
  test('keeps what was typed, unchecked, and counts its versions', async () => {
    const { app, actor, obligation } = await openTask();
    expect(await saveDraft(app.db, actor, obligation.id, { a: 'ikke et tal' }, 0, testNow)).toBe(1);
    expect(await saveDraft(app.db, actor, obligation.id, { a: 'noget andet' }, 1, testNow)).toBe(2);
    expect((await taskOf(app.db, actor, obligation.id))?.draft_answers).toEqual({ a: 'noget andet' });
  });

  test('two tabs: the second to save is told, and overwrites only when it asks again with the version it was told', async () => {
    const { app, actor, obligation } = await openTask();
    await saveDraft(app.db, actor, obligation.id, { a: 'fane 1' }, 0, testNow);
    const second = await saveDraft(app.db, actor, obligation.id, { a: 'fane 2' }, 0, testNow).catch((error: unknown) => error);
    expect(second).toBeInstanceOf(Refusal);
    expect(second).toMatchObject({ code: 'changed-in-another-tab', facts: { version: '1' } });
    expect((await taskOf(app.db, actor, obligation.id))?.draft_answers).toEqual({ a: 'fane 1' });
    expect(await saveDraft(app.db, actor, obligation.id, { a: 'fane 2' }, 1, testNow)).toBe(2);
  });

  test('the same file attached twice is there once, and can be taken out again', async () => {
    const { app, actor, obligation } = await openTask();
    const sha256 = await withFile(app, actor, obligation.id);
    await attach(app.db, app.types, actor, obligation.id, [{ name: 'prøve.pdf', kind: 'pdf', sizeBytes: 15, sha256 }], testNow);
    const files = (await taskOf(app.db, actor, obligation.id))?.files ?? [];
    expect(files).toHaveLength(1);
    await detach(app.db, actor, obligation.id, [files[0]?.id ?? '']);
    expect((await taskOf(app.db, actor, obligation.id))?.files).toEqual([]);
  });
});
