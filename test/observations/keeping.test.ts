import fc from 'fast-check';
import { sql } from 'kysely';
import { beforeAll, describe, expect, test } from 'vitest';
import { eraseDue } from '../../src/documents/retention/erase.ts';
import { figuresIn } from '../../src/followup/figures/observe.ts';
import { typeOf } from '../../src/followup/obligation-type.ts';
import { asAccount, connect } from '../../src/platform/db.ts';
import { writtenContent } from '../support/content.ts';
import { actorOf, freshDatabase, testApp } from '../support/database.ts';
import { decide, figuresOf, file, meals, newObligation, type Own, wrongSums } from './support.ts';

let app: Own;
beforeAll(async () => {
  app = await testApp();
});
const officer = () => actorOf(app, 'sagsbehandler@demo.example');
const sumsOf = (requirement: string) =>
  app.database.owner.db
    .selectFrom('observation_rollup')
    .select(['indicator', 'year', 'value', 'deliveries'])
    .where('requirement_id', '=', requirement)
    .where('supplier_id', 'is', null)
    .orderBy('indicator')
    .execute();

describe('the figures in what was answered', () => {
  const { types, indicators } = writtenContent();
  const valuesIn = (type: string, answers: Record<string, string | number | boolean>): Record<string, string> =>
    Object.fromEntries(figuresIn(typeOf(types, type), indicators, answers).map(({ indicator, value }) => [indicator, value]));

  test('are numbers as they are, shares as parts of what they are shares of, and kroner in øre', () => {
    expect(valuesIn('byggeaffald', { totalTonnes: 30.1, hazardousTonnes: 0, reusePct: 10, recyclingPct: 80, landfillPct: 10 })).toEqual({
      'construction-waste': '30.1',
      'construction-hazardous': '0',
      'construction-reused': '3.01',
      'construction-recycled': '24.08',
      'construction-landfilled': '3.01',
    });
    expect(valuesIn('miljoemaerke-andel', { turnoverTotal: 125_050, turnoverEcolabel: 100_000, sharePct: 80 })).toEqual({
      'declared-turnover': '125050',
      'declared-ecolabel-turnover': '100000',
    });
  });

  test('count only where a choice was answered as the type says', () => {
    expect(valuesIn('oekologi', { basis: 'kg', total: 100, organic: 60, sharePct: 60 })).toEqual({ 'food-kg': '100', 'organic-kg': '60' });
    expect(valuesIn('oekologi', { basis: 'dkk', total: 100, organic: 60, sharePct: 60 })).toEqual({ 'food-dkk': '10000', 'organic-dkk': '6000' });
    expect(valuesIn('lca-byggeri', { gate: 'design', gwp: 7, limit: 8, area: 1000 })).toEqual({});
  });

  test('are what lines add up to, nought where there were none, and nothing where nothing was said', () => {
    expect(valuesIn('salgsstatistik', { lineCount: 2, totalOere: 500, ecolabelOere: 200, offContractOere: 0, buyers: 1 })).toEqual({
      turnover: '500',
      'ecolabel-turnover': '200',
      'off-contract-turnover': '0',
    });
    expect(valuesIn('salgsstatistik', { noLines: true })).toEqual({ turnover: '0', 'ecolabel-turnover': '0', 'off-contract-turnover': '0' });
    expect(valuesIn('salgsstatistik', {})).toEqual({});
  });
});

