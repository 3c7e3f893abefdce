import { sql } from 'kysely';
import { beforeAll, describe, expect, test } from 'vitest';
import { asAccount } from '../../src/platform/db.ts';
import { tenderById } from '../../src/tenders/queries.ts';
import {
  askQuestion,
  confirmQuestion,
  deleteQuestion,
  forgetUnconfirmed,
  publishAnswer,
  publishedQuestions,
  type QuestionMails,
  questionByToken,
  waitingQuestions,
} from '../../src/tenders/questions/questions.ts';
import { actorOf, testApp } from '../support/database.ts';
import { testNow } from '../support/known.ts';
import { startServer } from '../support/server.ts';
import { Visitor, visibleText } from '../support/visitor.ts';

let app: Awaited<ReturnType<typeof testApp>>;
beforeAll(async () => {
  app = await testApp();
});
const id = 'rengoering-af-skoler-2027';
const mails: QuestionMails = { confirm: (link) => ({ subject: 'Bekræft', text: link }), answered: (lang) => ({ subject: `Besvaret ${lang}`, text: 'se svaret' }) };
let asked = 0;
const anotherPlace = (): string => {
  asked += 1;
  return `place-${asked}`;
};
const ask = async (text: string, address: string, { now = testNow, from = anotherPlace() } = {}) => {
  const tender = await tenderById(app.db, id);
  if (!tender) throw new Error('no tender');
  const links: string[] = [];
  const fault = await askQuestion(app.db, { text, address }, tender.row, { lang: 'da', now, clientAddress: from, mails, linkTo: (made) => `https://x/${links.push(made)}` });
  return { fault, token: links[0] ?? '' };
};
const mailsTo = (address: string) => app.database.owner.db.selectFrom('mail').select(['subject', 'body']).where('to_address', '=', address).orderBy('queued_at').execute();
const officer = () => actorOf(app, 'sagsbehandler@demo.example');

describe('a question to a tender', () => {
  test('is asked, confirmed, answered and published without who asked; the asker is told once and then forgotten', async () => {
    const { fault, token } = await ask('Er vinduer med?', 'asker@example.dk');
    expect(fault).toBeNull();
    expect(await waitingQuestions(app.db, await officer(), id)).toEqual([]);
    expect(await questionByToken(app.db, token)).toEqual({ tenderId: id, text: 'Er vinduer med?', confirmed: false });
    expect(await confirmQuestion(app.db, token, testNow)).toBe(id);
    expect(await confirmQuestion(app.db, token, testNow)).toBe(id);
    const [waiting] = await waitingQuestions(app.db, await officer(), id);
    expect(waiting?.text).toBe('Er vinduer med?');
    expect(await publishedQuestions(app.db, id)).toEqual([]);

    await publishAnswer(app.db, await officer(), waiting?.id ?? '', { text: 'Er vinduer med?', answerDa: 'Ja, to gange om året.', answerEn: 'Yes.' }, { now: testNow, mails });
    const [published] = await publishedQuestions(app.db, id);
    expect(published).toMatchObject({ number: 1, text: 'Er vinduer med?', answer_da: 'Ja, to gange om året.' });
    expect((await mailsTo('asker@example.dk')).map(({ subject }) => subject)).toEqual(['Bekræft', 'Besvaret da']);
    expect(await app.database.owner.db.selectFrom('question_asker').select('address').where('address', '=', 'asker@example.dk').execute()).toEqual([]);
    await expect(publishAnswer(app.db, await officer(), waiting?.id ?? '', { text: 'x', answerDa: 'y', answerEn: '' }, { now: testNow, mails })).rejects.toMatchObject({
      code: 'answered-already',
    });
  });

  test.each([
    ['', 'a@example.dk', 'text-missing'],
    ['x'.repeat(4_001), 'a@example.dk', 'text-too-long'],
    ['Hvad?', 'a@example', 'address-wrong'],
    ['Hvad?', 'a@b@example.dk', 'address-wrong'],
    ['Hvad?', 'a@example.dk, b@example.dk', 'address-wrong'],
  ])('is refused in words when it cannot be used: %.20s %s', async (text, address, fault) => {
    expect(await ask(text, address)).toMatchObject({ fault });
  });

  test('comes too late at the very moment of the deadline, and in time just before it', async () => {
    const until = (await tenderById(app.db, id))?.row.questions_until as Date;
    expect((await ask('Hvad?', 'late@example.dk', { now: until })).fault).toBe('closed');
    expect((await ask('Hvad?', 'late@example.dk', { now: new Date(until.getTime() - 1) })).fault).toBeNull();
  });

  test('many from one place, and many to one address, are stopped; no more mails are sent', async () => {
    const faults = [];
    for (let n = 0; n < 7; n += 1) faults.push((await ask(`Spørgsmål ${n}`, `many${n}@example.dk`, { from: 'one-place' })).fault);
    expect(faults).toEqual([null, null, null, null, null, 'too-many', 'too-many']);
    for (let n = 0; n < 5; n += 1) await ask(`Spørgsmål ${n}`, 'Victim@example.dk');
    expect(await mailsTo('Victim@example.dk')).toHaveLength(3);
  });

  test('that nobody confirms is forgotten after a week, with its address; a confirmed one is not', async () => {
    const old = new Date(testNow.getTime() - 7 * 86_400_000 - 1_000);
    await ask('Glemt?', 'forgotten@example.dk', { now: old });
    const { token } = await ask('Husket?', 'kept@example.dk', { now: old });
    await confirmQuestion(app.db, token, old);
    const worker = await import('../../src/platform/db.ts').then(({ connect }) => connect(app.database.workerUrl, () => {}, 1));
    expect(await forgetUnconfirmed(worker.db, testNow)).toBeGreaterThan(0);
    await worker.close();
    const left = await app.database.owner.db.selectFrom('question_asker').select('address').execute();
    expect(left.map(({ address }) => address)).toContain('kept@example.dk');
    expect(left.map(({ address }) => address)).not.toContain('forgotten@example.dk');
  });

  test('that is none is thrown away with its address, by staff only', async () => {
    const { token } = await ask('Køb nu!', 'spam@example.dk');
    await confirmQuestion(app.db, token, testNow);
    const waiting = (await waitingQuestions(app.db, await officer(), id)).find(({ text }) => text === 'Køb nu!');
    await expect(deleteQuestion(app.db, await actorOf(app, 'leverandoer@demo.example'), waiting?.id ?? '')).rejects.toMatchObject({ code: 'not-allowed' });
    await deleteQuestion(app.db, await officer(), waiting?.id ?? '');
    expect(await questionByToken(app.db, token)).toBeNull();
  });
});

