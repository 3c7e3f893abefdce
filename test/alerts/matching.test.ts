import { spawn } from 'node:child_process';
import { sql } from 'kysely';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { News } from '../../src/alerts/announce.ts';
import { announce, toldColumns, toldFrom } from '../../src/alerts/announce.ts';
import type { Choice } from '../../src/alerts/choices.ts';
import { matchAnnouncement, noteReaders, queueBatch } from '../../src/alerts/sending/match.ts';
import { asAccount, type Connection, connect } from '../../src/platform/db.ts';
import { createLog } from '../../src/platform/log.ts';
import { alertContext, announced, asWorker, someNews, subscriber } from '../support/alerts.ts';
import { atEnd } from '../support/clean-up.ts';
import { freshDatabase, type TestDatabase } from '../support/database.ts';
import { testNow } from '../support/known.ts';

const context = alertContext();
let database: TestDatabase;
let worker: Connection;
beforeAll(async () => {
  database = await freshDatabase('migrated');
  worker = asWorker(database);
});
beforeEach(async () => {
  await sql`truncate subscription, subscription_choice, alert, announcement, mail cascade`.execute(database.owner.db);
  await sql`delete from graphile_worker._private_jobs`.execute(database.owner.db);
});
const readers = async (id: string): Promise<string[]> =>
  (
    await database.owner.db
      .selectFrom('alert as a')
      .innerJoin('subscription as s', 's.id', 'a.subscription_id')
      .select('s.address')
      .where('a.announcement_id', '=', id)
      .orderBy('s.address')
      .execute()
  ).map(({ address }) => address ?? '');
const jobsOf = async (task: string): Promise<number> => {
  const { rows } = await sql<{ count: number }>`select count(*) as count from graphile_worker.jobs where task_identifier = ${task}`.execute(database.owner.db);
  return rows[0]?.count ?? -1;
};
const mails = () => database.owner.db.selectFrom('mail').selectAll().orderBy('to_address').execute();

describe('news', () => {
  test('is announced with what publishes it or not at all, and the same news once', async () => {
    await worker.db
      .transaction()
      .execute(async (tx) => {
        await announce(tx, someNews());
        throw new Error('rolled back');
      })
      .catch(() => {});
    expect(await jobsOf('alerts-match')).toBe(0);
    for (const _ of [1, 2]) await announced(worker, someNews());
    expect(await jobsOf('alerts-match')).toBe(1);
    await announced(worker, someNews({ version: 2, reason: 'changed' }));
    expect(await jobsOf('alerts-match')).toBe(2);
  });

  test('a reminder comes once per deadline, also when the text was corrected meanwhile', async () => {
    const reminder = someNews({ reason: 'closing-soon' });
    await announced(worker, reminder);
    await announced(worker, { ...reminder, version: 2 });
    expect(await jobsOf('alerts-match')).toBe(1);
    await announced(worker, { ...reminder, version: 3, deadlineAt: '2027-02-01T11:00:00Z' });
    expect(await jobsOf('alerts-match')).toBe(2);
  });

  test('is read by everyone, and made by staff and the clock only', async () => {
    await announced(worker, someNews());
    const web = connect(
      database.webUrl,
      createLog('error', () => {}),
    );
    atEnd(() => web.close());
    expect(await web.db.selectFrom('announcement').select('id').execute()).toHaveLength(1);
    await expect(asAccount(web.db, null, (tx) => announce(tx, someNews({ version: 9 })))).rejects.toThrow(/row-level security/);
  });
});