describe('figures of follow-up', () => {
  test('are there for every accepted filing of the demonstration that has any, and for no other', async () => {
    const rows = await app.database.owner.db
      .selectFrom('submission as s')
      .innerJoin('obligation as o', 'o.id', 's.obligation_id')
      .leftJoin('review as r', 'r.submission_id', 's.id')
      .select(['o.id', 'o.type', 's.answers', 'r.decision'])
      .execute();
    const { types, indicators } = app.content.current();
    const wanted = rows.flatMap(({ id, type, answers, decision }) =>
      decision === 'accepted'
        ? figuresIn(typeOf(types, type), indicators, answers as Record<string, number>).map(({ indicator, value }) => `${id} ${indicator} ${Number(value)}`)
        : [],
    );
    const kept = await app.database.owner.db.selectFrom('observation').select(['obligation_id', 'indicator', 'value']).execute();
    expect(wanted.length).toBeGreaterThan(20);
    expect(kept.map(({ obligation_id, indicator, value }) => `${obligation_id} ${indicator} ${Number(value)}`).sort()).toEqual(wanted.sort());
    expect(await wrongSums(app)).toBe(0);
  });

  test('come with the acceptance, stay while a correction is looked at, and are replaced when it is accepted', async () => {
    const { id } = await newObligation(app, { requirement: 'prøve-ret', period: '2023-Q2' });
    const first = await file(app, id, meals(1000, 50));
    expect(await figuresOf(app, id)).toEqual([]);
    await decide(app, await officer(), id, first);
    const kept = [
      { indicator: 'food-waste', value: '50', period: '2023-Q2', year: 2023, openness: 'agreement' },
      { indicator: 'meals', value: '1000', period: '2023-Q2', year: 2023, openness: 'agreement' },
    ];
    expect(await figuresOf(app, id)).toEqual(kept);
    await decide(app, await officer(), id, await file(app, id, meals(999, 49)), 'returned');
    expect(await figuresOf(app, id)).toEqual(kept);
    await decide(app, await officer(), id, await file(app, id, meals(2000, 80)));
    expect((await figuresOf(app, id)).map(({ value }) => value)).toEqual(['80', '2000']);
    expect(await sumsOf('prøve-ret')).toEqual([
      { indicator: 'food-waste', year: 2023, value: '80', deliveries: 1 },
      { indicator: 'meals', year: 2023, value: '2000', deliveries: 1 },
    ]);
    expect(await wrongSums(app)).toBe(0);
  });

  test('of a state count with the latest of the year alone, in whatever order they are accepted', async () => {
    const vehicles = (total: number): Record<string, string> => ({ total: String(total), clean: '1', zero: '1', note: 'Ingen' });
    const of = { type: 'koeretoejsflaade', requirement: 'prøve-biler' };
    const [first, second] = [await newObligation(app, { ...of, period: '2026-H1' }), await newObligation(app, { ...of, period: '2026-H2' })];
    const total = async () => (await sumsOf('prøve-biler')).find(({ indicator }) => indicator === 'vehicles');
    for (const [{ id }, count] of [[second, 7] as const, [first, 5] as const]) await decide(app, await officer(), id, await file(app, id, vehicles(count)));
    expect(await total()).toMatchObject({ value: '7', deliveries: 1 });
    await decide(app, await officer(), second.id, await file(app, second.id, vehicles(9)));
    expect(await total()).toMatchObject({ value: '9', deliveries: 1 });
    expect(await wrongSums(app)).toBe(0);
  });

  test('count once where one agreement asks for the same under two requirements', async () => {
    for (const requirement of ['prøve-a', 'prøve-b']) {
      const { id } = await newObligation(app, { requirement, period: '2025-Q4' });
      await decide(app, await officer(), id, await file(app, id, meals(100, 10)));
    }
    expect([await sumsOf('prøve-a'), await sumsOf('prøve-b')].map((sums) => sums.length)).toEqual([2, 0]);
    expect(await wrongSums(app)).toBe(0);
  });

  test('go when the answers that they were made of are erased', async () => {
    const { id } = await newObligation(app, { requirement: 'prøve-slet', period: '2024-Q1' });
    await decide(app, await officer(), id, await file(app, id, meals(100, 10)));
    expect(await sumsOf('prøve-slet')).toHaveLength(2);
    const { retention } = app.content.current();
    const worker = connect(app.database.workerUrl, () => {}, 2);
    // New rules erase nothing for seven days.
    for (const day of ['2060-01-01', '2060-02-01']) await eraseDue({ db: worker.db, files: app.files, retention, clock: { now: () => new Date(`${day}T10:00:00Z`) } });
    await worker.close();
    expect(await figuresOf(app, id)).toEqual([]);
    expect(await sumsOf('prøve-slet')).toEqual([]);
    expect(await wrongSums(app)).toBe(0);
  });

  test('are kept by nobody but those who accept', async () => {
    const own = await testApp();
    const { id } = await newObligation(own);
    const submission = await file(own, id, meals(1, 1));
    const supplier = await actorOf(own, 'leverandoer@demo.example');
    const figures = JSON.stringify([{ indicator: 'meals', latest: false, value: '1', source: {} }]);
    const keep = (account: string) => asAccount(own.db, account, (tx) => sql`select observe(${submission}, 'agreement', '2026', 2026, ${figures}::jsonb)`.execute(tx));
    await expect(keep((await actorOf(own, 'sagsbehandler@demo.example')).accountId)).rejects.toThrow('has accepted');
    await decide(own, await actorOf(own, 'sagsbehandler@demo.example'), id, submission);
    await expect(keep(supplier.accountId)).rejects.toThrow('has accepted');
    await expect(asAccount(own.db, supplier.accountId, (tx) => tx.updateTable('observation').set({ value: '9' }).execute())).rejects.toThrow(/permission denied/);
  });
});

