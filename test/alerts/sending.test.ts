import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { sql } from 'kysely';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { announce } from '../../src/alerts/announce.ts';
import type { Rhythm } from '../../src/alerts/choices.ts';
import { recordBounce } from '../../src/alerts/sending/bounce.ts';
import { sendDigests } from '../../src/alerts/sending/digest.ts';
import { alertJobs } from '../../src/alerts/sending/jobs.ts';
import { matchAnnouncement } from '../../src/alerts/sending/match.ts';
import { stop } from '../../src/alerts/subscribe.ts';
import { type Connection, connect } from '../../src/platform/db.ts';
import { createLog } from '../../src/platform/log.ts';
import { bounceOf, mailBySmtp } from '../../src/platform/mail/mail.ts';
import { queueMail } from '../../src/platform/mail/queue.ts';
import { alertContext, announced, asWorker, someNews, subscriber, testKey } from '../support/alerts.ts';
import { freshDatabase, type TestDatabase } from '../support/database.ts';
import { testNow } from '../support/known.ts';
import { type Mailbox, startMailbox } from '../support/mailbox.ts';

const context = alertContext();
let database: TestDatabase;
let worker: Connection;
let mailbox: Mailbox;
beforeAll(async () => {
  database = await freshDatabase('migrated');
  worker = asWorker(database);
  mailbox = await startMailbox();
});
beforeEach(async () => {
  await sql`truncate subscription, announcement, mail cascade`.execute(database.owner.db);
  mailbox.received.length = 0;
  mailbox.refusals.clear();
});
const mails = () => database.owner.db.selectFrom('mail').selectAll().orderBy('queued_at').execute();
const tender = { kind: 'tender', value: 'rengoering-af-skoler-2027' } as const;

describe('collected mails', () => {
  let version = 0;
  const publish = async (at: string): Promise<void> => {
    version += 1;
    const id = await announced(worker, someNews({ version, reason: 'changed', title: { da: `Udbud ${version}`, en: `Tender ${version}` } }));
    await matchAnnouncement(worker.db, context, id, new Date(at));
  };
  const run = (at: string): Promise<number> => sendDigests(worker.db, context, new Date(at));
  const reader = (rhythm: Rhythm, address = 'anne@firma.example'): Promise<string> => subscriber(database, address, [tender], { rhythm });

  test('gather what was published until seven, and come once', async () => {
    await reader('daily');
    await publish('2026-11-23T09:00:00+01:00');
    await publish('2026-11-23T15:00:00+01:00');
    expect(await mails()).toEqual([]);
    for (const at of ['2026-11-23T15:15:00+01:00', '2026-11-24T06:45:00+01:00']) expect([at, await run(at)]).toEqual([at, 0]);
    await publish('2026-11-24T07:05:00+01:00');
    expect(await run('2026-11-24T07:15:00+01:00')).toBe(1);
    const [mail] = await mails();
    expect(mail?.subject).toBe('2 nyheder om udbud og aftaler, 24. november 2026');
    expect(mail?.body).toMatch(/^Det er sket siden din sidste mail:\n\n1\. Ændret: Udbud \d+\n[\s\S]*\n\n2\. Ændret: Udbud \d+\n/);
    for (const at of ['2026-11-24T07:30:00+01:00', '2026-11-24T23:45:00+01:00']) expect([at, await run(at)]).toEqual([at, 0]);
    expect(await run('2026-11-25T07:00:00+01:00')).toBe(1);
    expect((await mails()).length).toBe(2);
  });

  test('come weekly on Monday', async () => {
    await reader('weekly');
    await publish('2026-11-24T09:00:00+01:00');
    for (const day of ['25', '26', '27', '28', '29']) expect([day, await run(`2026-11-${day}T08:00:00+01:00`)]).toEqual([day, 0]);
    expect(await run('2026-11-30T07:00:00+01:00')).toBe(1);
  });

  test('come late, and once, when the worker was down on several mornings', async () => {
    await reader('daily');
    for (const day of ['23', '24', '25']) await publish(`2026-11-${day}T12:00:00+01:00`);
    expect(await run('2026-11-26T13:07:00+01:00')).toBe(1);
    expect((await mails())[0]?.subject).toMatch(/^3 nyheder/);
    expect(await run('2026-11-26T13:22:00+01:00')).toBe(0);
  });

  test('come once in the quarter hour run twice and three times at once, also on the mornings when the clocks are set', async () => {
    for (let index = 0; index < 700; index += 1) await reader('daily', `nr${index}@firma.example`);
    for (const [before, at] of [
      ['2027-03-27T12:00:00+01:00', '2027-03-28T07:00:00+02:00'],
      ['2027-10-30T12:00:00+02:00', '2027-10-31T07:00:00+01:00'],
    ] as const) {
      await sql`truncate mail`.execute(database.owner.db);
      await publish(before);
      expect(await run(new Date(Date.parse(at) - 60_000).toISOString())).toBe(0);
      await Promise.all([run(at), run(at), run(at)]);
      await run(at);
      await run(new Date(Date.parse(at) + 3_600_000).toISOString());
      expect((await mails()).length).toBe(700);
      expect(new Set((await mails()).map((mail) => mail.to_address)).size).toBe(700);
    }
  });

  test('send what was waiting to somebody who changed to mails at once, and to whom a failed job left out', async () => {
    const id = await reader('weekly');
    await publish('2026-11-24T09:00:00+01:00');
    await database.owner.db.updateTable('subscription').set({ rhythm: 'at-once' }).where('id', '=', id).execute();
    expect(await run('2026-11-24T09:30:00+01:00')).toBe(0);
    expect(await run('2026-11-24T10:15:00+01:00')).toBe(1);
    expect(await run('2026-11-24T11:15:00+01:00')).toBe(0);
  });

  test('a long list is cut off with a word, and no mail is without news', async () => {
    await reader('daily');
    for (let index = 0; index < 45; index += 1) await publish('2026-11-23T12:00:00+01:00');
    await run('2026-11-24T07:00:00+01:00');
    const [mail] = await mails();
    expect(mail?.body).toMatch(/\n40\. [\s\S]*\nOg 5 mere\. Se dem på https:\/\/indkoeb\.example\/udbud\n/);
    expect(await run('2026-11-25T07:00:00+01:00')).toBe(0);
  });
});

