import { sql } from 'kysely';
import { beforeAll, describe, expect, test } from 'vitest';
import { originOf } from '../../src/observations/origin/queries.ts';
import { publicResults, publicSums } from '../../src/observations/public/queries.ts';
import { allSums } from '../../src/observations/staff/queries.ts';
import { figuresOf } from '../../src/observations/sums.ts';
import { asAccount } from '../../src/platform/db.ts';
import { actorOf, testApp } from '../support/database.ts';
import { decide, file, mailOf, meals, newObligation, type Own } from './support.ts';

let app: Own;
beforeAll(async () => {
  app = await testApp();
});
const officer = () => actorOf(app, 'sagsbehandler@demo.example');

describe('what everyone may see', () => {
  test('of an agreement is what the type shows per agreement, and nothing that it shows in sums or not at all', async () => {
    const open = await newObligation(app, { period: '2022-Q1' });
    const summed = await newObligation(app, { type: 'leverandoersamfundsansvar', requirement: 'prøve-kæde', period: '2022' });
    const closed = await newObligation(app, { type: 'revisorerklaering-omsaetning', requirement: 'prøve-revisor', period: '2022' });
    await decide(app, await officer(), open.id, await file(app, open.id, meals(500, 20)));
    // What is accepted of the others is written past the filing, which asks for files.
    for (const [{ id, supplierId }, indicator, openness] of [[summed, 'chain-audits', 'sums'] as const, [closed, 'audited-turnover', 'closed'] as const]) {
      const { rows } = await sql<{ id: string }>`
        insert into submission (obligation_id, supplier_id, number, answers, submitted_by, submitted_by_name, submitted_at, receipt_number, form_key)
        values (${id}, ${supplierId}, 1, '{}', (select id from account limit 1), '', now(), ${id}, ${id}) returning id`.execute(app.database.owner.db);
      const figures = JSON.stringify([{ indicator, latest: false, value: '77', source: { field: 'x' } }]);
      await sql`select observation_replace(${id}, ${rows[0]?.id}, ${openness}, '2022', 2022, now(), ${figures}::jsonb)`.execute(app.database.owner.db);
    }
    const of2022 = (await publicResults(app.db, app.types, open.agreementId)).filter(({ year }) => year === 2022);
    expect(of2022.map(({ indicator, value }) => [indicator, Number(value)]).sort()).toEqual([
      ['food-waste', 20],
      ['meals', 500],
    ]);
    expect(of2022[0]).toMatchObject({ last_period: '2022-Q1', deliveries: 1, requirement_id: 'madspild' });
    expect(figuresOf(of2022, app.content.current().indicators).map(({ indicator, value }) => [indicator.id, value])).toContainEqual(['food-waste-per-meal', 40]);
    expect(await publicSums(app.db, app.types, ['prøve-revisor'])).toEqual([]);
    const changed = new Map([...app.types].map(([id, type]) => [id, { visibility: id === 'madspild' ? 'confidential' : type.visibility }]));
    expect(await publicResults(app.db, changed, open.agreementId).then((rows) => rows.filter(({ type }) => type === 'madspild'))).toEqual([]);
    // Without an account the tables themselves show nothing.
    for (const table of ['observation', 'observation_rollup'] as const) expect(await app.db.selectFrom(table).selectAll().execute()).toEqual([]);
  });

  test('of sums that must not tell one supplier from another is nothing until three suppliers are behind them', async () => {
    const value = async () => (await publicSums(app.db, app.types, ['prøve-tre'])).find(({ indicator }) => indicator === 'chain-audits')?.value;
    const seen: (string | null | undefined)[] = [];
    for (const cvr of ['90000004', '90002740', '90004115', '90004115'] as const) {
      const { id, supplierId } = await newObligation(app, { cvr, type: 'leverandoersamfundsansvar', requirement: 'prøve-tre', period: `20${30 + seen.length}` });
      const { rows } = await sql<{ id: string }>`
        insert into submission (obligation_id, supplier_id, number, answers, submitted_by, submitted_by_name, submitted_at, receipt_number, form_key)
        values (${id}, ${supplierId}, 1, '{}', (select id from account limit 1), '', now(), ${id}, ${id}) returning id`.execute(app.database.owner.db);
      const figures = JSON.stringify([{ indicator: 'chain-audits', latest: false, value: '10', source: { field: 'audits' } }]);
      // Four filings of one year; the last is a second one of a supplier that is counted already.
      await sql`select observation_replace(${id}, ${rows[0]?.id}, 'sums', ${`2030-Q${seen.length + 1}`}, 2030, now(), ${figures}::jsonb)`.execute(app.database.owner.db);
      seen.push(await value());
    }
    expect(seen).toEqual([null, null, '30', '40']);
  });
});

