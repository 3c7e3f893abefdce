import { Readable } from 'node:stream';
import { beforeAll, describe, expect, test } from 'vitest';
import { isCertificate } from '../../src/followup/library/certificate.ts';
import { chaseRenewals } from '../../src/followup/library/chase.ts';
import { addEvidence, renewEvidence, withdrawEvidence } from '../../src/followup/library/keep.ts';
import { libraryOf, usableFor, wholeEvidence } from '../../src/followup/library/queries.ts';
import { fileForMany, takeFromLibrary } from '../../src/followup/library/use.ts';
import { typeOf } from '../../src/followup/obligation-type.ts';
import { taskOf } from '../../src/followup/queries.ts';
import { review } from '../../src/followup/review.ts';
import { submit } from '../../src/followup/submit.ts';
import type { Actor } from '../../src/identity/actor.ts';
import { connect } from '../../src/platform/db.ts';
import { createLog } from '../../src/platform/log.ts';
import { atEnd } from '../support/clean-up.ts';
import { actorOf, testApp } from '../support/database.ts';
import { testNow, testToday } from '../support/known.ts';
import { fullAnswers, withFile } from '../support/obligations.ts';

let app: Awaited<ReturnType<typeof testApp>>;
let actor: Actor;
let officer: Actor;
let supplierId: string;
/** Open tasks for one kind of certificate: two on the first agreement, one on the second. */
let tasks: string[];
const answers = { standard: 'iso-14001', certificateNumber: 'DK-14001-77', certifier: 'Prøvecert', scope: 'Rengøring', validTo: '2027-01-15' };

const stored = async (content: string, name = 'iso.pdf') => {
  const file = await app.files.receive(Readable.from([Buffer.from(`%PDF-1.4 ${content}`)]), 1e6);
  if (file === 'too-large') throw new Error('unexpected');
  return { sha256: file.sha256, sizeBytes: file.sizeBytes, kind: 'pdf', name };
};
const certified = async (content: string, typed: Record<string, string> = answers) => ({ answers: typed, file: await stored(content), lang: 'da' as const });
const add = async (content: string, typed = answers) =>
  addEvidence(app.db, app.types, actor, { supplierId, type: 'iso-certifikat' }, await certified(content, typed), testNow, testToday);
const fileFor = (id: string, obligationIds: readonly string[], now = testNow, today = testToday, formKey = crypto.randomUUID()) =>
  fileForMany(app.db, app.followup, actor, id, { obligationIds, formKey, lang: 'da' }, now, today);
const refusal = (code: string) => expect.objectContaining({ code });
const faults = (...codes: string[]) => expect.objectContaining({ faults: codes.map((code) => expect.objectContaining({ code })) });

beforeAll(async () => {
  app = await testApp();
  actor = await actorOf(app, 'leverandoer@demo.example');
  officer = await actorOf(app, 'sagsbehandler@demo.example');
  supplierId = actor.suppliers[0]?.id ?? '';
  const owner = app.database.owner.db;
  const agreements = await owner
    .selectFrom('agreement as a')
    .innerJoin('agreement_supplier as s', 's.agreement_id', 'a.id')
    .select('a.id')
    .where('s.supplier_id', '=', supplierId)
    .where('a.ends_on', '>', '2027-06-01')
    .orderBy('a.number')
    .limit(2)
    .execute();
  const places = [
    [agreements[0]?.id, 'miljoeledelse'],
    [agreements[0]?.id, 'kvalitetsledelse'],
    [agreements[1]?.id, 'miljoeledelse'],
  ];
  tasks = [];
  for (const [agreement, requirement] of places) {
    const { id } = await owner
      .insertInto('obligation')
      .values({
        agreement_id: agreement ?? '',
        supplier_id: supplierId,
        requirement_id: requirement ?? '',
        type: 'iso-certifikat',
        opens_on: '2026-11-01',
        due_on: '2026-12-15',
        state: 'open',
        shown_publicly: true,
      })
      .returning('id')
      .executeTakeFirstOrThrow();
    tasks.push(id);
  }
});