describe('who hears of what', () => {
  const told = async (news: Partial<News>, choice: Choice): Promise<boolean> => {
    await sql`truncate subscription, announcement, mail cascade`.execute(database.owner.db);
    await subscriber(database, 'anne@firma.example', [choice]);
    const id = await announced(worker, someNews(news));
    await noteReaders(worker.db, id, testNow);
    return (await readers(id)).length === 1;
  };
  const tender: Choice = { kind: 'tender', value: 'rengoering-af-skoler-2027' };
  const category: Choice = { kind: 'category', value: 'rengoering' };
  const words = (value: string): Choice => ({ kind: 'words', value });
  const agreement = { kind: 'agreement', subject: '2024-031' } as const;

  test.each([
    ['the tender itself, whatever happens to it', { reason: 'answered' }, tender, true],
    ['another tender', {}, { kind: 'tender', value: 'en-anden' }, false],
    ['an agreement of the same name', {}, { kind: 'agreement', value: 'rengoering-af-skoler-2027' }, false],
    ['a category', {}, category, true],
    ['a category, when its deadline is near', { reason: 'closing-soon' }, category, true],
    ['a category, when others’ questions are answered', { reason: 'answered' }, category, false],
    ['another category', {}, { kind: 'category', value: 'foedevarer' }, false],
    ['all tenders', { categories: [] }, { kind: 'all-tenders', value: '' }, true],
    ['all tenders, when an agreement is published', { ...agreement, reason: 'published' }, { kind: 'all-tenders', value: '' }, false],
    ['coming tenders, when one is planned', { reason: 'planned' }, { kind: 'planned', value: '' }, true],
    ['coming tenders, when one opens', { reason: 'opened' }, { kind: 'planned', value: '' }, false],
    ['an agreement that changes', { ...agreement, reason: 'changed' }, { kind: 'agreement', value: '2024-031' }, true],
    ['a category, when an agreement in it is new', { ...agreement, reason: 'published' }, category, true],
    ['a category, when an agreement in it is corrected', { ...agreement, reason: 'changed' }, category, false],
    ['a word of the title', {}, words('skoler'), true],
    ['another form of the word', {}, words('skole'), true],
    ['the beginning of a word', {}, words('vindues'), true],
    ['the word as it is typed without Danish letters', {}, words('rengoering'), true],
    ['the word in capitals', {}, words('RENGØRING'), true],
    ['an English word', {}, words('schools'), true],
    ['several words that all stand there', {}, words('rengøring af skoler'), true],
    ['several words of which one does not', {}, words('rengøring af kontorer'), false],
    ['three letters that only begin a word', {}, words('gul'), false],
    ['signs that mean something to a search', {}, words("skoler | !'kontorer':*"), false],
  ] as [string, Partial<News>, Choice, boolean][])('who asked for %s', async (_what, news, choice, expected) => {
    expect(await told(news, choice)).toBe(expected);
  });

  test('one mail, however many choices fit, and it says which', async () => {
    await subscriber(database, 'anne@firma.example', [tender, category, words('skole'), words('findes ikke'), { kind: 'all-tenders', value: '' }]);
    const id = await announced(worker, someNews());
    expect(await matchAnnouncement(worker.db, context, id, testNow)).toEqual({ matched: 1, queued: 1 });
    const [mail, ...more] = await mails();
    expect(more).toEqual([]);
    expect(mail?.subject).toBe('Nyt udbud: Rengøring af skoler');
    expect(mail?.body).toContain('Du får mailen, fordi du har bedt om besked om alle udbud, kategorien Rengøring, udbuddet rengoering-af-skoler-2027 og ordet »skole«.');
    expect(mail?.body).toContain('Frist: mandag den 18. januar 2027 kl. 12.00');
    expect(mail?.body).toContain('Læs mere: https://indkoeb.example/udbud/rengoering-af-skoler-2027\n');
  });

  test('what was changed is told field by field, in the subscriber’s language', async () => {
    await subscriber(database, 'anne@firma.example', [tender], { lang: 'en' });
    const changes = [{ label: { da: 'Frist', en: 'Deadline' }, before: { da: '1. december', en: '1 December' }, after: { da: '8. december', en: '8 December' } }];
    const id = await announced(worker, someNews({ reason: 'changed', version: 2, changes }));
    await matchAnnouncement(worker.db, context, id, testNow);
    const [mail] = await mails();
    expect([mail?.subject, mail?.body]).toEqual(['Changed: Cleaning of schools', expect.stringContaining('Changes:\n- Deadline: was 1 December, is now 8 December\n')]);
    expect(mail?.headers).toEqual({
      'List-Unsubscribe': expect.stringMatching(/^<https:\/\/indkoeb\.example\/en\/subscribe\/unsubscribe\/[\w-]{48}>$/),
      'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
    });
  });

  test('nobody who has not confirmed, who has stopped, or whose new choice is not confirmed', async () => {
    const unconfirmed = await subscriber(database, 'a@firma.example', [tender]);
    const stopped = await subscriber(database, 'b@firma.example', [tender]);
    const pending = await subscriber(database, 'c@firma.example', [tender]);
    const { db } = database.owner;
    await db.updateTable('subscription').set({ confirmed_at: null }).where('id', '=', unconfirmed).execute();
    await db.updateTable('subscription').set({ stopped_at: testNow, stopped_why: 'unsubscribed' }).where('id', '=', stopped).execute();
    await db.updateTable('subscription_choice').set({ confirmed: false }).where('subscription_id', '=', pending).execute();
    expect(await matchAnnouncement(worker.db, context, await announced(worker, someNews()), testNow)).toEqual({ matched: 0, queued: 0 });
  });
});

