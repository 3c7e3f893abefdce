import { beforeAll, describe, expect, test } from 'vitest';
import { saveDraft } from '../../src/followup/draft.ts';
import { askNow } from '../../src/followup/plan/ask.ts';
import { followChanges, switchOff, switchOn } from '../../src/followup/plan/plan.ts';
import type { Actor } from '../../src/identity/actor.ts';
import { connect } from '../../src/platform/db.ts';
import { createLog } from '../../src/platform/log.ts';
import { atEnd } from '../support/clean-up.ts';
import { actorOf, testApp } from '../support/database.ts';
import { testNow, testToday } from '../support/known.ts';

let app: Awaited<ReturnType<typeof testApp>>;
let officer: Actor;
let agreement: { id: string; supplier_id: string };
const asked = { requirementId: 'nyt-krav', type: 'miljoemaerke-andel' };
const owner = () => app.database.owner.db;
const obligations = () =>
  owner().selectFrom('obligation').selectAll().where('agreement_id', '=', agreement.id).where('requirement_id', '=', 'nyt-krav').orderBy('due_on').execute();
const followed = async () => {
  const worker = connect(
    app.database.workerUrl,
    createLog('error', () => {}),
    1,
  );
  atEnd(() => worker.close());
  return followChanges(worker.db, app.types, testToday);
};

beforeAll(async () => {
  app = await testApp();
  officer = await actorOf(app, 'sagsbehandler@demo.example');
  agreement = await owner()
    .selectFrom('agreement as a')
    .innerJoin('agreement_supplier as s', 's.agreement_id', 'a.id')
    .innerJoin('supplier as p', 'p.id', 's.supplier_id')
    .select(['a.id', 's.supplier_id'])
    .where('p.cvr', '=', '90000004')
    .orderBy('a.number')
    .executeTakeFirstOrThrow();
  await owner()
    .deleteFrom('agreement_supplier')
    .where('agreement_id', '=', agreement.id)
    .where('supplier_id', '<>', agreement.supplier_id)
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('obligation as o')
            .select('o.id')
            .whereRef('o.agreement_id', '=', 'agreement_supplier.agreement_id')
            .whereRef('o.supplier_id', '=', 'agreement_supplier.supplier_id'),
        ),
      ),
    )
    .execute();
  await owner().updateTable('agreement').set({ starts_on: '2026-05-10', ends_on: '2027-05-09' }).where('id', '=', agreement.id).execute();
  await owner().insertInto('agreement_requirement').values({ agreement_id: agreement.id, requirement_id: 'nyt-krav' }).execute();
});