describe('a certificate is sent once', () => {
  test('it satisfies three tasks on two agreements, runs out, is asked for again at all three, and is renewed once', async () => {
    const worker = connect(
      app.database.workerUrl,
      createLog('error', () => {}),
      1,
    );
    atEnd(() => worker.close());
    const id = await add('første');
    const filed = await fileFor(id, tasks);
    expect(new Set(filed).size).toBe(3);
    const numbers = await app.database.owner.db.selectFrom('submission').select('receipt_number').where('id', 'in', filed).execute();
    expect(new Set(numbers.map((row) => row.receipt_number)).size).toBe(3);
    for (const [index, task] of tasks.entries())
      await review(app.db, app.followup, officer, task, { submission: filed[index] ?? '', decision: 'accepted', reason: '', newDueOn: '' }, testNow, testToday);

    const renewalTasks = () => app.database.owner.db.selectFrom('obligation').selectAll().where('renews_evidence_id', '=', id).orderBy('id').execute();
    const mails = () =>
      app.database.owner.db.selectFrom('mail').select(['reason', 'to_address', 'subject', 'body']).where('reason', 'like', 'renewal:%').orderBy('reason').execute();
    const chased = (today: string) => chaseRenewals(worker.db, app.followup, today);
    expect(await chased('2026-11-15')).toBe(0);
    expect(await mails()).toEqual([]);
    // 60 days before: a task at each place, one mail to each of the supplier's people.
    expect(await chased('2026-11-23')).toBe(3);
    expect(await chased('2026-11-23')).toBe(0);
    const asked = await renewalTasks();
    expect(asked.map(({ state, due_on, period, shown_publicly }) => ({ state, due_on, period, shown_publicly }))).toEqual(
      Array.from({ length: 3 }, () => ({ state: 'open', due_on: '2027-01-15', period: '2027-01-15', shown_publicly: true })),
    );
    const first = await mails();
    const people = await app.database.owner.db.selectFrom('membership').select('account_id').where('supplier_id', '=', supplierId).execute();
    expect(first).toHaveLength(people.length);
    expect(first[0]?.body).toContain(`/leverandoer/dokumenter/${id}/forny`);
    // Once more at 30 and 7 days, and the day after; never twice for one of them, and none late.
    for (const day of ['2026-12-16', '2026-12-17', '2027-01-08', '2027-01-10', '2027-01-16', '2027-01-20']) await chased(day);
    expect((await mails()).length).toBe(people.length * 4);
    expect((await mails()).filter(({ subject }) => /udløbet|run out/.test(subject))).toHaveLength(people.length);

    await expect(
      fileFor(
        id,
        asked.map((task) => task.id),
        testNow,
        '2027-01-16',
      ),
    ).rejects.toEqual(refusal('expired'));
    const newer = { ...answers, validTo: '2030-01-15' };
    await renewEvidence(app.db, app.types, actor, id, 1, await certified('anden', newer), testNow, '2027-01-16');
    await fileFor(
      id,
      asked.map((task) => task.id),
      testNow,
      '2027-01-16',
    );
    expect((await renewalTasks()).map(({ state }) => state)).toEqual(['submitted', 'submitted', 'submitted']);
    expect(await chased('2027-01-30')).toBe(0);
    expect((await mails()).length).toBe(people.length * 4);
    const whole = await wholeEvidence(app.db, actor, id);
    expect(whole?.versions.map(({ number, valid_to }) => [number, valid_to])).toEqual([
      [2, '2030-01-15'],
      [1, '2027-01-15'],
    ]);
    expect(whole?.uses.map(({ version }) => version).sort()).toEqual([1, 1, 1, 2, 2, 2]);
    // What was filed first still holds the first file.
    const old = await app.database.owner.db
      .selectFrom('document')
      .select('sha256')
      .where('submission_id', '=', filed[0] ?? '')
      .executeTakeFirstOrThrow();
    expect(old.sha256).toBe(whole?.versions[1]?.sha256);
  });

  test('one that was filed with a task is remembered, and the next task offers it', async () => {
    const other = await actorOf(app, 'anden@demo.example');
    const owner = app.database.owner.db;
    const place = await owner
      .selectFrom('agreement_supplier')
      .select(['agreement_id', 'supplier_id'])
      .where('supplier_id', '=', other.suppliers[0]?.id ?? '')
      .executeTakeFirstOrThrow();
    const task = (requirement: string) =>
      owner
        .insertInto('obligation')
        .values({ ...place, requirement_id: requirement, type: 'forsikring', opens_on: '2026-11-01', due_on: '2026-12-15', state: 'open', shown_publicly: true })
        .returning(['id', 'type', 'supplier_id'])
        .executeTakeFirstOrThrow();
    const [first, second] = [await task('et'), await task('to')];
    const before = await usableFor(app.db, other, second, testToday);
    await withFile(app, other, first.id, 'police.pdf');
    const typed = fullAnswers(typeOf(app.types, 'forsikring'));
    await submit(app.db, app.followup, other, first.id, { answers: { ...typed, validFrom: '2026-01-01' }, formKey: crypto.randomUUID(), round: 0, lang: 'da' }, testNow);
    const offered = await usableFor(app.db, other, second, testToday);
    expect(offered).toHaveLength(before.length + 1);
    const known = offered.find(({ name }) => name === 'police.pdf');
    expect(known).toMatchObject({ valid_to: '2027-06-30', number: 1, uses: 1 });
    expect(await libraryOf(app.db, actor)).not.toContainEqual(expect.objectContaining({ id: known?.id }));

    await takeFromLibrary(app.db, app.followup, other, known?.id ?? '', second.id, 'da', testNow, testToday);
    const draft = await taskOf(app.db, other, second.id);
    expect(draft?.files.map(({ name }) => name)).toEqual(['police.pdf']);
    expect(draft?.draft_answers).toMatchObject({ insurer: 'Prøve', coverage: '1250,5', validTo: '2027-06-30' });
    await submit(app.db, app.followup, other, second.id, { answers: draft?.draft_answers as Record<string, string>, formKey: crypto.randomUUID(), round: 0, lang: 'da' }, testNow);
    expect((await libraryOf(app.db, other)).find(({ id }) => id === known?.id)).toMatchObject({ number: 1, uses: 2 });
    expect(await usableFor(app.db, other, second, testToday)).toHaveLength(before.length + 1);
  });
});

