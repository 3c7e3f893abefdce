import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'kysely';
import { describe, expect, test } from 'vitest';
import { eraseDue } from '../../src/documents/retention/erase.ts';
import { liftHold, lockHolds, setHold } from '../../src/documents/retention/holds.ts';
import { rulesOf } from '../../src/documents/retention/schedule.ts';
import { lockForFiling, saveDraft } from '../../src/followup/draft.ts';
import { firstAuditFault } from '../../src/platform/audit.ts';
import { addDays, days, standingClock } from '../../src/platform/clock.ts';
import { asAccount, connect } from '../../src/platform/db.ts';
import { createLog } from '../../src/platform/log.ts';
import { atEnd } from '../support/clean-up.ts';
import { actorOf, testApp } from '../support/database.ts';
import { testNow } from '../support/known.ts';
import { fullAnswers, obligationOf, withFile } from '../support/obligations.ts';
import { World } from './retention-model.ts';

const daysLived = 100;
const daysAfter = 50;

/** Lives through a world day by day, until product and model differ. Returns in what. */
async function live(world: World, days: number): Promise<string[]> {
  const wrong: string[] = [];
  for (let day = 0; day < days; day += 1) {
    await world.run();
    world.erase();
    wrong.push(...(await world.differences()), ...(await world.wrongBytes()));
    if (wrong.length > 0) break;
    await world.live();
    world.today = addDays(world.today, 1);
  }
  return wrong;
}

/** Changes a function of the database, to see that the tests notice. */
async function weaken(world: World, name: string, from: string, to: string): Promise<void> {
  const { rows } = await sql<{ text: string }>`select pg_get_functiondef(${name}::regprocedure) as text`.execute(world.database.owner.db);
  const before = rows[0]?.text ?? '';
  expect(before).toContain(from);
  await sql.raw(before.replaceAll(from, to)).execute(world.database.owner.db);
}

describe('a random municipality, day by day', () => {
  test('everything that is due and not held is erased on its day, and nothing else ever is; bytes stay as long as one file needs them; the plan comes true', async () => {
    const world = await World.make(20261123);
    expect(await live(world, daysLived)).toEqual([]);

    const { db } = world.database.owner;
    const erasures = await db
      .selectFrom('erasure as e')
      .innerJoin('audit_entry as a', 'a.seq', 'e.audit_seq')
      .selectAll('e')
      .select(['a.event', 'a.subject as about', 'a.detail'])
      .execute();
    const count = (subject: string): number => erasures.filter((erasure) => erasure.subject === subject).length;
    console.log(
      `measured: ${daysLived} days: erased ${count('document')} filed and unfiled files, ${count('answers')} sets of answers, ${count('draft')} drafts, ${count('evidence')} library documents, ${count('readings')} lots of readings; 0 too early, too late or wrongly`,
    );
    for (const subject of ['document', 'answers', 'draft', 'evidence', 'readings']) expect(count(subject)).toBeGreaterThan(3);

    // The proof: each is an entry of a log that holds, and says which bytes; what is no longer needed the store does not have.
    expect(await firstAuditFault(db)).toBeNull();
    for (const { subject, subject_id, sha256, event, about, detail } of erasures) {
      expect(event).toBe(`${subject}.erased`);
      if (subject_id) expect(about).toBe(subject_id);
      if (sha256) expect(detail).toMatchObject({ sha256 });
    }
    const removed = await db.selectFrom('held_file').select('sha256').where('removed_at', 'is not', null).execute();
    expect(removed.length).toBeGreaterThan(0);
    for (const { sha256 } of removed) expect([world.needed.has(sha256), await world.files.stat(sha256)]).toEqual([false, null]);
    const rows = await db.selectFrom('document').select(['name', 'size_bytes', 'kind', 'sha256']).where('erased_at', 'is not', null).execute();
    for (const row of rows) expect(row).toMatchObject({ name: 'slettet', size_bytes: 10, kind: 'pdf' });

    // Nothing more happens: what goes from now on is what the plan says today.
    const plan = await world.plan();
    const went = new Map<string, string>();
    for (let day = 0; day < daysAfter; day += 1) {
      const before = await world.plan();
      await world.run();
      const after = await world.plan();
      for (const id of before.keys()) if (!after.has(id)) went.set(id, world.today);
      world.today = addDays(world.today, 1);
    }
    const planned = [...plan].filter(([, day]) => day < world.today);
    console.log(`measured: the plan named ${planned.length} things and their days for the next ${daysAfter} days; ${went.size} went, each on its day`);
    expect(planned.length).toBeGreaterThan(10);
    expect(Object.fromEntries(went)).toEqual(Object.fromEntries(planned));
  });

  test.each([
    ['holds are not obeyed', "'hold'", 'null'],
    ['undecided cases are erased', "'case'", 'null'],
    ['a certificate is erased while a filing needs it', 'used.due_on)', 'null)'],
    ['a month is a day short', 'months => r.months)', "months => r.months) - interval '1 day'"],
  ])('the same test notices when %s', async (_what, from, to) => {
    const world = await World.make(20261123);
    await weaken(world, 'retention_items(jsonb)', from, to);
    expect(await live(world, daysLived)).not.toEqual([]);
  });

  test('the same test notices when bytes are removed that another file needs', async () => {
    const world = await World.make(20261123);
    await sql`create or replace view file_reference with (security_invoker) as select sha256, size_bytes from upload where sha256 is not null`.execute(world.database.owner.db);
    expect((await live(world, daysLived)).join()).toContain('is needed and gone');
  });
});

