import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { sql } from 'kysely';
import { importAgreements } from '../../src/agreements/import/import.ts';
import { openList } from '../../src/agreements/import/list.ts';
import { tallyOf } from '../../src/agreements/register/counts.ts';
import { all, conditions } from '../../src/agreements/register/filters.ts';
import { askedFor, matching } from '../../src/agreements/register/matching.ts';
import { readQuery } from '../../src/agreements/register/query.ts';
import { pageOf, registerPage } from '../../src/agreements/register/register.ts';
import { importContextOf } from '../../src/content/catalogue.ts';
import { wordsOf } from '../../src/platform/asking/words.ts';
import type { Db } from '../../src/platform/db.ts';
import { csvStream } from '../../src/spreadsheet/write.ts';
import { withDatabase } from './database.ts';
import { startSite } from './demonstration.ts';
import { agreementRows, titleWords } from './generator.ts';
import { machine, table } from './measure.ts';

/**
 * P3, P6, P7: a register of 100,000 agreements and 20,000 suppliers, brought in from a CSV file as anybody would, beside
 * COPY of the same rows into the same indexed tables; then searched and filtered, beside naive SQL, and over HTTP.
 */
const today = '2026-11-23';

export async function register(): Promise<void> {
  const count = Number(process.env['BENCH_AGREEMENTS'] ?? 100_000);
  await withDatabase(async ({ folder, url, as, content }) => {
    await measureImport(as('owner').db, folder, count, importContextOf(content));
    await measureQueries(as('web').db, as('owner').db, count);
    await measureHttp(url, folder, count);
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
  const choices = { kind: 'contract', kindOfContract: 'supplies', acceptCvr: true, bringBack: false } as const;
  const done = await db
    .transaction()
    .execute((tx) =>
      importAgreements(tx, list, list.guessed, choices, context, { reader: db, fileName: 'list.csv', by: null, byName: 'bench', now: new Date(`${today}T09:00:00Z`) }),
    );
  const seconds = (performance.now() - startedAt) / 1_000;
  clearInterval(watch);

  const tables = [
    'supplier',
    'agreement',
    'agreement_supplier',
    'agreement_requirement',
    'agreement_version',
    'register_facet_set',
    'register_entry',
    'register_text',
    'register_word',
    'agreement_import_row',
  ];
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

async function measureQueries(db: Db, owner: Db, count: number): Promise<void> {
  const page = async (address: string): Promise<void> => void (await registerPage(db, readQuery(new URLSearchParams(address)).query, today));
  const naive = async (question: string): Promise<void> => {
    const words = wordsOf(question).join(' ');
    await sql`select t.agreement_id, ts_rank(t.lexemes, q) as rank, count(*) over () from register_text t, plainto_tsquery('danish', search_folded(${words})) q where t.lexemes @@ q order by rank desc limit 50`.execute(
      db,
    );
  };
  const first = async (question: string): Promise<void> =>
    void (await sql`with ${matching(await askedFor(db, wordsOf(question)))} select agreement_id from hits order by place limit 50`.execute(db));
  const { sets } = await tallyOf(db, today);
  const filtered = async (address: string): Promise<void> => {
    const { query } = readQuery(new URLSearchParams(address));
    const { chosen, ends } = conditions(query, sets, today);
    await pageOf(query, sql`register_entry e`, all([chosen, ends])).execute(db);
  };
  const rounds = 200;
  const words = titleWords(rounds);
  const oneWord = (index: number): string => words[index]?.[0] ?? '';
  const twoWords = (index: number): string => words[index]?.slice(0, 2).join(' ') ?? '';
  const measured = await inTurn(rounds, [
    ['search, 1 word: the first page', (index) => first(oneWord(index))],
    ['naive ranking of everything, 1 word', (index) => naive(oneWord(index))],
    ['search, 2 words: the first page', (index) => first(twoWords(index))],
    ['naive ranking of everything, 2 words', (index) => naive(twoWords(index))],
    ['search, 1 word: page, counts', (index) => page(`q=${oneWord(index)}`)],
    ['search, 2 words: page, counts', (index) => page(`q=${twoWords(index)}`)],
    ['misspelt word: page, counts', (index) => page(`q=${oneWord(index).slice(0, 3)}x${oneWord(index).slice(3)}`)],
    ['filter: category and status, by end: the page alone', (index) => filtered(filters(index))],
    ['filter: category and status, by end: page, counts', (index) => page(filters(index))],
    ['filter: one requirement: page, counts', () => page('requirement=arbejdsklausul')],
    ['no filter: page, counts', () => page('')],
    [
      'the same, and something has been published: counted anew',
      () => page(''),
      () => sql`update register_entry set number = number where agreement_id = (select min(agreement_id::text)::uuid from register_entry)`.execute(owner),
    ],
  ]);
  table([`${count} agreements, milliseconds`, 'p50', 'p95'], measured);
  const p95 = (name: string): number => Number(measured.find(([found]) => found.startsWith(name))?.[2]);
  console.log(
    `\nnaive / ours at p95: 1 word ${(p95('naive ranking of everything, 1') / p95('search, 1')).toFixed(1)}, 2 words ${(p95('naive ranking of everything, 2') / p95('search, 2')).toFixed(1)}`,
  );
}

const filters = (index: number): string =>
  `category=${['hygiejneartikler', 'rengoering', 'foedevarer'][index % 3]}&sort=ends&ends=${12 + (index % 48)}${index % 2 === 0 ? '&status=active' : ''}`;

/** P3, P6, P7 over HTTP: pages that nobody has asked for before, one after the other, so that none comes from memory. */
async function measureHttp(url: string, folder: string, count: number): Promise<void> {
  const site = await startSite(4388, { DATABASE_URL: url, DATA_DIR: folder }, '0-1');
  // Unpacking a page is the browser's work, not ours.
  const agent = new http.Agent({ keepAlive: true });
  const get = (address: string): Promise<void> =>
    new Promise((resolve, reject) => {
      const request = http.get(site.base + address, { agent, headers: { 'accept-encoding': 'br' } }, (response) => {
        if (response.statusCode !== 200) reject(new Error(`${address}: ${response.statusCode}`));
        response.resume().on('end', resolve);
      });
      request.on('error', reject);
    });
  try {
    const rounds = 200;
    const words = titleWords(2 * rounds).slice(rounds);
    const numbers = [...agreementRows(rounds, [])].map(([number]) => String(number));
    const measured = await inTurn(rounds, [
      ['/aftaler?q= one word', (index) => get(`/aftaler?q=${encodeURIComponent(words[index]?.[0] ?? '')}&limit=${50 - (index % 7)}`)],
      ['/aftaler with filters', (index) => get(`/aftaler?${filters(index)}&limit=${50 - (index % 7)}`)],
      ['/aftaler/<number>', (index) => get(`/aftaler/${numbers[index]}`)],
    ]);
    table([`${count} agreements, over HTTP, milliseconds`, 'p50', 'p95'], measured);
  } finally {
    agent.destroy();
    await site.stop();
  }
}

/** Median and 95th percentile in milliseconds of each question, asked `rounds` times with other words; what is prepared before each is not counted. */
async function inTurn(
  rounds: number,
  questions: readonly (readonly [name: string, ask: (index: number) => Promise<void>, prepare?: () => Promise<unknown>])[],
): Promise<[name: string, p50: string, p95: string][]> {
  const measured: [string, string, string][] = [];
  for (const [name, ask, prepare] of questions) {
    const times: number[] = [];
    for (let index = 0; index < rounds; index += 1) {
      await prepare?.();
      const startedAt = performance.now();
      await ask(index);
      times.push(performance.now() - startedAt);
    }
    times.sort((a, b) => a - b);
    measured.push([name, (times[Math.floor(rounds * 0.5)] ?? 0).toFixed(1), (times[Math.floor(rounds * 0.95)] ?? 0).toFixed(1)]);
  }
  return measured;
}
