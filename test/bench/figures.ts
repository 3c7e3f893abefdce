import { sql } from 'kysely';
import { type App, createApp } from '../../src/app.ts';
import { review } from '../../src/followup/review.ts';
import type { FollowupContext } from '../../src/followup/submit.ts';
import { type Actor, loadActor } from '../../src/identity/actor.ts';
import { publicResults, publicSums } from '../../src/observations/public/queries.ts';
import { recount } from '../../src/observations/recount.ts';
import { allSums, sumsByAgreement } from '../../src/observations/staff/queries.ts';
import { readConfig } from '../../src/platform/config.ts';
import { connect, type Db, urlForRole } from '../../src/platform/db.ts';
import { createLog } from '../../src/platform/log.ts';
import { startDemonstration } from './demonstration.ts';
import { machine, median, table } from './measure.ts';

/**
 * P8: figures of 20,000 agreements, a million of them, made past the use cases: what a page reads, beside adding up the rows
 * themselves; and accepting a delivery with and without figures. Lines are no part of it: a return brings its sums with it.
 */
export async function figures(): Promise<void> {
  const agreements = Number(process.env['BENCH_AGREEMENTS'] ?? 20_000);
  const site = await startDemonstration(4392);
  const log = createLog('error');
  const config = readConfig({ DATA_DIR: site.folder, DEMO_PASSWORD: 'bench-password' });
  const app = createApp(config, { webUrl: urlForRole(site.ownerUrl, 'web', undefined, true) }, log);
  const { db, close } = connect(site.ownerUrl, log, 1);
  try {
    await fill(db, agreements);
    const startedAt = performance.now();
    await recount(db);
    const seconds = (performance.now() - startedAt) / 1000;
    await sql`vacuum analyze observation`.execute(db);
    await sql`vacuum analyze observation_rollup`.execute(db);
    const { rows } = await sql<{ figures: number; sums: number }>`select (select count(*) from observation) as figures, (select count(*) from observation_rollup) as sums`.execute(
      db,
    );
    console.log(`\nfigures: ${machine()}; ${rows[0]?.figures} figures, ${rows[0]?.sums} sums, all computed anew in ${seconds.toFixed(1)} s`);
    const officer = await actor(app, 'sagsbehandler@demo.example');
    await measurePages(app, db, officer);
    await measureAccepting(app, db, officer);
  } finally {
    await close();
    await app.close();
    await site.stop();
  }
}

async function fill(db: Db, agreements: number): Promise<void> {
  await sql`set statement_timeout = 0`.execute(db);
  await sql`set session_replication_role = replica`.execute(db);
  await sql`insert into agreement select (jsonb_populate_record(a, jsonb_build_object('id', gen_random_uuid(), 'number', 'B-' || n))).*
    from (select a from agreement a limit 1) one (a), generate_series(1, ${agreements}::integer) n`.execute(db);
  await sql`
    insert into observation (obligation_id, submission_id, agreement_id, supplier_id, requirement_id, type, openness, indicator, latest, period, year, value, source, accepted_at)
    select o.id, o.id, o.agreement_id, o.supplier_id, 'krav-' || o.place % 30, 'transport-levering', 'agreement', i, false, o.period, left(o.period, 4)::integer, (o.place * 37) % 9973, '{}', now()
    from (
      select gen_random_uuid() as id, a.id as agreement_id, s.id as supplier_id, a.place, y || '-Q' || q as period
      from (select id, row_number() over () as place from agreement where number like 'B-%') a
      join (select id, row_number() over () - 1 as place, count(*) over () as many from supplier) s on s.place = a.place % s.many,
      generate_series(2022, 2026) y, generate_series(1, 2) q
    ) o, unnest(array['delivery-trips', 'delivery-km', 'delivery-zero-km', 'meals', 'food-waste']) i`.execute(db);
  await sql`insert into agreement_supplier (agreement_id, supplier_id, call_off_order)
    select distinct o.agreement_id, o.supplier_id, 1 from observation o join agreement a on a.id = o.agreement_id where a.number like 'B-%'`.execute(db);
  await sql`set session_replication_role = origin`.execute(db);
}

const p95 = (times: readonly number[]): number => times.toSorted((a, b) => a - b)[Math.floor(times.length * 0.95)] ?? 0;