test('forty acceptances at once leave no sum wrong and wait for each other in no circle', async () => {
  const own = await testApp();
  const officers = [await actorOf(own, 'sagsbehandler@demo.example'), await actorOf(own, 'kontrakt@demo.example')];
  const cases: { id: string; submission: string }[] = [];
  // Two halves of each year, accepted at the same moment: only the second counts, which neither acceptance knows alone.
  for (let turn = 0; turn < 40; turn += 1) {
    const { id } = await newObligation(own, { type: 'koeretoejsflaade', requirement: 'prøve-x', period: `20${10 + Math.floor(turn / 2)}-H${1 + (turn % 2)}` });
    cases.push({ id, submission: await file(own, id, { total: turn % 2 ? '7' : '100', clean: '1', zero: '1' }) });
  }
  await Promise.all(cases.map(({ id, submission }, turn) => decide(own, officers[turn % 2] as (typeof officers)[0], id, submission)));
  const { rows } = await sql<{
    value: number;
  }>`select sum(value)::integer as value from observation_rollup where indicator = 'vehicles' and requirement_id = 'prøve-x' and supplier_id is null`.execute(
    own.database.owner.db,
  );
  expect(rows).toEqual([{ value: 20 * 7 }]);
  expect(await wrongSums(own)).toBe(0);
});

test('a figure of a series is kept after the one that is being kept at that moment, and knows it', async () => {
  const own = await testApp();
  const { db } = own.database.owner;
  const keep = async (half: 1 | 2) => {
    const { id } = await newObligation(own, { type: 'koeretoejsflaade', requirement: 'prøve-z', period: `2031-H${half}` });
    const submission = await file(own, id, { total: '1', clean: '1', zero: '1' });
    const rows = JSON.stringify([{ indicator: 'vehicles', latest: true, value: half === 1 ? '100' : '7', source: {} }]);
    return sql`select observation_replace(${id}, ${submission}, 'agreement', ${`2031-H${half}`}, 2031, now(), ${rows}::jsonb)`;
  };
  const [first, second] = [await keep(1), await keep(2)];
  let waiting: Promise<unknown> = Promise.resolve();
  await db.transaction().execute(async (tx) => {
    await first.execute(tx);
    waiting = second.execute(db);
    await new Promise((resolve) => setTimeout(resolve, 300));
  });
  await waiting;
  const { rows } = await sql<{ value: string }>`select value from observation_rollup where requirement_id = 'prøve-z' and supplier_id is null`.execute(db);
  expect(rows).toEqual([{ value: '7' }]);
  expect(await wrongSums(own)).toBe(0);
});