describe('follow-up that is switched on', () => {
  test('asks each supplier for what is still to come, and for nothing that was due before', async () => {
    const made = await switchOn(app.db, app.types, officer, agreement.id, [asked], testNow, testToday);
    const rows = (await obligations()).filter(({ supplier_id }) => supplier_id === agreement.supplier_id);
    expect(rows.map(({ period, opens_on, due_on, state }) => [period, opens_on, due_on, state])).toEqual([
      ['2026-Q4', '2027-01-01', '2027-01-15', 'planned'],
      ['2027-Q1', '2027-04-01', '2027-04-15', 'planned'],
      ['2027-Q2', '2027-05-10', '2027-05-24', 'planned'],
    ]);
    expect(made % 3).toBe(0);
    expect(await switchOn(app.db, app.types, officer, agreement.id, [asked], testNow, testToday)).toBe(0);
  });

  test('follows the agreement: an option that is used adds quarters, an early end drops those that nobody began', async () => {
    await owner().updateTable('agreement').set({ ends_on: '2027-12-31' }).where('id', '=', agreement.id).execute();
    expect(await followed()).toBe(1);
    expect(await followed()).toBe(0);
    const mine = async () => (await obligations()).filter(({ supplier_id }) => supplier_id === agreement.supplier_id);
    expect((await mine()).map(({ period, due_on }) => [period, due_on])).toEqual([
      ['2026-Q4', '2027-01-15'],
      ['2027-Q1', '2027-04-15'],
      ['2027-Q2', '2027-07-15'],
      ['2027-Q3', '2027-10-15'],
      ['2027-Q4', '2028-01-15'],
    ]);
    // Somebody has begun on the third quarter.
    const begun = (await mine()).find(({ period }) => period === '2027-Q3');
    await owner()
      .updateTable('obligation')
      .set({ state: 'open' })
      .where('id', '=', begun?.id ?? '')
      .execute();
    await saveDraft(app.db, await actorOf(app, 'leverandoer@demo.example'), begun?.id ?? '', { percentage: '80' }, 0, testNow);
    await owner().updateTable('agreement').set({ ends_on: '2027-03-31' }).where('id', '=', agreement.id).execute();
    expect(await followed()).toBe(1);
    expect((await mine()).map(({ period }) => period)).toEqual(['2026-Q4', '2027-Q1', '2027-Q3']);
  });

  test('can be switched off: what was begun stays, the rest goes', async () => {
    const before = await obligations();
    const dropped = await switchOff(app.db, officer, agreement.id, asked);
    const left = await obligations();
    expect(dropped).toBe(before.length - left.length);
    expect(left.map(({ period }) => period)).toEqual(['2027-Q3']);
    expect(await switchOff(app.db, officer, agreement.id, asked)).toBe(0);
  });

  test('is for those who review alone, and for requirements that the agreement carries', async () => {
    for (const email of ['revision@demo.example', 'leverandoer@demo.example', 'redaktoer@demo.example'])
      await expect(switchOn(app.db, app.types, await actorOf(app, email), agreement.id, [asked], testNow, testToday)).rejects.toMatchObject({ code: 'not-allowed' });
    await expect(switchOn(app.db, app.types, officer, agreement.id, [{ ...asked, requirementId: 'findes-ikke' }], testNow, testToday)).rejects.toMatchObject({ code: 'not-found' });
    await expect(switchOn(app.db, app.types, officer, agreement.id, [{ ...asked, type: 'findes-ikke' }], testNow, testToday)).rejects.toMatchObject({ code: 'not-found' });
    const entries = await owner().selectFrom('audit_entry').select('event').where('subject', '=', agreement.id).where('event', 'like', 'followup.%').execute();
    expect(entries.map(({ event }) => event).sort()).toEqual(['followup.laid-out', 'followup.laid-out', 'followup.switched-off', 'followup.switched-on']);
  });

  test('can be asked for along the way: at once, due as the type says, once a day, and untouched by what becomes of the agreement', async () => {
    const event = { requirementId: 'nyt-krav', type: 'afvigelse' };
    const ask = (day: string, cvr: string | null = '90000004') => askNow(app.db, app.types, officer, agreement.id, { ...event, day, cvr }, testToday);
    await expect(ask(testToday)).rejects.toMatchObject({ code: 'not-switched-on' });
    expect(await switchOn(app.db, app.types, officer, agreement.id, [event], testNow, testToday)).toBe(0);
    expect(await ask('2026-11-20')).toBe(1);
    const made = async () => (await obligations()).filter(({ type }) => type === 'afvigelse');
    expect(await made()).toMatchObject([{ period: '2026-11-20/2026-11-20', state: 'open', opens_on: testToday, due_on: '2026-11-27', supplier_id: agreement.supplier_id }]);
    // Long ago, and asked for today: nobody is late from the first moment.
    await ask('2026-06-01');
    expect((await made()).map(({ due_on }) => due_on)).toEqual([testToday, '2026-11-27']);
    await expect(ask('2026-11-20')).rejects.toMatchObject({ code: 'asked-already' });
    await expect(ask('2026-11-24')).rejects.toMatchObject({ code: 'day-outside-agreement' });
    await expect(ask(testToday, '90002740')).rejects.toMatchObject({ code: 'not-found' });
    await owner().updateTable('agreement').set({ ends_on: '2028-03-31' }).where('id', '=', agreement.id).execute();
    expect(await followed()).toBeGreaterThan(0);
    expect(await made()).toHaveLength(2);
    const supplier = await actorOf(app, 'leverandoer@demo.example');
    await expect(askNow(app.db, app.types, supplier, agreement.id, { ...event, day: testToday, cvr: null }, testToday)).rejects.toMatchObject({ code: 'not-allowed' });
  });

  test('asks a supplier once for each lot that it delivers under, and follows when suppliers and lots change', async () => {
    const quarterly = { requirementId: 'delt-krav', type: asked.type };
    const id = agreement.id;
    const { db } = app.database.owner;
    const rows = async () =>
      (await db.selectFrom('obligation').selectAll().where('agreement_id', '=', id).where('requirement_id', '=', 'delt-krav').orderBy('due_on').orderBy('lot').execute()).map(
        ({ supplier_id, period, lot }) => [supplier_id === agreement.supplier_id ? 'A' : 'B', period, lot],
      );
    await db.updateTable('agreement').set({ ends_on: '2027-03-31' }).where('id', '=', id).execute();
    await db.deleteFrom('agreement_lot').where('agreement_id', '=', id).execute();
    await db.deleteFrom('followup_plan').where('agreement_id', '=', id).execute();
    await db.insertInto('agreement_requirement').values({ agreement_id: id, requirement_id: 'delt-krav' }).execute();
    await switchOn(app.db, app.types, officer, id, [quarterly], testNow, testToday);
    const only = (list: (string | null)[][]) => list.filter(([who]) => who === 'A');
    expect(only(await rows())).toEqual([
      ['A', '2026-Q4', null],
      ['A', '2027-Q1', null],
    ]);

    // Two lots come, and somebody has already begun on the last quarter of 2026 for the whole agreement.
    const whole = await db
      .selectFrom('obligation')
      .select('id')
      .where('agreement_id', '=', id)
      .where('requirement_id', '=', 'delt-krav')
      .where('supplier_id', '=', agreement.supplier_id)
      .where('period', '=', '2026-Q4')
      .executeTakeFirstOrThrow();
    await db.updateTable('obligation').set({ state: 'open' }).where('id', '=', whole.id).execute();
    await saveDraft(app.db, await actorOf(app, 'leverandoer@demo.example'), whole.id, { percentage: '80' }, 0, testNow);
    for (const number of ['1', '2']) {
      await db
        .insertInto('agreement_lot')
        .values({ agreement_id: id, number, title_da: `Del ${number}`, title_en: `Part ${number}` })
        .execute();
      await db.insertInto('agreement_lot_supplier').values({ agreement_id: id, lot_number: number, supplier_id: agreement.supplier_id, call_off_order: 1 }).execute();
    }
    expect(await followed()).toBe(1);
    expect(only(await rows())).toEqual([
      ['A', '2026-Q4', null],
      ['A', '2027-Q1', '1'],
      ['A', '2027-Q1', '2'],
    ]);

    // A supplier that joins is asked too, and one that leaves a lot is no longer asked for it.
    const other = await db.selectFrom('supplier').select('id').where('cvr', '=', '90002740').executeTakeFirstOrThrow();
    await db
      .insertInto('agreement_supplier')
      .values({ agreement_id: id, supplier_id: other.id, call_off_order: 2 })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
    await db.insertInto('agreement_lot_supplier').values({ agreement_id: id, lot_number: '2', supplier_id: other.id, call_off_order: 2 }).execute();
    await db.deleteFrom('agreement_lot_supplier').where('agreement_id', '=', id).where('lot_number', '=', '1').execute();
    expect(await followed()).toBe(1);
    expect(await followed()).toBe(0);
    expect((await rows()).filter(([, period]) => period === '2027-Q1')).toEqual([
      ['A', '2027-Q1', '2'],
      ['B', '2027-Q1', '2'],
    ]);
  });
});

test('every type of the content says when it is due', () => {
  for (const type of app.types.values()) expect(type.deadline, type.id).toBeDefined();
});
