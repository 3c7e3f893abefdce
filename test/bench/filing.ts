import { execFile } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { sql } from 'kysely';
import { type App, createApp } from '../../src/app.ts';
import { attach } from '../../src/followup/draft.ts';
import { tableOf } from '../../src/followup/obligation-type.ts';
import { type Actor, loadActor } from '../../src/identity/actor.ts';
import { readConfig } from '../../src/platform/config.ts';
import { connect, urlForRole } from '../../src/platform/db.ts';
import { createLog } from '../../src/platform/log.ts';
import { obligationOf } from '../support/obligations.ts';
import { serverFlags } from '../support/server-flags.ts';
import { startDemonstration } from './demonstration.ts';
import { has, machine, median, pageTimes, table, timed } from './measure.ts';
import { writeReturn } from './returns.ts';

const rounds = 3;
const run = promisify(execFile);

/** P4: a return read, checked by every rule and kept, beside psql's \copy of the same rows, ready for COPY, into the same table with its index. */
export async function filing(): Promise<void> {
  if (!has('psql')) return;
  const count = Number(process.env['BENCH_LINES'] ?? 1_000_000);
  const site = await startDemonstration(4391, {}, '0-1');
  const { folder, ownerUrl } = site;
  const log = createLog('error');
  const config = readConfig({ DATA_DIR: folder, DEMO_PASSWORD: 'bench-password' });
  const app = createApp(config, { webUrl: urlForRole(ownerUrl, 'web', undefined, true) }, log);
  const { db, close } = connect(ownerUrl, log, 2);
  try {
    const task = await obligationOf({ owner: { db } as never }, '90000004', 'open', 'salgsstatistik');
    const type = app.types.get('salgsstatistik');
    const lines = type && tableOf(type);
    if (!lines) throw new Error('there is no type salgsstatistik with lines');
    const csv = path.join(folder, 'salg.csv');
    const names = lines.columns.map(({ header }) => header.da);
    await writeReturn(csv, names, count, task.agreement);
    const { size } = fs.statSync(csv);
    const stored = await app.files.receive(fs.createReadStream(csv), size);
    if (stored === 'too-large') throw new Error('too large');
    await attach(app.db, app.types, await supplier(app), task.id, [{ name: 'salg.csv', kind: 'csv', ...stored }], new Date());
    const { id } = await db.selectFrom('return_file').select('id').where('obligation_id', '=', task.id).executeTakeFirstOrThrow();
    let memory = { keeper: 0, checker: 0 };
    const rates: { ours: number[]; theirs: number[] } = { ours: [], theirs: [] };
    const rows = path.join(folder, 'rows.copy');
    const read = async (): Promise<void> => {
      const { stdout } = await run(process.execPath, [
        ...serverFlags,
        'test/support/reading-return.ts',
        urlForRole(ownerUrl, 'worker', undefined, true),
        path.join(folder, 'files'),
        id,
      ]);
      const { seconds, megabytes, checker } = JSON.parse(/done (.*)/.exec(stdout)?.[1] ?? '') as { seconds: number; megabytes: number; checker: number };
      memory = { keeper: Math.max(memory.keeper, megabytes), checker: Math.max(memory.checker, checker) };
      rates.ours.push(count / seconds);
      const kept = await sql<{ count: number }>`select count(*) from return_line`.execute(db);
      if (kept.rows[0]?.count !== count) throw new Error(`${kept.rows[0]?.count} lines of ${count}`);
    };
    const copy = (): Promise<unknown> => run('psql', [ownerUrl, '-qc', `\\copy return_line from '${rows}'`]);
    const startOver = async (): Promise<void> => {
      await sql`truncate return_line`.execute(db);
      await db.updateTable('return_file').set({ state: 'waiting', report: null, read_at: null, line_count: 0 }).where('id', '=', id).execute();
    };
    for (let round = 0; round < rounds; round += 1) {
      await read();
      if (round === 0) await run('psql', [ownerUrl, '-qc', `\\copy return_line to '${rows}'`]);
      await startOver();
      rates.theirs.push(count / (await timed(copy)));
      await startOver();
    }
    const spread = (values: readonly number[]): string => `${Math.round(median(values))} [${Math.round(Math.min(...values))}–${Math.round(Math.max(...values))}]`;
    console.log(`\nfiling: ${machine()}; ${count} lines of ${lines.columns.length} columns, ${Math.round(size / 1e6)} MB`);
    table(
      ['lines a second', 'ours: read, checked, kept', 'psql \\copy of the rows', 'ours / theirs', 'peak MB of the keeping process', 'of the checking one'],
      [[`${rounds} rounds, in turn`, spread(rates.ours), spread(rates.theirs), (median(rates.ours) / median(rates.theirs)).toFixed(2), memory.keeper, memory.checker]],
    );
    const page = `${site.base}/aftaler/2024-031`;
    const meanwhile = [['nothing', ...(await pageTimes(page, () => sleep(5_000)))]];
    for (const [what, work] of [
      ['a return is read', read],
      ['psql copies its rows', copy],
    ] as const) {
      meanwhile.push([what, ...(await pageTimes(page, work))]);
      await startOver();
    }
    table(['meanwhile', 'seconds', 'public page p50, ms', 'p95, ms'], meanwhile);
  } finally {
    await close();
    await app.close();
    await site.stop();
  }
}

async function supplier(app: App): Promise<Actor> {
  const account = await app.db.selectFrom('account').select(['id', 'email', 'name']).where('email', '=', 'leverandoer@demo.example').executeTakeFirstOrThrow();
  return loadActor(app.db, account);
}
