import { sql } from 'kysely';
import { beforeAll, describe, expect, test } from 'vitest';
import { keysOf } from '../../src/alerts/address.ts';
import { eraseOld } from '../../src/alerts/sending/jobs.ts';
import { confirm, type SignUp, signUp, stop, subscriptionOf } from '../../src/alerts/subscribe.ts';
import { makeToken } from '../../src/alerts/token.ts';
import { connect } from '../../src/platform/db.ts';
import { createLog } from '../../src/platform/log.ts';
import { alertContext, asWorker, subscriber, testKey } from '../support/alerts.ts';
import { atEnd } from '../support/clean-up.ts';
import { freshDatabase } from '../support/database.ts';
import { testNow } from '../support/known.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { fieldValue, rawRequest, Visitor, visibleText } from '../support/visitor.ts';

const context = alertContext();
const later = (hours: number): Date => new Date(testNow.getTime() + hours * 3_600_000);

/** The use case on a database of its own, each sign-up from another place. */
async function site() {
  const database = await freshDatabase('migrated');
  const web = connect(
    database.webUrl,
    createLog('error', () => {}),
  );
  atEnd(() => web.close());
  let place = 0;
  const ask = (address: string, changes: Partial<SignUp> = {}, now = testNow, from = `192.0.2.${++place % 250}`) =>
    signUp(web.db, context, { address, sure: '', choices: [{ kind: 'category', value: 'rengoering' }], rhythm: 'daily', lang: 'da', ...changes }, from, now);
  const mails = () => database.owner.db.selectFrom('mail').selectAll().orderBy('queued_at').orderBy('reason').execute();
  const idOf = async (address: string) => (await database.owner.db.selectFrom('subscription').select('id').where('address', '=', address).executeTakeFirstOrThrow()).id;
  return { database, web, ask, mails, idOf };
}

