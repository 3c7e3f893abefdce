import { sql } from 'kysely';
import { announce } from '../../src/alerts/announce.ts';
import { matchAnnouncement, noteReaders } from '../../src/alerts/sending/match.ts';
import { withDatabase } from './database.ts';
import { titleWords } from './generator.ts';
import { machine, median, table } from './measure.ts';

/**
 * 50,000 subscriptions and one publication: who is told, beside writing the same rows down without asking; and their mails
 * queued, beside the same. Half are matched by category, half by words of their own.
 */
export async function alerts(): Promise<void> {
  const count = Number(process.env['BENCH_SUBSCRIPTIONS'] ?? 50_000);
  await withDatabase(async ({ as, content }) => {
    const owner = as('owner');
    const worker = as('worker');
    const context = { siteUrl: new URL('https://indkoeb.example'), secretKey: 'k'.repeat(32), municipality: content.municipality, categories: content.da.categories };
    const now = new Date('2026-11-23T09:00:00Z');
    const words = titleWords(1_000).map((list) => list.slice(0, 2).join(' '));
    await sql`
      insert into subscription (address, address_key, mailbox_key, lang, rhythm, created_at, confirmed_at)
      select 'nr' || n || '@firma.example', encode(sha256(n::text::bytea), 'hex'), encode(sha256(n::text::bytea), 'hex'), 'da', 'at-once', ${now}, ${now} from generate_series(1, ${count}::int) n`.execute(
      owner.db,
    );
    await sql`
      insert into subscription_choice (subscription_id, kind, value, query, confirmed, asked_at)
      select s.id, 'words', w.words, w.query, true, ${now}::timestamptz
      from (select id, row_number() over () as n from subscription) s
        join (select w as words, alert_query(regexp_split_to_array(lower(w), '[^[:alnum:]]+')) as query, row_number() over () as n from unnest(${words}::text[]) w) w on w.n = s.n % ${words.length} + 1
      union all
      select id, 'category', 'rengoering', null, true, ${now}::timestamptz from (select id, row_number() over () as n from subscription) s where n % 2 = 0`.execute(owner.db);
    await sql.raw('vacuum analyze').execute(owner.db);

    const times = { match: [] as number[], write: [] as number[], queue: [] as number[], writeMails: [] as number[] };
    const timed = async (list: number[], work: () => Promise<unknown>): Promise<void> => {
      const startedAt = performance.now();
      await work();
      list.push(performance.now() - startedAt);
    };
    let told = 0;
    for (let round = 1; round <= 5; round += 1) {
      await worker.db.transaction().execute((tx) =>
        announce(tx, {
          kind: 'tender',
          subject: 'maalt',
          version: round,
          reason: 'opened',
          title: { da: 'Rengøring af skoler', en: 'Cleaning of schools' },
          path: { da: '/udbud/maalt', en: '/en/tenders/maalt' },
          summary: { da: 'Daglig rengøring af ni skoler.', en: 'Daily cleaning of nine schools.' },
          categories: ['rengoering'],
          text: words.slice(0, 300).join(' '),
          deadlineAt: null,
          changes: [],
        }),
      );
      const { id } = await worker.db.selectFrom('announcement').select('id').where('version', '=', round).executeTakeFirstOrThrow();
      await timed(times.match, async () => (told = await noteReaders(worker.db, id, now)));
      await sql`create table noted as select * from alert where announcement_id = ${id}`.execute(owner.db);
      await sql`delete from alert`.execute(owner.db);
      await timed(times.write, () => sql`insert into alert select * from noted`.execute(owner.db));
      await timed(times.queue, () => matchAnnouncement(worker.db, context, id, now));
      await sql`create table queued as select * from mail`.execute(owner.db);
      await sql`truncate mail`.execute(owner.db);
      await sql`delete from graphile_worker._private_jobs`.execute(owner.db);
      await timed(times.writeMails, () =>
        owner.db.transaction().execute(async (tx) => {
          await sql`insert into mail select * from queued`.execute(tx);
          await sql`select jobs.enqueue_mails(array(select id from queued))`.execute(tx);
        }),
      );
      for (const statement of ['drop table noted', 'drop table queued', 'delete from alert', 'truncate mail', 'delete from graphile_worker._private_jobs', 'vacuum analyze'])
        await sql.raw(statement).execute(owner.db);
    }
    console.log(`\nalerts: ${machine()}; ${count} subscriptions, ${count * 1.5} choices, ${words.length} different words, ${told} told of one publication`);
    const [match, write, queue, writeMails] = [times.match, times.write, times.queue, times.writeMails].map((list) => Math.round(median(list)));
    table(
      ['alerts', 'milliseconds (median of 5)', 'of writing alone'],
      [
        ['matched and noted, one statement', match ?? 0, ((match ?? 0) / (write ?? 1)).toFixed(2)],
        ['the same rows written without asking', write ?? 0, '1.00'],
        ['mails made and queued, 500 at a time', queue ?? 0, ((queue ?? 0) / (writeMails ?? 1)).toFixed(2)],
        ['the finished mails and their jobs written at once', writeMails ?? 0, '1.00'],
      ],
    );
  });
}