describe('the library says no', () => {
  test('to a certificate that has expired, ends before it begins, or has no file', async () => {
    await expect(add('udløbet', { ...answers, validTo: '2026-11-22' })).rejects.toEqual(faults('expired-already'));
    await expect(addEvidence(app.db, app.types, actor, { supplierId, type: 'iso-certifikat' }, { answers, file: null, lang: 'da' }, testNow, testToday)).rejects.toEqual(
      faults('file-required'),
    );
    const insured = { ...fullAnswers(typeOf(app.types, 'forsikring')), validFrom: '2027-07-01' };
    await expect(addEvidence(app.db, app.types, actor, { supplierId, type: 'forsikring' }, await certified('x', insured), testNow, testToday)).rejects.toEqual(
      faults('ends-before-it-begins'),
    );
    await expect(add('i dag', { ...answers, validTo: testToday })).resolves.toEqual(expect.any(String));
  });

  test('to filing with one that was withdrawn, and to withdrawing without a reason', async () => {
    const id = await add('trækkes');
    await expect(withdrawEvidence(app.db, actor, id, '  ', testNow)).rejects.toEqual(faults('reason-required'));
    await withdrawEvidence(app.db, actor, id, 'Udstederen har lukket.', testNow);
    await expect(fileFor(id, tasks)).rejects.toEqual(refusal('withdrawn'));
    await expect(withdrawEvidence(app.db, actor, id, 'igen', testNow)).rejects.toEqual(refusal('withdrawn'));
    expect(await usableFor(app.db, actor, { type: 'iso-certifikat', supplier_id: supplierId }, testToday)).not.toContainEqual(expect.objectContaining({ id }));
  });

  test('to a task of another kind or another supplier, and then files nothing at all', async () => {
    const id = await add('fremmed');
    const owner = app.database.owner.db;
    const mine = await owner
      .selectFrom('obligation')
      .select('id')
      .where('supplier_id', '=', supplierId)
      .where('state', '=', 'open')
      .where('type', '<>', 'iso-certifikat')
      .executeTakeFirstOrThrow();
    const before = await owner
      .selectFrom('submission')
      .select((eb) => eb.fn.countAll().as('n'))
      .executeTakeFirstOrThrow();
    await expect(fileFor(id, [mine.id])).rejects.toEqual(refusal('not-found'));
    const theirs = await owner.selectFrom('obligation').select('id').where('supplier_id', '<>', supplierId).executeTakeFirstOrThrow();
    await expect(fileFor(id, [theirs.id])).rejects.toEqual(refusal('not-found'));
    await expect(fileFor(id, [])).rejects.toEqual(refusal('nothing-chosen'));
    expect(
      await owner
        .selectFrom('submission')
        .select((eb) => eb.fn.countAll().as('n'))
        .executeTakeFirstOrThrow(),
    ).toEqual(before);
  });

  test('to anybody from another company, who is not told that it is there', async () => {
    const id = await add('hemmelig');
    const stranger = await actorOf(app, 'anden@demo.example');
    expect(await wholeEvidence(app.db, stranger, id)).toBeUndefined();
    await expect(renewEvidence(app.db, app.types, stranger, id, 1, await certified('y'), testNow, testToday)).rejects.toEqual(refusal('not-found'));
    await expect(withdrawEvidence(app.db, stranger, id, 'mit', testNow)).rejects.toEqual(refusal('not-found'));
    await expect(addEvidence(app.db, app.types, stranger, { supplierId, type: 'iso-certifikat' }, await certified('z'), testNow, testToday)).rejects.toEqual(refusal('not-found'));
  });

  test('to two colleagues who renew at once: one version is added, the other is told', async () => {
    const id = await add('samtidig');
    const outcomes = await Promise.allSettled(['a', 'b'].map(async (content) => renewEvidence(app.db, app.types, actor, id, 1, await certified(content), testNow, testToday)));
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(outcomes.find(({ status }) => status === 'rejected')).toMatchObject({ reason: { code: 'renewed-meanwhile' } });
    expect((await wholeEvidence(app.db, actor, id))?.versions).toHaveLength(2);
  });
});