describe('signing up', () => {
  test('sends one mail that says what was asked for, how often, what happens otherwise, and how to stop', async () => {
    const { ask, mails } = await site();
    expect(
      await ask('Anne@blåbærgrød.dk', {
        choices: [
          { kind: 'words', value: 'sæbe' },
          { kind: 'planned', value: '' },
        ],
      }),
    ).toEqual([]);
    const [mail, ...more] = await mails();
    expect(more).toEqual([]);
    expect([mail?.to_address, mail?.subject]).toEqual(['Anne@xn--blbrgrd-fxak7p.dk', 'Bekræft, at du vil have besked om udbud og aftaler']);
    for (const words of ['- ordet »sæbe«', '- alle kommende udbud', 'højst én gang om dagen, kl. 7', '/abonner/bekraeft/', 'sletter din adresse efter 7 dage', '/abonner/afmeld/'])
      expect(mail?.body).toContain(words);
    expect(mail?.headers).toMatchObject({ 'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click' });
  });

  test('asked again within a day sends nothing, under whatever spelling of the mailbox; after a day once more', async () => {
    const { ask, mails } = await site();
    await ask('anne@gmail.com');
    for (const again of ['anne@gmail.com', 'ANNE@gmail.com', 'anne+2@gmail.com', 'a.n.n.e@googlemail.com']) expect(await ask(again, {}, later(23))).toEqual([]);
    expect(await mails()).toHaveLength(1);
    await ask('anne@gmail.com', {}, later(25));
    expect(await mails()).toHaveLength(2);
  });

  test('at the same moment many times sends one mail', async () => {
    const { ask, mails } = await site();
    await Promise.all(Array.from({ length: 8 }, () => ask('anne@firma.dk')));
    expect(await mails()).toHaveLength(1);
  });

  test('who has confirmed may ask for more at once, and gets it after confirming that too', async () => {
    const { web, ask, mails, idOf, database } = await site();
    await ask('anne@firma.dk');
    const id = await idOf('anne@firma.dk');
    await confirm(web.db, id, later(1));
    await ask('anne@firma.dk', { choices: [{ kind: 'agreement', value: '2024-031' }], rhythm: 'weekly' }, later(2));
    expect(await mails()).toHaveLength(2);
    const confirmed = () => database.owner.db.selectFrom('subscription_choice').select('kind').where('confirmed', '=', true).orderBy('kind').execute();
    expect((await confirmed()).map(({ kind }) => kind)).toEqual(['category']);
    // What others type does not change how often mail comes.
    expect((await subscriptionOf(web.db, id))?.rhythm).toBe('daily');
    await confirm(web.db, id, later(3));
    expect((await confirmed()).map(({ kind }) => kind)).toEqual(['agreement', 'category']);
  });

  test('who says no, or stops, loses the address at once; after a no nobody is asked for a month', async () => {
    const { web, ask, mails, idOf, database } = await site();
    await ask('anne@firma.dk');
    const id = await idOf('anne@firma.dk');
    await stop(web.db, id, later(1));
    const row = () => database.owner.db.selectFrom('subscription').selectAll().where('id', '=', id).executeTakeFirst();
    expect(await row()).toMatchObject({ address: null, stopped_why: 'declined', address_key: keysOf(testKey, 'anne@firma.dk').address });
    expect([await mails(), await database.owner.db.selectFrom('subscription_choice').selectAll().execute()]).toEqual([[], []]);
    await ask('anne@firma.dk', {}, later(48));
    expect([await mails(), (await row())?.address]).toEqual([[], null]);
    await ask('anne@firma.dk', {}, later(24 * 31));
    expect([(await mails()).length, (await row())?.address]).toEqual([1, 'anne@firma.dk']);
    await confirm(web.db, id, later(24 * 31));
    await stop(web.db, id, later(24 * 32));
    expect(await row()).toMatchObject({ address: null, stopped_why: 'unsubscribed' });
    await ask('anne@firma.dk', {}, later(24 * 33));
    expect([(await mails()).length, (await row())?.address, (await row())?.confirmed_at]).toEqual([1, 'anne@firma.dk', null]);
  });

  test('10,000 times from one place sends ten mails, and nothing is kept of the rest', async () => {
    const { ask, mails, database } = await site();
    const outcomes = new Map<string, number>();
    const from = (index: number) => ask(`nr${index}@firma.dk`, {}, testNow, `2001:db8::${index.toString(16)}`);
    const note = (faults: Awaited<ReturnType<typeof from>>) => outcomes.set(faults[0]?.code ?? 'sent', (outcomes.get(faults[0]?.code ?? 'sent') ?? 0) + 1);
    for (let index = 0; index < 10; index += 1) note(await from(index));
    for (let index = 10; index < 10_000; index += 270) for (const faults of await Promise.all(Array.from({ length: 270 }, (_, more) => from(index + more)))) note(faults);
    expect(Object.fromEntries(outcomes)).toEqual({ sent: 10, 'too-many': 9_990 });
    expect([(await mails()).length, (await database.owner.db.selectFrom('subscription').select('id').execute()).length]).toEqual([10, 10]);
    expect(await ask('anne@firma.dk')).toEqual([]);
  });

  test('others cannot pile up wishes for somebody before he says anything', async () => {
    const { ask, database } = await site();
    for (let round = 0; round < 5; round += 1) await ask('anne@firma.dk', { choices: Array.from({ length: 60 }, (_, index) => ({ kind: 'tender', value: `${round}-${index}` })) });
    expect((await database.owner.db.selectFrom('subscription_choice').selectAll().execute()).length).toBe(120);
  });
});