test('after any sequence of acceptances, corrections and erasures the sums are those of the figures, counted by hand', async () => {
  const { owner } = await freshDatabase();
  await sql`delete from observation`.execute(owner.db);
  await sql`delete from observation_rollup`.execute(owner.db);
  // Of two suppliers, some of one series: what states, and what is asked for twice, depend on.
  const { rows: places } = await sql<{ obligation_id: string; submission_id: string }>`
    with asked as (
      insert into obligation (agreement_id, supplier_id, requirement_id, type, period, opens_on, due_on, state, shown_publicly)
      select x.agreement_id, x.supplier_id, requirement, 'madspild', turn::text, '2026-01-01', '2026-02-01', 'accepted', true
      from (select * from agreement_supplier order by agreement_id, supplier_id limit 2) x, unnest(array['r1', 'r2']) requirement, generate_series(1, 3) turn
      returning id, supplier_id
    ), filed as (
      insert into submission (obligation_id, supplier_id, number, answers, submitted_by, submitted_by_name, submitted_at, receipt_number, form_key)
      select id, supplier_id, 1, '{}', (select id from account limit 1), '', now(), id::text, id from asked returning id, obligation_id
    ) select obligation_id, id as submission_id from filed`.execute(owner.db);
  const step = fc.record({
    at: fc.nat({ max: places.length - 1 }),
    period: fc.constantFrom('2026-Q1', '2026-Q2', '2026-Q3', '2025-Q4'),
    figures: fc.uniqueArray(fc.record({ indicator: fc.constantFrom('a', 'b', 'c'), value: fc.integer({ min: -500, max: 500 }) }), {
      selector: ({ indicator }) => indicator,
      maxLength: 3,
    }),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async (steps) => {
      for (const { at, period, figures } of steps) {
        const place = places[at] as (typeof places)[0];
        const rows = figures.map(({ indicator, value }) => ({ indicator, latest: indicator === 'c', value: String(value / 100), source: {} }));
        await sql`select observation_replace(${place.obligation_id}, ${place.submission_id}, 'agreement', ${period}, ${Number(period.slice(0, 4))}, now(), ${JSON.stringify(rows)}::jsonb)`.execute(
          owner.db,
        );
      }
      const kept = await owner.db.selectFrom('observation').selectAll().execute();
      const same = (a: (typeof kept)[0], b: (typeof kept)[0]): boolean =>
        a.agreement_id === b.agreement_id && a.supplier_id === b.supplier_id && a.type === b.type && a.year === b.year && a.indicator === b.indicator;
      const counted = kept.filter(
        (each) =>
          !kept.some((other) => same(each, other) && other.period === each.period && other.requirement_id < each.requirement_id) &&
          !(each.latest && kept.some((other) => same(each, other) && other.period > each.period)),
      );
      const byHand = new Map<string, number>();
      for (const { requirement_id, supplier_id, agreement_id, indicator, type, year, value } of counted)
        for (const scope of [`${requirement_id} . .`, `${requirement_id} ${supplier_id} .`, `. . ${agreement_id}`])
          byHand.set(`${scope} ${indicator} ${type} ${year}`, (byHand.get(`${scope} ${indicator} ${type} ${year}`) ?? 0) + Math.round(Number(value) * 100));
      const sums = await owner.db.selectFrom('observation_rollup').selectAll().execute();
      expect(
        Object.fromEntries(
          sums.map((row) => [
            `${row.requirement_id ?? '.'} ${row.supplier_id ?? '.'} ${row.agreement_id ?? '.'} ${row.indicator} ${row.type} ${row.year}`,
            Math.round(Number(row.value) * 100),
          ]),
        ),
      ).toEqual(Object.fromEntries(byHand));
      const { rows: wrong } = await sql<{ wrong: number }>`select observation_recount() as wrong`.execute(owner.db);
      expect(wrong[0]?.wrong).toBe(0);
    }),
    { numRuns: 25 },
  );
}, 60_000);

test('sums that somebody spoilt are counted, and right again', async () => {
  const own = await testApp();
  await sql`update observation_rollup set value = value + 1 where requirement_id is not null and supplier_id is null`.execute(own.database.owner.db);
  expect(await wrongSums(own)).toBeGreaterThan(5);
  expect(await wrongSums(own)).toBe(0);
});