test('the same form sent fifty times at once files each task once', async () => {
  const id = await add('mange gange', { ...answers, validTo: '2029-01-01' });
  const owner = app.database.owner.db;
  const place = await owner
    .selectFrom('obligation')
    .select(['agreement_id', 'supplier_id'])
    .where('id', '=', tasks[0] ?? '')
    .executeTakeFirstOrThrow();
  const made = await owner
    .insertInto('obligation')
    .values(
      ['x', 'y', 'z'].map((requirement) => ({
        ...place,
        requirement_id: requirement,
        type: 'iso-certifikat',
        opens_on: '2026-11-01',
        due_on: '2026-12-15',
        state: 'open',
        shown_publicly: true,
      })),
    )
    .returning('id')
    .execute();
  const ids = made.map((row) => row.id);
  const key = crypto.randomUUID();
  const answersOf = await Promise.all(Array.from({ length: 50 }, () => fileFor(id, ids, testNow, testToday, key)));
  expect(new Set(answersOf.map((filed) => filed.join())).size).toBe(1);
  const filed = await owner.selectFrom('submission').select('id').where('obligation_id', 'in', ids).execute();
  expect(filed).toHaveLength(3);
});

test('every type that is a certificate says which of its fields tell when it runs out', () => {
  const types = [...app.types.values()];
  expect(
    types
      .filter(isCertificate)
      .map(({ id }) => id)
      .sort(),
  ).toEqual(['forsikring', 'iso-certifikat', 'miljoemaerke-licens']);
  expect(types.filter(({ cadence }) => cadence === 'certificate').every(isCertificate)).toBe(true);
});