describe('what is kept', () => {
  test('unconfirmed requests are erased after seven days, unconfirmed wishes too, the trace of stopped ones after a year', async () => {
    const { web, ask, idOf, database } = await site();
    const worker = asWorker(database);
    await ask('nej@firma.dk');
    await ask('ja@firma.dk');
    await confirm(web.db, await idOf('ja@firma.dk'), testNow);
    await ask('ja@firma.dk', { choices: [{ kind: 'planned', value: '' }] }, later(1));
    await ask('stop@firma.dk');
    await stop(web.db, await idOf('stop@firma.dk'), testNow);
    const left = async (now: Date) => {
      await eraseOld(worker.db, now);
      const { db } = database.owner;
      return [
        (await db.selectFrom('subscription').select('address').orderBy('address').execute()).map(({ address }) => address),
        (await db.selectFrom('subscription_choice').select('kind').orderBy('kind').execute()).map(({ kind }) => kind),
        (await db.selectFrom('mail').select('to_address').orderBy('to_address').execute()).map((mail) => mail.to_address),
      ];
    };
    expect(await left(later(24 * 6.9))).toEqual([
      ['ja@firma.dk', 'nej@firma.dk', null],
      ['category', 'category', 'planned'],
      ['ja@firma.dk', 'ja@firma.dk', 'nej@firma.dk'],
    ]);
    expect(await left(later(24 * 7.2))).toEqual([['ja@firma.dk', null], ['category'], ['ja@firma.dk', 'ja@firma.dk']]);
    expect((await left(later(24 * 366)))[0]).toEqual(['ja@firma.dk']);
  });

  test('the role that serves pages can list no addresses, see no other subscription, and read no mail', async () => {
    const { web, database } = await site();
    await subscriber(database, 'bo@firma.dk', [{ kind: 'planned', value: '' }]);
    const id = await subscriber(database, 'anne@firma.dk', [{ kind: 'category', value: 'mad' }]);
    const seen = (setting?: [string, string]) =>
      web.db.transaction().execute(async (tx) => {
        if (setting) await sql`select set_config(${setting[0]}, ${setting[1]}, true)`.execute(tx);
        const addresses = await tx.selectFrom('subscription').select('address').execute();
        const choices = await tx.selectFrom('subscription_choice').select('kind').execute();
        return [addresses.map(({ address }) => address), choices.map(({ kind }) => kind)];
      });
    expect(await seen()).toEqual([[], []]);
    expect(await seen(['app.subscription', id])).toEqual([['anne@firma.dk'], ['category']]);
    expect(await seen(['app.mailbox', keysOf(testKey, 'anne+x@firma.dk').mailbox])).toEqual([['anne@firma.dk'], ['category']]);
    expect(await seen(['app.mailbox', ''])).toEqual([[], []]);
    const changed = await web.db.transaction().execute(async (tx) => {
      await sql`select set_config('app.subscription', ${id}, true)`.execute(tx);
      return tx.updateTable('subscription').set({ rhythm: 'weekly' }).executeTakeFirst();
    });
    expect(changed.numUpdatedRows).toBe(1n);
    for (const statement of ['select * from alert', 'select to_address from mail', 'delete from subscription', 'delete from mail', "select jobs.enqueue_mails('{}')"])
      await expect(sql.raw(statement).execute(web.db)).rejects.toThrow(/permission denied/);
    const { rows } = await sql<{
      name: string;
    }>`select relname as name from pg_class where relname in ('subscription', 'subscription_choice', 'alert') and relrowsecurity and relforcerowsecurity`.execute(
      database.owner.db,
    );
    expect(rows).toHaveLength(3);
    // The same look with the walls down sees everything: the test would notice.
    await sql`alter table subscription disable row level security`.execute(database.owner.db);
    expect((await seen())[0]).toHaveLength(2);
  });
});