/** The demonstration and its worker, with a clock that stands years later. */
async function later(years: number) {
  const app = await testApp();
  const worker = connect(
    app.database.workerUrl,
    createLog('error', () => {}),
    4,
  );
  atEnd(() => worker.close());
  const now = new Date(testNow.getTime() + years * days(365.25));
  const { retention } = app.content.current();
  await app.database.owner.db
    .insertInto('retention_rules')
    .values({ rules: rulesOf(retention), since: testNow })
    .execute();
  const erase = (with_ = retention, at = now) => eraseDue({ db: worker.db, files: app.files, retention: with_, clock: standingClock(at) });
  return {
    app,
    erase,
    now,
    retention,
    owner: app.database.owner.db,
    officer: await actorOf(app, 'sagsbehandler@demo.example'),
    supplier: await actorOf(app, 'leverandoer@demo.example'),
  };
}

/** Something that goes on when it is told to. */
function gate(): { opened: Promise<void>; open: () => void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { opened: promise, open: resolve };
}

describe('who is first', () => {
  test('a hold that somebody is setting is obeyed by an erasure that begins meanwhile', async () => {
    const { erase, owner, officer } = await later(30);
    const held = await owner
      .selectFrom('submission as s')
      .innerJoin('obligation as o', 'o.id', 's.obligation_id')
      .select('o.agreement_id')
      .orderBy('o.agreement_id')
      .executeTakeFirstOrThrow();
    const [locked, committing] = [gate(), gate()];
    const setting = owner.transaction().execute(async (tx) => {
      await lockHolds(tx);
      await tx
        .insertInto('legal_hold')
        .values({ ...held, reason: 'retssag', set_at: testNow, set_by: officer.accountId, set_by_name: officer.name })
        .execute();
      locked.open();
      await committing.opened;
    });
    await locked.opened;
    const erasing = erase();
    await sleep(150);
    committing.open();
    await setting;
    await erasing;
    const left = await owner.selectFrom('submission as s').innerJoin('obligation as o', 'o.id', 's.obligation_id').select(['o.agreement_id', 's.erased_at']).execute();
    expect(left.filter(({ agreement_id, erased_at }) => agreement_id === held.agreement_id && erased_at)).toEqual([]);
    expect(left.filter(({ agreement_id, erased_at }) => agreement_id !== held.agreement_id && erased_at).length).toBeGreaterThan(0);
  });

  test('a draft that is being filed at this moment is filed, not erased', async () => {
    const { app, erase, owner, supplier } = await later(3);
    const obligation = await obligationOf(app.database, '90000004', 'open');
    const type = app.types.get(obligation.type);
    if (!type) throw new Error('unexpected');
    await saveDraft(app.db, supplier, obligation.id, fullAnswers(type), 0, testNow);
    const sha256 = await withFile(app, supplier, obligation.id);
    const [locked, going] = [gate(), gate()];
    // What submit does, stopped between its lock and its changes.
    const filing = asAccount(app.db, supplier.accountId, async (tx) => {
      await lockForFiling(tx, supplier, obligation.id);
      locked.open();
      await going.opened;
      const { id, supplier_id } = obligation;
      const by = { submitted_by: supplier.accountId, submitted_by_name: 'x', submitted_at: testNow, receipt_number: 'X-1', form_key: id };
      await tx
        .insertInto('submission')
        .values({ id, obligation_id: id, supplier_id, number: 9, answers: '{}', ...by })
        .execute();
      const bound = await tx.updateTable('document').set({ submission_id: id }).where('obligation_id', '=', id).where('submission_id', 'is', null).executeTakeFirst();
      await tx.deleteFrom('draft').where('obligation_id', '=', id).execute();
      return bound.numUpdatedRows;
    });
    await locked.opened;
    const erasing = erase();
    await sleep(150);
    going.open();
    expect(await filing).toBe(1n);
    await erasing;
    const document = await owner
      .selectFrom('document')
      .select(['erased_at', 'submission_id'])
      .where('sha256', '=', sha256)
      .where('obligation_id', '=', obligation.id)
      .executeTakeFirst();
    expect(document).toEqual({ erased_at: null, submission_id: obligation.id });
    expect(await app.files.stat(sha256)).not.toBeNull();
  });
});