/** Many subscribers at once, every second by words. */
async function crowd(count: number, rhythm = 'at-once'): Promise<void> {
  const { db } = database.owner;
  await sql`
    insert into subscription (address, address_key, mailbox_key, lang, rhythm, created_at, confirmed_at)
    select 'nr' || n || '@firma.example', encode(sha256(('a' || n)::bytea), 'hex'), encode(sha256(('m' || n)::bytea), 'hex'), 'da', ${rhythm}, ${testNow}, ${testNow} from generate_series(1, ${count}::int) n`.execute(
    db,
  );
  await sql`
    insert into subscription_choice (subscription_id, kind, value, query, confirmed, asked_at)
    select id, case when n % 2 = 0 then 'words' else 'category' end, case when n % 2 = 0 then 'skole vindue' else 'rengoering' end, case when n % 2 = 0 then alert_query(array['skole', 'vindue']) end, true, ${testNow}
    from (select id, row_number() over (order by address_key) as n from subscription) s`.execute(db);
}

describe('many subscribers', () => {
  test('50,000 are matched against one publication, all of them, in one statement', async () => {
    await crowd(50_000);
    const id = await announced(worker, someNews({ text: `vinduer ${'fyldord om alt muligt andet i udbudsmaterialet '.repeat(2_000)}` }));
    const startedAt = performance.now();
    const matched = await noteReaders(worker.db, id, testNow);
    console.log(`50,000 subscriptions matched in ${Math.round(performance.now() - startedAt)} ms`);
    expect(matched).toBe(50_000);
    expect(await noteReaders(worker.db, id, testNow)).toBe(0);
  });

  test('queueing holds no lock on a table: while a batch is open, others sign up, stop, and mail is queued and sent', async () => {
    await crowd(1_200);
    const id = await announced(worker, someNews());
    await noteReaders(worker.db, id, testNow);
    const told = toldFrom(await worker.db.selectFrom('announcement').select(toldColumns).where('id', '=', id).executeTakeFirstOrThrow());
    await worker.db.transaction().execute(async (tx) => {
      expect(await queueBatch(tx, context, id, told, testNow)).toMatchObject({ count: 500 });
      const { rows } = await sql<{ mode: string }>`select distinct mode from pg_locks where pid = pg_backend_pid() and locktype = 'relation'`.execute(tx);
      expect(rows.map(({ mode }) => mode).filter((mode) => !['AccessShareLock', 'RowShareLock', 'RowExclusiveLock'].includes(mode))).toEqual([]);
      // Another worker takes the next batch meanwhile, without waiting and without the same people.
      expect(await worker.db.transaction().execute((other) => queueBatch(other, context, id, told, testNow))).toMatchObject({ count: 500 });
      await subscriber(database, 'ny@firma.example', []);
    });
    expect((await mails()).length).toBe(1_000);
    expect(await matchAnnouncement(worker.db, context, id, testNow)).toEqual({ matched: 0, queued: 200 });
    expect(new Set((await mails()).map((mail) => mail.to_address)).size).toBe(1_200);
  });

  test('mails to subscribers wait behind all other jobs', async () => {
    await crowd(10);
    await matchAnnouncement(worker.db, context, await announced(worker, someNews()), testNow);
    const { rows } = await sql<{
      priority: number;
      count: number;
    }>`select priority, count(*) as count from graphile_worker.jobs where task_identifier = 'mail-send' group by priority`.execute(database.owner.db);
    expect(rows).toEqual([{ priority: 10, count: 10 }]);
  });
});