describe('where a figure comes from', () => {
  test('is for staff who read cases and for the supplier itself', async () => {
    const { id } = await newObligation(app, { period: '2021-Q1' });
    const submission = await file(app, id, meals(500, 20));
    await decide(app, await officer(), id, submission);
    const counting = () => ({ column: null, wanted: null });
    const asked = async (email: string) => originOf(app.db, await actorOf(app, email), { submissionId: submission }, 'meals', counting, 0);
    expect(await asked('leverandoer@demo.example')).toMatchObject({ value: '500', source: { field: 'meals' }, lines: null, obligation_id: id });
    expect(await asked('revision@demo.example')).toMatchObject({ value: '500' });
    for (const stranger of ['anden@demo.example', 'budget@demo.example', 'redaktoer@demo.example']) expect(await asked(stranger)).toBeUndefined();
    expect(await allSums(app.db, await actorOf(app, 'leverandoer@demo.example'))).toEqual([]);
  });

  test('shows lines of a return to the same people alone, also past the page', async () => {
    const { id, supplierId } = await newObligation(app, { type: 'salgsstatistik', requirement: 'prøve-linjer' });
    const { db } = app.database.owner;
    const { rows } = await sql<{ id: string }>`
      insert into return_file (obligation_id, supplier_id, state, report, line_count, made_at) values (${id}, ${supplierId}, 'read', '{}', 250, now()) returning id`.execute(db);
    const kept = rows[0]?.id ?? '';
    await sql`insert into return_line select ${kept}, line + 1, array['L' || line, case when line % 5 = 0 then 'svanemaerket' end, case when line % 50 = 0 then 'false' else 'true' end] from generate_series(1, 250) line`.execute(
      db,
    );
    const lines = async (email: string | null, column: number | null, wanted: string | null, after = 0) => {
      const account = email === null ? null : (await actorOf(app, email)).accountId;
      return asAccount(app.db, account, async (tx) => {
        const shown = await sql<{ line: number; cells: string[] }>`select * from counted_lines(${kept}, ${column}, ${wanted}, ${after}, 100)`.execute(tx);
        const count = await sql<{ count: number }>`select counted_line_count(${kept}, ${column}, ${wanted}, null) as count`.execute(tx);
        return { lines: shown.rows.map(({ line }) => line), count: count.rows[0]?.count };
      });
    };
    expect(await lines('leverandoer@demo.example', null, null, 101)).toEqual({ lines: Array.from({ length: 100 }, (_, place) => 102 + place), count: 250 });
    expect(await lines('sagsbehandler@demo.example', 2, null)).toMatchObject({ count: 50 });
    expect(await lines('revision@demo.example', 3, 'false')).toEqual({ lines: [51, 101, 151, 201, 251], count: 5 });
    for (const stranger of [mailOf['90002740'], 'budget@demo.example', 'admin@demo.example', null]) expect(await lines(stranger, null, null)).toEqual({ lines: [], count: 0 });
    await expect(asAccount(app.db, (await officer()).accountId, (tx) => tx.selectFrom('return_line').selectAll().execute())).rejects.toThrow(/permission denied/);
  });
});