async function measurePages(app: App, db: Db, officer: Actor): Promise<void> {
  const { rows: agreements } = await sql<{ id: string }>`select id from agreement where number like 'B-%' order by random() limit 200`.execute(db);
  const km = app.content.current().indicators.get('delivery-km');
  const share = app.content.current().indicators.get('delivery-zero-share');
  if (!km || !share) throw new Error('there are no such indicators');
  const types = app.types;
  const requirements = Array.from({ length: 10 }, (_, place) => `krav-${place}`);
  const raw = async (where: ReturnType<typeof sql>): Promise<unknown> =>
    sql`select indicator, type, year, sum(value) from observation where ${where} group by indicator, type, year`.execute(db);
  const pages: [string, number, (turn: number) => Promise<unknown>, () => Promise<unknown>][] = [
    ['an agreement', 200, (turn) => publicResults(app.db, types, agreements[turn % agreements.length]?.id ?? ''), () => raw(sql`agreement_id = ${agreements[0]?.id}`)],
    ['a requirement', 200, (turn) => publicSums(app.db, types, [`krav-${turn % 30}`]), () => raw(sql`requirement_id = 'krav-3'`)],
    ['a focus area of ten requirements', 200, () => publicSums(app.db, types, requirements), () => raw(sql`requirement_id = any (${requirements})`)],
    ['all totals', 200, () => allSums(app.db, officer), () => raw(sql`true`)],
    ['one figure by agreement', 200, (turn) => sumsByAgreement(app.db, officer, turn % 2 ? km : share, 2024), () => raw(sql`indicator = 'delivery-km' and year = 2024`)],
  ];
  const lines: (string | number)[][] = [];
  for (const [name, times, ours, theirs] of pages) {
    const took: { ours: number[]; theirs: number[] } = { ours: [], theirs: [] };
    const timed = async (into: number[], work: () => Promise<unknown>): Promise<void> => {
      const startedAt = performance.now();
      await work();
      into.push(performance.now() - startedAt);
    };
    for (let turn = 0; turn < times; turn += 1) {
      await timed(took.ours, () => ours(turn));
      if (turn % 20 === 0) await timed(took.theirs, theirs);
    }
    lines.push([name, median(took.ours).toFixed(1), p95(took.ours).toFixed(1), median(took.theirs).toFixed(1), (median(took.theirs) / median(took.ours)).toFixed(1)]);
  }
  table(['totals for a page', 'median ms', 'p95 ms', 'the rows added up, median ms', 'theirs / ours'], lines);
}

async function measureAccepting(app: App, db: Db, officer: Actor): Promise<void> {
  const count = 300;
  const plain = new Map([...app.types].map(([id, { observations: _, ...type }]) => [id, type]));
  const without: FollowupContext = { ...app.followup, types: plain, municipality: app.municipality, indicators: app.content.current().indicators };
  const { rows } = await sql<{ id: string; submission: string }>`
    with asked as (
      insert into obligation (agreement_id, supplier_id, requirement_id, type, period, opens_on, due_on, state, shown_publicly)
      select x.agreement_id, x.supplier_id, 'krav-3', 'madspild', '2026-Q3', '2026-10-01', '2026-10-15', 'submitted', true
      from agreement_supplier x join agreement a on a.id = x.agreement_id where a.number like 'B-%' limit ${count} returning id, supplier_id
    ) insert into submission (obligation_id, supplier_id, number, answers, submitted_by, submitted_by_name, submitted_at, receipt_number, form_key)
    select id, supplier_id, 1, '{"meals": 1000, "wasteKg": 40}', (select id from account where email = 'leverandoer@demo.example'), '', now(), id::text, id from asked
    returning obligation_id as id, id as submission`.execute(db);
  const took: { with: number[]; without: number[] } = { with: [], without: [] };
  for (const [turn, { id, submission }] of rows.entries()) {
    const startedAt = performance.now();
    await review(app.db, turn % 2 ? app.followup : without, officer, id, { submission, decision: 'accepted', reason: '', newDueOn: '' }, new Date(), '2026-11-23');
    took[turn % 2 ? 'with' : 'without'].push(performance.now() - startedAt);
  }
  table(
    ['accepting a delivery', 'median ms', 'p95 ms', 'beside without'],
    (['without', 'with'] as const).map((kind) => [
      `${kind} figures`,
      median(took[kind]).toFixed(2),
      p95(took[kind]).toFixed(2),
      (median(took[kind]) / median(took.without)).toFixed(2),
    ]),
  );
}

async function actor(app: App, email: string): Promise<Actor> {
  return loadActor(app.db, await app.db.selectFrom('account').select(['id', 'email', 'name']).where('email', '=', email).executeTakeFirstOrThrow());
}
