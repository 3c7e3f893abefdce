import fs from 'node:fs';
import path from 'node:path';
import { sql } from 'kysely';
import { importAgreements } from '../../src/agreements/import/import.ts';
import { openList } from '../../src/agreements/import/list.ts';
import { readQuery } from '../../src/agreements/register/query.ts';
import { matching, registerPage } from '../../src/agreements/register/register.ts';
import { importContextOf } from '../../src/content/catalogue.ts';
import { wordsOf } from '../../src/platform/asking/words.ts';
import type { Db } from '../../src/platform/db.ts';
import { csvStream } from '../../src/spreadsheet/write.ts';
import { withDatabase } from './database.ts';
import { agreementRows, titleWords } from './generator.ts';
import { machine, table } from './measure.ts';

/**
 * P3, P6, P7: a register of 100,000 agreements and 20,000 suppliers, brought in from a CSV file as anybody would, beside
 * COPY of the same rows into the same indexed tables; then searched and filtered, beside naive SQL.
 */
const today = '2026-11-23';

export async function register(): Promise<void> {
  const count = Number(process.env['BENCH_AGREEMENTS'] ?? 100_000);
  await withDatabase(async ({ folder, as, content }) => {
    await measureImport(as('owner').db, folder, count, importContextOf(content));
    await measureQueries(as('web').db, count);
  });
}

async function measureImport(db: Db, folder: string, count: number, context: ReturnType<typeof importContextOf>): Promise<void> {
  const file = path.join(folder, 'list.csv');
  const head = ['Aftalenummer', 'Titel', 'Beskrivelse', 'Leverandør', 'CVR', 'Startdato', 'Slutdato', 'CPV', 'Værdi', 'Obligatorisk', 'Krav'];
  const out = fs.createWriteStream(file);
  for await (const chunk of csvStream(head, agreementRows(count, [...new Set(context.requirementIds.values())])))
    if (!out.write(chunk)) await new Promise((resolve) => out.once('drain', () => resolve(undefined)));
  await new Promise<void>((resolve) => void out.end(() => resolve()));

  let most = 0;
  const idle = process.memoryUsage().rss;
  const watch = setInterval(() => (most = Math.max(most, process.memoryUsage().rss)), 200);
  const startedAt = performance.now();
  const list = await openList({ path: file, kind: 'csv' });
  const choices = { kind: 'contract', kindOfContract: 'supplies', acceptCvr: true } as const;
  const done = await db
    .transaction()
    .execute((tx) =>
      importAgreements(tx, list, list.guessed, choices, context, { reader: db, fileName: 'list.csv', by: null, byName: 'bench', now: new Date(`${today}T09:00:00Z`) }),
    );
  const seconds = (performance.now() - startedAt) / 1_000;
  clearInterval(watch);

  const tables = ['supplier', 'agreement', 'agreement_supplier', 'agreement_requirement', 'agreement_version', 'register_entry', 'register_word', 'agreement_import_row'];
  const at = (name: string): string => path.join(folder, `${name}.copy`);
  for (const name of tables) await sql.raw(`copy ${name} to '${at(name)}'`).execute(db);
  await sql.raw(`truncate ${tables.join(', ')} cascade`).execute(db);
  const copyStartedAt = performance.now();
  await db.transaction().execute(async (tx) => {
    await sql`set local statement_timeout = 0`.execute(tx);
    for (const name of tables) await sql.raw(`copy ${name} from '${at(name)}'`).execute(tx);
  });
  const copySeconds = (performance.now() - copyStartedAt) / 1_000;
  await sql.raw('vacuum analyze').execute(db);
  console.log(`\nregister: ${machine()}; ${done.created} agreements from a CSV of ${Math.round(fs.statSync(file).size / 1e6)} MB, ${done.faultCount} faults`);
  table(
    ['import', 'agreements a second', 'of COPY', 'memory above idle, MB'],
    [
      ['ours: read, checked, published, versions, register', Math.round(done.created / seconds), (copySeconds / seconds).toFixed(2), Math.round((most - idle) / 2 ** 20)],
      ['COPY of the finished rows into the same tables', Math.round(done.created / copySeconds), '1.00', ''],
    ],
  );
}

async function measureQueries(db: Db, count: number): Promise<void> {
  const page = async (address: string): Promise<void> => void (await registerPage(db, readQuery(new URLSearchParams(address)).query, today));
  const naive = async (question: string): Promise<void> => {
    const words = wordsOf(question).join(' ');
    await sql`select e.agreement_id, ts_rank(e.body_lexemes, q) as rank, count(*) over () from register_entry e, plainto_tsquery('danish', ${words}) q where e.body_lexemes @@ q order by rank desc limit 50`.execute(
      db,
    );
  };
  const first = async (question: string): Promise<void> =>
    void (await sql`with ${matching(wordsOf(question))} q as (select 1) select agreement_id from hits order by place limit 50`.execute(db));
  const rounds = 100;
  const words = titleWords(rounds);
  const rows: [string, (index: number) => Promise<void>][] = [
    ['search, 1 word: the first page', (index) => first(words[index]?.[0] ?? '')],
    ['search, 2 words: the first page', (index) => first(words[index]?.slice(0, 2).join(' ') ?? '')],
    ['search, 1 word: page, counts', (index) => page(`q=${words[index]?.[0]}`)],
    ['search, 2 words: page, counts', (index) => page(`q=${words[index]?.slice(0, 2).join('+')}`)],
    ['naive ranking of everything, 1 word', (index) => naive(words[index]?.[0] ?? '')],
    ['naive ranking of everything, 2 words', (index) => naive(words[index]?.slice(0, 2).join(' ') ?? '')],
    ['misspelt word', (index) => page(`q=${words[index]?.[0]?.slice(0, 3)}x${words[index]?.[0]?.slice(3)}`)],
    ['filter: category and status, by end', (index) => page(`category=${['hygiejneartikler', 'rengoering', 'foedevarer'][index % 3]}&sort=ends`)],
    ['filter: one requirement', () => page('requirement=arbejdsklausul')],
    ['no filter: first page, counts', () => page('')],
  ];
  table(
    [`${count} agreements, milliseconds`, 'p50', 'p95'],
    await (async () => {
      const measured: [string, string, string][] = [];
      for (const [name, ask] of rows) {
        const times: number[] = [];
        for (let index = 0; index < (name.startsWith('search') || name.startsWith('naive') ? rounds : 30); index += 1) {
          const startedAt = performance.now();
          await ask(index);
          times.push(performance.now() - startedAt);
        }
        times.sort((a, b) => a - b);
        measured.push([name, (times[Math.floor(times.length * 0.5)] ?? 0).toFixed(1), (times[Math.floor(times.length * 0.95)] ?? 0).toFixed(1)]);
      }
      return measured;
    })(),
  );
}