describe('sending', () => {
  const jobs = () =>
    alertJobs(
      worker.db,
      () => context,
      mailBySmtp(mailbox.url, { from: 'Indkøb <no-reply@indkoeb.example>', host: 'indkoeb.example' }),
      () => testNow,
      createLog('error', () => {}),
    ).handlers;
  const publish = async (version: number): Promise<void> => {
    await matchAnnouncement(worker.db, context, await announced(worker, someNews({ version, reason: 'changed' })), testNow);
  };
  const sendAll = async (): Promise<void> => {
    for (const { id } of await mails()) await jobs()['mail-send']({ mailId: id });
  };
  const state = async (id: string) => database.owner.db.selectFrom('subscription').select(['address', 'stopped_why']).where('id', '=', id).executeTakeFirst();

  test('a mail arrives with the headers of one-click, and its address and text are erased here', async () => {
    await subscriber(database, 'anne@firma.example', [tender]);
    await publish(1);
    await sendAll();
    await sendAll();
    const [mail, ...more] = mailbox.received;
    expect(more).toEqual([]);
    const header = (name: string): string => String(mail?.headerLines.find(({ key }) => key === name)?.line.replace(/\r?\n\s+/g, ' '));
    expect(header('list-unsubscribe')).toMatch(/^List-Unsubscribe: <https:\/\/indkoeb\.example\/abonner\/afmeld\/[\w-]{48}>$/);
    expect(header('list-unsubscribe-post')).toBe('List-Unsubscribe-Post: List-Unsubscribe=One-Click');
    expect(header('auto-submitted')).toBe('Auto-Submitted: auto-generated');
    expect(mail?.text).toContain('Ændret: Rengøring af skoler');
    expect(await mails()).toMatchObject([{ to_address: '', body: '', sent_at: testNow }]);
  });

  test('what was queued is not sent to somebody who stopped meanwhile', async () => {
    const id = await subscriber(database, 'anne@firma.example', [tender]);
    await publish(1);
    const waiting = await mails();
    expect(waiting).toHaveLength(1);
    const web = connect(
      database.webUrl,
      createLog('error', () => {}),
    );
    await stop(web.db, id, testNow);
    await web.close();
    for (const mail of waiting) await jobs()['mail-send']({ mailId: mail.id });
    await publish(2);
    await sendAll();
    expect([mailbox.received, await mails(), await state(id)]).toEqual([[], [], { address: null, stopped_why: 'unsubscribed' }]);
  });

  test('a mailbox that does not exist stops the mails at once', async () => {
    const id = await subscriber(database, 'borte@firma.example', [tender]);
    mailbox.refusals.set('borte@firma.example', { code: 550, text: '5.1.1 no such user' });
    await publish(1);
    await sendAll();
    expect([await state(id), await mails()]).toEqual([{ address: null, stopped_why: 'bounced' }, []]);
  });

  test('a server that will not take it just now gets it later, and nothing is stopped', async () => {
    const id = await subscriber(database, 'senere@firma.example', [tender]);
    mailbox.refusals.set('senere@firma.example', { code: 450, text: '4.2.0 greylisted' });
    await publish(1);
    await expect(sendAll()).rejects.toThrow(/greylisted/);
    mailbox.refusals.clear();
    await sendAll();
    expect([mailbox.received.length, (await state(id))?.address]).toEqual([1, 'senere@firma.example']);
  });

  test('a server that refuses us three times in a row stops the mails; one that took a mail in between does not', async () => {
    const [steady, shaky] = [await subscriber(database, 'nej@firma.example', [tender]), await subscriber(database, 'nu-og-da@firma.example', [tender])];
    for (const version of [1, 2, 3, 4]) {
      mailbox.refusals.set('nej@firma.example', { code: 550, text: '5.7.1 blocked' });
      if (version === 2) mailbox.refusals.delete('nu-og-da@firma.example');
      else mailbox.refusals.set('nu-og-da@firma.example', { code: 550, text: '5.7.1 blocked' });
      await publish(version);
      await sendAll();
      expect([version, (await state(steady))?.stopped_why ?? null]).toEqual([version, version >= 3 ? 'bounced' : null]);
    }
    expect((await state(shaky))?.stopped_why).toBeNull();
  });

  test('a receipt that is refused is tried again, since an operator may mend it', async () => {
    await worker.db.transaction().execute((tx) => queueMail(tx, { reason: 'receipt:x', to: 'borte@firma.example', subject: 'Kvittering', text: 'x' }));
    mailbox.refusals.set('borte@firma.example', { code: 550, text: '5.1.1 no such user' });
    await expect(sendAll()).rejects.toThrow(/no such user/);
    expect(await mails()).toMatchObject([{ to_address: 'borte@firma.example', sent_at: null, refused_at: null }]);
  });

  test.each([
    ['550 at RCPT TO', { responseCode: 550, command: 'RCPT TO', response: '550 no such user' }, 'hard'],
    ['550 5.1.1 after the text', { responseCode: 550, command: 'DATA', response: '550 5.1.1 unknown' }, 'hard'],
    ['554 after the text', { responseCode: 554, command: 'DATA', response: '554 5.6.0 looks like spam' }, 'soft'],
    ['550 5.7.1 at RCPT TO', { responseCode: 550, command: 'RCPT TO', response: '550 5.7.1 blocked' }, 'soft'],
    ['535, our own password', { responseCode: 535, command: 'AUTH PLAIN', response: '535 5.7.8 wrong' }, null],
    ['550 at MAIL FROM', { responseCode: 550, command: 'MAIL FROM', response: '550 5.1.8 sender' }, null],
    ['450', { responseCode: 450, command: 'RCPT TO', response: '450 4.2.0 later' }, null],
    ['no connection', { code: 'ECONNREFUSED', command: 'CONN' }, null],
  ])('%s is read as %s', (_what, error, kind) => {
    expect(bounceOf(Object.assign(new Error('refused'), error))).toBe(kind);
  });

  test('bounces that come back later: a hard one stops, three soft ones in a row do, the same mail counts once', async () => {
    const id = await subscriber(database, 'anne@firma.example', [tender]);
    const bounced = { address: 'Anne@firma.example', secretKey: testKey };
    for (const version of [1, 2, 3]) {
      await publish(version);
      await sendAll();
      const [latest] = (await mails()).toReversed();
      expect(await recordBounce(worker.db, version === 2 ? { mail: `<${latest?.id}@indkoeb.example>` } : bounced, 'soft', testNow)).toBe(version === 3 ? 'stopped' : 'noted');
      if (version === 1) for (let again = 0; again < 4; again += 1) expect(await recordBounce(worker.db, bounced, 'soft', testNow)).toBe('noted');
    }
    expect(await state(id)).toEqual({ address: null, stopped_why: 'bounced' });
    const other = await subscriber(database, 'bo@firma.example', [tender]);
    expect(await recordBounce(worker.db, { address: 'bo@firma.example', secretKey: testKey }, 'hard', testNow)).toBe('stopped');
    expect(await state(other)).toEqual({ address: null, stopped_why: 'bounced' });
    for (const unknown of [{ address: 'ukendt@firma.example', secretKey: testKey }, { address: 'ingen adresse', secretKey: testKey }, { mail: 'x' }, { mail: crypto.randomUUID() }])
      expect(await recordBounce(worker.db, unknown, 'hard', testNow)).toBe('unknown');
  });

  test('an operator feeds bounces in by a command', async () => {
    const id = await subscriber(database, 'anne@firma.example', [tender]);
    const run = async (...args: string[]) => {
      const env = { ...process.env, DATABASE_URL: database.ownerUrl, DEMO: 'true', SECRET_KEY: testKey };
      return promisify(execFile)(process.execPath, ['src/cli.ts', 'mail', 'bounce', ...args], { env }).then(
        ({ stdout }) => [0, stdout.trim()],
        (error: { code: number; stdout: string; stderr: string }) => [error.code, (error.stdout || error.stderr).trim()],
      );
    };
    expect(await run('anne@firma.example', '--soft')).toEqual([0, 'Noted. Mails go on until three in a row come back.']);
    expect(await run('anne@firma.example')).toEqual([0, 'Stopped: the address is erased.']);
    expect(await run('anne@firma.example')).toEqual([0, 'Stopped: the address is erased.']);
    expect(await run('ukendt@firma.example')).toEqual([1, 'No subscription has that address, and no mail that id.']);
    expect((await run())[0]).toBe(2);
    expect(await state(id)).toEqual({ address: null, stopped_why: 'bounced' });
  });
});

test('news announced by staff who may, in the transaction of the publication', async () => {
  // The seam that publishing uses: a rollback of the publication takes the news with it.
  await worker.db
    .transaction()
    .execute(async (tx) => {
      await announce(tx, someNews({ version: 99 }));
      throw new Error('the publication failed');
    })
    .catch(() => {});
  expect(await database.owner.db.selectFrom('announcement').select('id').where('version', '=', 99).execute()).toEqual([]);
});