describe('the pages', () => {
  let server: TestServer;
  let visitor: Visitor;
  beforeAll(async () => {
    server = await startServer({ env: { WORKER: 'off', TRUST_PROXY: 'true' } });
    visitor = new Visitor(server.base);
  });
  let place = 0;
  const form = { email: 'anne@firma.example', 'kategori-rengoering': 'true', ord: '', rytme: 'daily' };
  const post = (fields: Record<string, string>, page = '/abonner', from = `198.51.100.${++place}`) => visitor.post(page, fields, { 'x-forwarded-for': from });
  const mails = () => server.database.owner.db.selectFrom('mail').select(['to_address', 'body']).where('reason', 'like', 'confirm:%').execute();
  const token = (purpose: 'confirm' | 'settings' | 'unsubscribe', id: string, now = testNow) => makeToken(testKey, purpose, id, now);

  test('answer every address alike: new, known, asked already, stopped', async () => {
    await subscriber(server.database, 'kendt@firma.example', [{ kind: 'planned', value: '' }]);
    const stopped = await subscriber(server.database, 'stoppet@firma.example', []);
    await server.database.owner.db.updateTable('subscription').set({ stopped_at: testNow, stopped_why: 'declined' }).where('id', '=', stopped).execute();
    const answers = new Set<string>();
    for (const email of ['ny@firma.example', 'ny@firma.example', 'kendt@firma.example', 'stoppet@firma.example']) {
      const response = await post({ ...form, email });
      const page = await visitor.get(response.headers.get('location') ?? '');
      answers.add(`${response.status} ${response.headers.get('location')} ${page.status} ${visibleText(await page.text())}`);
    }
    expect(answers.size).toBe(1);
    expect([...answers][0]).toMatch(/^303 \/abonner\?kategori=rengoering&rytme=daily&sendt=1 200 .*Åbn din mail.*kategorien Rengøring.*højst én gang om dagen/);
    expect([...answers][0]).not.toContain('firma.example');
  });

  test.each([
    ['an address without @', { ...form, email: 'anne' }, 400, 'Der skal være et @', '#email'],
    ['no address', { ...form, email: '' }, 400, 'Skriv din mailadresse.', '#email'],
    ['nothing chosen', { email: 'x@firma.example', rytme: 'weekly' }, 400, 'Vælg mindst én ting', '#valg'],
    ['words that stand everywhere', { email: 'x@firma.example', ord: 'sæbe, og' }, 400, 'Et af ordene står næsten alle steder', '#ord'],
    ['a word that English texts are full of', { email: 'x@firma.example', ord: 'IT' }, 400, 'Et af ordene står næsten alle steder', '#ord'],
    ['letters before @ that cannot be sent to', { ...form, email: 'søren@firma.dk' }, 400, 'Foran @ kan vi kun sende til', '#email'],
  ] as [string, Record<string, string>, number, string, string][])(
    'say what is wrong in words with %s, beside the field and on top, and keep what was typed',
    async (_what, fields, status, words, anchor) => {
      const before = (await mails()).length;
      const response = await post(fields);
      const html = await response.text();
      expect([response.status, html.includes('<title>Fejl: '), html.split(words).length]).toEqual([status, true, 3]);
      expect(html).toContain(`href="${anchor}"`);
      expect(fieldValue(html, 'email')).toBe(fields['email']);
      if (fields['rytme'] === 'weekly') expect(html).toMatch(/id="rytme-weekly" value="weekly" checked/);
      if (fields['kategori-rengoering']) expect(html).toMatch(/id="kategori-rengoering"[^>]*checked/);
      expect(response.headers.get('cache-control')).toBe('no-store');
      expect((await mails()).length).toBe(before);
    },
  );

  test('ask about an address that looks like a slip, and take either answer', async () => {
    const asked = await post({ ...form, email: 'bo@gmial.com' });
    const html = await asked.text();
    expect([asked.status, visibleText(html).includes('Mente du bo@gmail.com?'), html.includes('value="ment"')]).toEqual([400, true, true]);
    expect((await mails()).some((mail) => mail.to_address.startsWith('bo@'))).toBe(false);
    expect((await post({ ...form, email: 'bo@gmial.com', spurgt: 'bo@gmial.com', adresse: 'ment' })).status).toBe(303);
    expect((await post({ ...form, email: 'ib@gmial.com', spurgt: 'ib@gmial.com', adresse: 'skrevet' })).status).toBe(303);
    // Enter, after the address was mended by hand, presses the first button: what is typed counts.
    expect((await post({ ...form, email: 'ulla@firma.example', spurgt: 'ulla@gmial.com', adresse: 'ment' })).status).toBe(303);
    const sentTo = (await mails()).map((mail) => mail.to_address);
    for (const address of ['bo@gmail.com', 'ib@gmial.com', 'ulla@firma.example']) expect(sentTo).toContain(address);
  });

  test('stop one place after ten sign-ups and say so, in both languages', async () => {
    const from = '203.0.113.9';
    for (let turn = 0; turn < 10; turn += 1) expect((await post({ ...form, email: `nr${turn}@firma.example` }, '/abonner', from)).status).toBe(303);
    const refused = await post({ ...form, email: 'nr10@firma.example' }, '/en/subscribe', from);
    expect([refused.status, visibleText(await refused.text()).includes('Many sign-ups have come from here')]).toEqual([429, true]);
    expect((await post({ ...form, email: 'nr11@firma.example' })).status).toBe(303);
    expect((await mails()).filter((mail) => /^nr/.test(mail.to_address)).length).toBe(11);
  });

  test('fill in what a link names, and say when that is not on the site', async () => {
    expect(await visitor.text('/abonner?aftale=2024-031')).toMatch(/id="aftale-2024-031"[^>]*checked/);
    expect(await visitor.text('/en/subscribe?udbud=rengoering-af-skoler-2027&ord=soap')).toMatch(/id="udbud-rengoering-af-skoler-2027"[^>]*checked[\s\S]*value="soap"/);
    expect(visibleText(await visitor.text('/abonner?aftale=9999'))).toContain('Aftalen eller udbuddet i linket findes ikke');
    expect(await visitor.text('/aftaler/2024-031')).toContain('href="/abonner?aftale=2024-031"');
  });

  test('show before and after a mail as it would be, marked as an example, whose links open nothing', async () => {
    for (const page of ['/abonner', '/abonner?kategori=rengoering&sendt=1']) {
      const text = visibleText(await visitor.text(page));
      expect(text).toMatch(/Sådan ser en mail ud Et eksempel\. Mailen er ikke sendt til nogen\. Emne: Ny aftale: /);
      expect(text).toMatch(/Stop alle mails og slet din adresse: http:\/\/\S+\/abonner\/afmeld\/…/);
    }
    const english = visibleText(await visitor.text('/en/subscribe'));
    expect(english).toContain('Subject: New agreement: ');
  });

  test('change nothing when they are only opened, as programs that check mails do', async () => {
    const id = await subscriber(server.database, 'scan@firma.example', [{ kind: 'planned', value: '' }]);
    await server.database.owner.db.updateTable('subscription').set({ confirmed_at: null }).where('id', '=', id).execute();
    for (const purpose of ['confirm', 'settings', 'unsubscribe'] as const) {
      const path = { confirm: 'bekraeft', settings: 'indstillinger', unsubscribe: 'afmeld' }[purpose];
      const response = await visitor.get(`/abonner/${path}/${token(purpose, id)}`);
      expect([purpose, response.status, response.headers.get('cache-control'), (await response.text()).includes('noindex')]).toEqual([purpose, 200, 'no-store', true]);
    }
    expect(await server.database.owner.db.selectFrom('subscription').select(['address', 'confirmed_at', 'stopped_at']).where('id', '=', id).executeTakeFirst()).toEqual({
      address: 'scan@firma.example',
      confirmed_at: null,
      stopped_at: null,
    });
  });

  test('confirm, change and stop by their own links, each by its own purpose', async () => {
    const id = await subscriber(server.database, 'kurt@firma.example', [{ kind: 'planned', value: '' }]);
    await server.database.owner.db.updateTable('subscription').set({ confirmed_at: null }).where('id', '=', id).execute();
    const confirmed = await visitor.post(`/abonner/bekraeft/${token('confirm', id)}`, {});
    expect(confirmed.status).toBe(303);
    const settings = confirmed.headers.get('location') ?? '';
    const html = await visitor.text(settings);
    expect(visibleText(html)).toMatch(/Du er tilmeldt.*alle kommende udbud.*Mails går til k…@firma\.example/);
    const page = settings.split('?')[0] ?? '';
    const wrong = await visitor.post(page, { rytme: 'daily', sprog: 'da' });
    expect([wrong.status, visibleText(await wrong.text()).includes('Vælg mindst én ting')]).toEqual([400, true]);
    const saved = await visitor.post(page, { 'kategori-rengoering': 'true', ord: 'kopipapir', 'aftale-2024-031': 'true', rytme: 'weekly', sprog: 'en' });
    expect(saved.headers.get('location')).toBe(`${page}?gemt=1`);
    expect(visibleText(await visitor.text(`${page}?gemt=1`))).toMatch(/Dine valg er gemt.*kategorien Rengøring.*ordet »kopipapir«.*aftale 2024-031.*højst én gang om ugen/);
    // What is ticked is what was chosen, and nothing else.
    const ticked = [...(await visitor.text(page)).matchAll(/<input[^>]* id="([^"]+)"[^>]* checked/g)].map(([, field]) => field);
    expect(ticked).toEqual(['aftale-2024-031', 'kategori-rengoering', 'rytme-weekly', 'sprog-en']);
    const unsubscribe = /href="(\/abonner\/afmeld\/[\w-]+)"/.exec(await visitor.text(page))?.[1] ?? '';
    const stopped = await visitor.post(unsubscribe, { 'List-Unsubscribe': 'One-Click' });
    expect([stopped.status, visibleText(await stopped.text()).includes('Vi har slettet adressen')]).toEqual([200, true]);
    expect((await visitor.get(page)).status).toBe(410);
    expect((await visitor.post(page, { 'kategori-rengoering': 'true' })).status).toBe(410);
    expect((await visitor.post(`/abonner/bekraeft/${token('confirm', id)}`, {})).status).toBe(410);
    const again = await visitor.post(unsubscribe, { 'List-Unsubscribe': 'One-Click' });
    expect([again.status, visibleText(await again.text()).includes('Mails er stoppet')]).toEqual([200, true]);
  });

  test('refuse links that are forged, too old, or for something else', async () => {
    const id = await subscriber(server.database, 'maal@firma.example', [{ kind: 'planned', value: '' }]);
    const old = new Date(testNow.getTime() - 8 * 86_400_000);
    for (const [page, status] of [
      [`/abonner/bekraeft/${token('confirm', id, old)}`, 410],
      [`/abonner/bekraeft/${token('unsubscribe', id)}`, 404],
      [`/abonner/indstillinger/${token('unsubscribe', id)}`, 404],
      [`/abonner/afmeld/${token('settings', id)}`, 404],
      [`/abonner/afmeld/${'A'.repeat(48)}`, 404],
      ['/en/subscribe/settings/x', 404],
      [`/abonner/indstillinger/${makeToken('another key, just as long as the first', 'settings', id, testNow)}`, 404],
    ] as const) {
      expect([page, (await visitor.get(page)).status]).toEqual([page, status]);
      expect([page, (await visitor.post(page, { 'List-Unsubscribe': 'One-Click', 'kategori-mad': 'true' })).status]).toEqual([page, status]);
    }
    expect(await server.database.owner.db.selectFrom('subscription').select('stopped_at').where('id', '=', id).executeTakeFirst()).toEqual({ stopped_at: null });
  });

  test('take the one click of a mail program without cookie or origin, and nothing else from other sites', async () => {
    const id = await subscriber(server.database, 'klik@firma.example', [{ kind: 'planned', value: '' }]);
    const path = `/abonner/afmeld/${token('unsubscribe', id)}`;
    const stoppedAt = async () => (await server.database.owner.db.selectFrom('subscription').select('stopped_at').where('id', '=', id).executeTakeFirst())?.stopped_at;
    const send = (to: string, body: string, headers: Record<string, string> = {}) =>
      rawRequest(server.base, { method: 'POST', path: to, headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers } }, body);
    expect((await send(`/abonner/indstillinger/${token('settings', id)}`, 'rytme=daily')).status).toBe(403);
    expect((await send('/abonner', 'email=x%40firma.example')).status).toBe(403);
    expect((await send(path, 'something=else')).status).toBe(200);
    expect(await stoppedAt()).toBeNull();
    const clicked = await send(path, 'List-Unsubscribe=One-Click', { 'sec-fetch-site': 'cross-site', origin: 'https://mail.example' });
    expect([clicked.status, Boolean(await stoppedAt())]).toEqual([200, true]);
    const multipart = `--x\r\ncontent-disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--x--\r\n`;
    expect((await send(path, multipart, { 'content-type': 'multipart/form-data; boundary=x' })).status).toBe(200);
  });

  test('write no token and no address into the log', async () => {
    await new Promise((resolve) => setTimeout(resolve, 100));
    const text = JSON.stringify(server.log);
    expect(text).toContain('/abonner/afmeld/…');
    expect(text).not.toMatch(/\/[\w-]{48}["/?]/);
    expect(text).not.toContain('firma.example');
  });
});