test('a time that was changed erases nothing for seven days, and the change is in the log', async () => {
  const { erase, now, retention, owner } = await later(30);
  const shorter = { ...retention, classes: retention.classes.map((each) => ({ ...each, months: 1 })) };
  const isErased = async () => (await owner.selectFrom('submission').select('id').where('erased_at', 'is not', null).execute()).length > 0;
  expect(await erase(shorter)).toEqual({ erased: 0, readings: 0, bytesRemoved: 0 });
  expect(await erase(shorter, new Date(now.getTime() + days(6)))).toMatchObject({ erased: 0 });
  expect(await erase(retention, new Date(now.getTime() + days(6.5)))).toMatchObject({ erased: 0 });
  expect(await erase(shorter, new Date(now.getTime() + days(13)))).toMatchObject({ erased: 0 });
  expect(await isErased()).toBe(false);
  expect((await erase(shorter, new Date(now.getTime() + days(20)))).erased).toBeGreaterThan(0);
  expect(await isErased()).toBe(true);
  const entries = await owner.selectFrom('audit_entry').select('detail').where('event', '=', 'retention.changed').orderBy('seq').execute();
  expect(entries).toHaveLength(3);
  expect(JSON.stringify(entries[0]?.detail)).toContain('"months":1');
});

describe('holds', () => {
  test('are set with a reason by those who decide cases, once, and lifted with a reason; each is an entry in the log', async () => {
    const { app, owner, officer, supplier } = await later(0);
    const auditor = await actorOf(app, 'revision@demo.example');
    const typed = { on: 'agreement', which: ' 2024-031 ', reason: 'Retssag om levering' };
    await expect(setHold(app.db, auditor, typed, testNow)).rejects.toMatchObject({ code: 'not-allowed' });
    await expect(setHold(app.db, supplier, typed, testNow)).rejects.toMatchObject({ code: 'not-allowed' });
    const faults = async (wrong: Partial<typeof typed>) => (await setHold(app.db, officer, { ...typed, ...wrong }, testNow).catch((error: { faults: unknown }) => error))?.faults;
    expect(await faults({ on: '', reason: ' ' })).toEqual([
      { field: 'on', code: 'what-required' },
      { field: 'reason', code: 'reason-required' },
    ]);
    expect(await faults({ which: '1999-1' })).toEqual([{ field: 'which', code: 'no-such-agreement' }]);
    expect(await faults({ on: 'supplier', which: '12345678' })).toEqual([{ field: 'which', code: 'no-such-supplier' }]);
    expect(await faults({ reason: 'x'.repeat(1001) })).toEqual([{ field: 'reason', code: 'too-long' }]);
    await setHold(app.db, officer, typed, testNow);
    await expect(setHold(app.db, officer, typed, testNow)).rejects.toMatchObject({ code: 'already-held' });
    await setHold(app.db, officer, { on: 'supplier', which: 'DK 90 00 00 04', reason: 'Konkurs' }, testNow);
    const [first] = await owner.selectFrom('legal_hold').select('id').orderBy('reason', 'desc').execute();
    const id = first?.id ?? '';
    await expect(liftHold(app.db, auditor, id, 'slut', testNow)).rejects.toMatchObject({ code: 'not-allowed' });
    await expect(liftHold(app.db, officer, id, ' ', testNow)).rejects.toMatchObject({ faults: [{ code: 'reason-required' }] });
    await liftHold(app.db, officer, id, 'Dom er faldet', testNow);
    await expect(liftHold(app.db, officer, id, 'igen', testNow)).rejects.toMatchObject({ code: 'already-lifted' });
    await expect(liftHold(app.db, officer, 'findes ikke', 'x', testNow)).rejects.toMatchObject({ code: 'not-found' });
    await setHold(app.db, officer, typed, testNow);
    const entries = await owner.selectFrom('audit_entry').select('event').where('event', 'like', 'hold.%').orderBy('seq').execute();
    expect(entries.map(({ event }) => event)).toEqual(['hold.set', 'hold.set', 'hold.lifted', 'hold.set']);
    expect(await firstAuditFault(owner)).toBeNull();
  });
});