/** The matching job in a process that dies by SIGKILL before its n-th statement. */
function dyingJob(announcement: string, at: number): Promise<NodeJS.Signals | number | null> {
  const child = spawn(process.execPath, ['test/support/dying-match.ts', database.workerUrl, announcement, String(at)], { stdio: ['ignore', 'inherit', 'inherit'] });
  atEnd(() => void child.kill('SIGKILL'));
  return new Promise((resolve) => child.once('exit', (code, signal) => resolve(signal ?? code)));
}
const counts = async () => {
  const { rows } = await sql<{ alerts: number; marked: number; mails: number; people: number; jobs: number }>`
    select (select count(*) from alert) as alerts, (select count(*) from alert a join mail m on m.id = a.mail_id) as marked, (select count(*) from mail) as mails,
      (select count(distinct to_address) from mail) as people, (select count(*) from graphile_worker.jobs where task_identifier = 'mail-send') as jobs`.execute(database.owner.db);
  return rows[0];
};

describe('exactly once', () => {
  test('whatever statement the worker is killed before, everyone gets one mail when the job runs again', { timeout: 240_000 }, async () => {
    await crowd(1_100);
    const exact = { alerts: 1_100, marked: 1_100, mails: 1_100, people: 1_100, jobs: 1_100 };
    const halves = new Set<number>();
    for (let at = 1; ; at += 1) {
      await sql`truncate alert, announcement, mail cascade`.execute(database.owner.db);
      await sql`delete from graphile_worker._private_jobs`.execute(database.owner.db);
      const id = await announced(worker, someNews());
      const end = await dyingJob(id, at);
      const left = await counts();
      halves.add(left?.mails ?? -1);
      // What is there is whole: no mail without its job and its mark.
      expect([at, left]).toEqual([at, { alerts: left?.alerts, marked: left?.mails, mails: left?.mails, people: left?.mails, jobs: left?.mails }]);
      await matchAnnouncement(worker.db, context, id, testNow);
      expect([at, await counts()]).toEqual([at, exact]);
      if (end === 0) {
        console.log(`the matching job takes ${at - 1} statements; killed before each of them`);
        break;
      }
      expect([at, end]).toEqual([at, 'SIGKILL']);
    }
    expect([...halves].sort((a, b) => a - b)).toEqual([0, 500, 1_000, 1_100]);
  });

  test('the job run twice, and twice at the same time, sends nothing twice', async () => {
    await crowd(1_100);
    const id = await announced(worker, someNews());
    await Promise.all([1, 2, 3].map(() => matchAnnouncement(worker.db, context, id, testNow)));
    await matchAnnouncement(worker.db, context, id, testNow);
    expect(await counts()).toEqual({ alerts: 1_100, marked: 1_100, mails: 1_100, people: 1_100, jobs: 1_100 });
  });

  test('the count sees it when the guards are taken away', async () => {
    const own = database;
    const { owner } = own;
    await crowd(20);
    const id = await announced(worker, someNews());
    await sql`alter table alert drop constraint alert_pkey`.execute(owner.db);
    try {
      for (const _ of [1, 2]) await noteReaders(worker.db, id, testNow);
      expect(await counts()).toMatchObject({ alerts: 40 });
    } finally {
      await sql`truncate alert`.execute(owner.db);
      await sql`alter table alert add primary key (announcement_id, subscription_id)`.execute(owner.db);
    }
  });
});