describe('who asked', () => {
  test('can be read by nobody: not by suppliers, not by staff, not through the functions', async () => {
    const { token } = await ask('Hemmeligt?', 'secret@example.dk');
    for (const email of [null, 'leverandoer@demo.example', 'sagsbehandler@demo.example', 'admin@demo.example']) {
      const account = email ? (await actorOf(app, email)).accountId : null;
      await expect(asAccount(app.db, account, (tx) => sql`select address from question_asker`.execute(tx))).rejects.toThrow(/permission denied/);
      const question = await asAccount(app.db, account, (tx) => sql<{ id: string }>`select id from question where text = 'Hemmeligt?'`.execute(tx));
      expect(question.rows).toEqual([]);
    }
    // Confirmed, staff see the question; the address still cannot be taken before it is answered.
    await confirmQuestion(app.db, token, testNow);
    const { accountId } = await officer();
    const [row] = await asAccount(
      app.db,
      accountId,
      async (tx) => (await sql<{ id: string; address: string | null }>`select id, take_asker(id) as address from question where text = 'Hemmeligt?'`.execute(tx)).rows,
    );
    expect(row?.id).toBeTruthy();
    expect(row?.address).toBeNull();
  });

  test('a question cannot be put in as answered, whatever the application believes', async () => {
    await expect(
      asAccount(app.db, null, (tx) =>
        sql`insert into question (id, tender_id, lang, text, asked_at, confirmed_at, answer_da, number, published_at) values (gen_random_uuid(), ${id}, 'da', 'x', now(), now(), 'y', 99, now())`.execute(
          tx,
        ),
      ),
    ).rejects.toThrow(/row-level security/);
  });
});

describe('the page behind the link', () => {
  test('is its asker’s alone: kept neither by us nor by anybody on the way, and its token is not in the log', async () => {
    const server = await startServer({ database: app.database, env: { WORKER: 'off' } });
    const visitor = new Visitor(server.base);
    const { token } = await ask('Må vi bruge egne klude?', 'alone@example.dk');
    for (const base of ['/udbud/spoergsmaal/', '/udbud/sp%6Fergsmaal/', '/en/tenders/question/']) {
      for (const _time of ['first', 'second']) {
        const response = await visitor.get(base + token);
        expect([base, response.status, response.headers.get('cache-control'), response.headers.get('etag')]).toEqual([base, 200, 'no-store', null]);
        expect(await response.text()).toContain('Må vi bruge egne klude?');
      }
    }
    // Looked up each time: none came from memory.
    const lines = () => server.log.filter((line) => line['event'] === 'request' && Number(line['queries']) > 0);
    await expect.poll(lines).toHaveLength(6);
    expect(JSON.stringify(server.log)).not.toContain(token);
    expect((await visitor.post(`/udbud/spoergsmaal/${token}`, {})).status).toBe(303);
    expect(visibleText(await visitor.text(`/udbud/spoergsmaal/${token}`))).toContain('Vi har fået dit spørgsmål');
    expect((await visitor.get(`/udbud/${id}`)).headers.get('cache-control')).toContain('public');
  });
});
