import { createHash, randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { beforeAll, describe, expect, test } from 'vitest';
import { pathTo } from '../../src/i18n/routes.ts';
import { actorByKey } from '../../src/identity/keys/use.ts';
import { asAccount, connect, type Db } from '../../src/platform/db.ts';
import { createLog } from '../../src/platform/log.ts';
import { expectNoAxeFindings, expectNoSidewaysScroll, logIn, useBrowser } from '../support/browser.ts';
import { atEnd } from '../support/clean-up.ts';
import { testNow } from '../support/known.ts';
import { Program, pressMake, returnTask } from '../support/program.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { Visitor, visibleText } from '../support/visitor.ts';

const browser = useBrowser();
const settings = '/leverandoer/indstillinger';
const list = '/api/v1/obligations';
let server: TestServer;
let db: Db;
let web: Db;

beforeAll(async () => {
  server = await startServer({ env: { WORKER: 'off' } });
  db = server.database.owner.db;
  const connection = connect(
    server.database.webUrl,
    createLog('error', () => {}),
    2,
  );
  atEnd(() => connection.close());
  web = connection.db;
});

const person = async (email: string): Promise<Visitor> => {
  const visitor = new Visitor(server.base);
  await visitor.logIn(email);
  return visitor;
};
const accountOf = async (email: string): Promise<string> => (await db.selectFrom('account').select('id').where('email', '=', email).executeTakeFirstOrThrow()).id;
const supplierOf = async (cvr: string): Promise<string> => (await db.selectFrom('supplier').select('id').where('cvr', '=', cvr).executeTakeFirstOrThrow()).id;
const made = async (email: string, name: string): Promise<Program> => new Program(server.base, (await pressMake(await person(email), name)).secret);
const statusWith = async (program: Program, path = list): Promise<number> => (await program.ask(path)).status;
const events = async (event: string) => db.selectFrom('audit_entry').select(['subject', 'supplier_id', 'detail', 'actor']).where('event', '=', event).orderBy('seq').execute();
/** Somebody new who may make keys for some suppliers. */
async function administrator(cvrs: readonly string[]): Promise<{ email: string; id: string }> {
  const email = `${randomUUID()}@demo.example`;
  const { password_hash, name } = await db.selectFrom('account').select(['password_hash', 'name']).where('email', '=', 'leverandoer@demo.example').executeTakeFirstOrThrow();
  const { id } = await db.insertInto('account').values({ email, name, password_hash }).returning('id').executeTakeFirstOrThrow();
  for (const cvr of cvrs)
    await db
      .insertInto('membership')
      .values({ account_id: id, supplier_id: await supplierOf(cvr), role: 'administrator' })
      .execute();
  return { email, id };
}

describe('a key', () => {
  test('is made under Settings, shown once and kept by its SHA-256 alone', async () => {
    const visitor = await person('leverandoer@demo.example');
    expect(visibleText(await visitor.text(settings))).toContain('I har ingen nøgler endnu');
    const nameless = await pressMake(visitor, '  ');
    expect([nameless.status, nameless.secret, visibleText(nameless.html).includes('Giv nøglen et navn')]).toEqual([400, '', true]);
    expect((await pressMake(visitor, 'x'.repeat(61))).status).toBe(400);
    expect(await db.selectFrom('supplier_key').select('id').execute()).toEqual([]);

    const { status, secret, html, form } = await pressMake(visitor, ' Navision »prod« ');
    expect([status, secret]).toEqual([200, expect.stringMatching(/^htk_[\w-]{43}$/)]);
    expect(visibleText(html)).toContain('Den bliver kun vist denne ene gang');
    const [row] = await db.selectFrom('supplier_key').selectAll().execute();
    expect([row?.name, row?.begins_with, row?.sha256.toString('hex')]).toEqual(['Navision »prod«', secret.slice(0, 10), createHash('sha256').update(secret).digest('hex')]);
    expect(JSON.stringify(row)).not.toContain(secret);
    expect(await events('supplier-key.made')).toEqual([{ subject: row?.id, supplier_id: row?.supplier_id, detail: {}, actor: row?.account_id }]);

    const again = await visitor.post(settings, form);
    expect([again.status, again.headers.get('location')]).toEqual([303, `${settings}?gjort=noegle#noegler`]);
    const later = await visitor.text(`${settings}?gjort=noegle`);
    expect([later.includes(secret), later.includes(`${secret.slice(0, 10)}…`), (await db.selectFrom('supplier_key').select('id').execute()).length]).toEqual([false, true, 1]);
    expect(visibleText(later)).toContain('Ikke brugt endnu');
    expect(await statusWith(new Program(server.base, secret))).toBe(200);
    expect(visibleText(await visitor.text(settings))).toContain('Sidst brugt 23. november 2026');
    expect(JSON.stringify(server.log)).not.toContain(secret);
  });

  test('is ended for good by an administrator, at once', async () => {
    const visitor = await person('anden@demo.example');
    const { secret, html } = await pressMake(visitor, 'Lager');
    const program = new Program(server.base, secret);
    expect([await statusWith(program), visibleText(html).includes('En lukket nøgle kan ikke åbnes igen')]).toEqual([200, true]);
    const { id } = await db.selectFrom('supplier_key').select('id').where('name', '=', 'Lager').executeTakeFirstOrThrow();
    const end = () => visitor.post(settings, { intent: 'end-key', key: id });
    expect([(await end()).headers.get('location'), await statusWith(program), (await end()).status]).toEqual([`${settings}?gjort=lukket#noegler`, 401, 303]);
    expect(visibleText(await visitor.text(settings))).toContain('Lukket 23. november 2026');
    expect((await events('supplier-key.ended')).filter(({ subject }) => subject === id)).toHaveLength(1);
    // Nor does the database take it back.
    const account = await accountOf('anden@demo.example');
    const revived = await asAccount(web, account, (tx) => tx.updateTable('supplier_key').set({ ended_at: null }).where('id', '=', id).executeTakeFirst());
    expect(Number(revived.numUpdatedRows)).toBe(0);
  });

  test('is seen by members, who neither make nor end one, and by nobody of another supplier', async () => {
    await made('leverandoer@demo.example', 'Set af kollega');
    const { id } = await db.selectFrom('supplier_key').select('id').where('name', '=', 'Set af kollega').executeTakeFirstOrThrow();
    const member = await person('kollega@demo.example');
    const page = visibleText(await member.text(settings));
    expect([page.includes('Set af kollega'), page.includes('Kun jeres administratorer'), page.includes('Luk nøglen')]).toEqual([true, true, false]);
    expect((await member.post(settings, { intent: 'make-key', 'key-name': 'min' })).status).toBe(403);
    expect((await member.post(settings, { intent: 'end-key', key: id })).status).toBe(403);
    const stranger = await person('anden@demo.example');
    expect(visibleText(await stranger.text(settings))).not.toContain('Set af kollega');
    for (const key of [id, 'no id', randomUUID()]) expect((await stranger.post(settings, { intent: 'end-key', key })).status).toBe(404);

    const ours = { id: randomUUID(), supplier_id: await supplierOf('90000004'), name: 'x', sha256: Buffer.alloc(32, 7), begins_with: 'x', made_at: testNow };
    for (const email of ['kollega@demo.example', 'anden@demo.example', 'sagsbehandler@demo.example']) {
      const account = await accountOf(email);
      const forged = asAccount(web, account, (tx) =>
        tx
          .insertInto('supplier_key')
          .values({ ...ours, account_id: account })
          .execute(),
      );
      await expect(forged).rejects.toThrow(/row-level security/);
    }
    const colleague = await accountOf('kollega@demo.example');
    const inAnothersName = asAccount(web, await accountOf('leverandoer@demo.example'), (tx) =>
      tx
        .insertInto('supplier_key')
        .values({ ...ours, account_id: colleague })
        .execute(),
    );
    await expect(inAnothersName).rejects.toThrow(/row-level security/);
    const seen = async (account: string | null) => (await asAccount(web, account, (tx) => tx.selectFrom('supplier_key').select('id').where('id', '=', id).execute())).length;
    expect([await seen(colleague), await seen(await accountOf('anden@demo.example')), await seen(null)]).toEqual([1, 0, 0]);
    expect((await db.selectFrom('supplier_key').select('ended_at').where('id', '=', id).executeTakeFirst())?.ended_at).toBeNull();
  });

  test('ends with the membership or the account behind it, and does not come back with them', async () => {
    const { email, id } = await administrator(['90000004', '90002740']);
    const visitor = await person(email);
    const [first, second] = [await supplierOf('90000004'), await supplierOf('90002740')];
    const [ofFirst, ofSecond] = [new Program(server.base, (await pressMake(visitor, 'A', first)).secret), new Program(server.base, (await pressMake(visitor, 'B', second)).secret)];
    expect([await statusWith(ofFirst), await statusWith(ofSecond)]).toEqual([200, 200]);
    const row = { account_id: id, supplier_id: first, role: 'administrator' } as const;
    await db.deleteFrom('membership').where('account_id', '=', id).where('supplier_id', '=', first).execute();
    expect([await statusWith(ofFirst), await statusWith(ofSecond)]).toEqual([401, 200]);
    await db.insertInto('membership').values(row).execute();
    expect(await statusWith(ofFirst)).toBe(401);
    await db.updateTable('account').set({ disabled_at: testNow }).where('id', '=', id).execute();
    expect(await statusWith(ofSecond)).toBe(401);
    await db.updateTable('account').set({ disabled_at: null }).where('id', '=', id).execute();
    expect(await statusWith(ofSecond)).toBe(401);
    const because = (await events('supplier-key.ended')).map(({ detail }) => (detail as { because?: string }).because);
    expect(because).toEqual(expect.arrayContaining(['membership-ended', 'account-disabled']));
  });

  test('does nothing without the membership, even where the table says that it holds', async () => {
    const { email, id } = await administrator(['90000004']);
    const { secret } = await pressMake(await person(email), 'uden medlemskab');
    await sql`alter table membership disable trigger membership_ends_keys`.execute(db);
    await db.deleteFrom('membership').where('account_id', '=', id).execute();
    await sql`alter table membership enable trigger membership_ends_keys`.execute(db);
    expect([await actorByKey(web, secret, testNow), await statusWith(new Program(server.base, secret))]).toEqual([null, 401]);
  });

  test('reaches one supplier alone, whoever made it', async () => {
    const { email, id } = await administrator(['90000004', '90002740']);
    await db.insertInto('account_role').values({ account_id: id, role: 'case_officer' }).execute();
    const visitor = await person(email);
    expect((await pressMake(visitor, 'ingen valgt')).status).toBe(400);
    const program = new Program(server.base, (await pressMake(visitor, 'kun én', await supplierOf('90002740'))).secret);
    const { items } = (await (await program.ask(`${list}?limit=1000`)).json()) as { items: { supplier: { cvr: string } }[] };
    expect([items.length > 0, new Set(items.map(({ supplier }) => supplier.cvr))]).toEqual([true, new Set(['90002740'])]);
    const others = await returnTask(server);
    const answers = [
      await program.ask(others.returns),
      await program.send(others.returns, { nothing: true }),
      await program.ask(`${list}/x/returns`),
      await program.ask(`${list}/${randomUUID()}/returns`),
    ];
    expect(answers.map(({ status }) => status)).toEqual([404, 404, 404, 404]);
  });

  test('says when it was last used, to the hour', async () => {
    const { secret } = await pressMake(await person('leverandoer@demo.example'), 'timer');
    const usedAt = async (minutes: number): Promise<Date | null | undefined> => {
      await actorByKey(web, secret, new Date(testNow.getTime() + minutes * 60_000));
      return (await db.selectFrom('supplier_key').select('last_used_at').where('name', '=', 'timer').executeTakeFirst())?.last_used_at;
    };
    const [first, soon, later] = [await usedAt(0), await usedAt(59), await usedAt(61)];
    expect([first, soon, later]).toEqual([testNow, testNow, new Date(testNow.getTime() + 61 * 60_000)]);
  });

  test('is one of at most twenty', async () => {
    const { email } = await administrator(['90002740']);
    const visitor = await person(email);
    const statuses: number[] = [];
    for (let at = 0; at < 21; at += 1) statuses.push((await pressMake(visitor, `nr. ${at}`)).status);
    expect([statuses.filter((status) => status === 200).length <= 20, statuses.at(-1)]).toEqual([true, 422]);
    await db.updateTable('supplier_key').set({ ended_at: testNow }).where('name', 'like', 'nr. %').execute();
  });
});

describe('whoever has no key that works', () => {
  test('is told so, alike in all cases, to GET and to POST, and learns nothing of what there is', async () => {
    const visitor = await person('leverandoer@demo.example');
    const { secret } = await pressMake(visitor, 'lukket');
    await db.updateTable('supplier_key').set({ ended_at: testNow }).where('name', '=', 'lukket').execute();
    const task = await returnTask(server);
    const answers: string[] = [];
    for (const key of [null, '', 'x', `htk_${'A'.repeat(43)}`, secret, `${secret} x`, secret.toUpperCase()]) {
      for (const [path, method] of [
        [list, 'GET'],
        [task.returns, 'GET'],
        [task.returns, 'POST'],
        [`${list}/${randomUUID()}/returns`, 'POST'],
      ] as const) {
        const response = await new Program(server.base, key).ask(path, { method, ...(method === 'POST' && { body: '{}', headers: { 'content-type': 'application/json' } }) });
        const headers = ['www-authenticate', 'content-type', 'cache-control', 'access-control-allow-origin', 'set-cookie'].map((name) => response.headers.get(name));
        answers.push(JSON.stringify([response.status, headers, await response.json()]));
      }
    }
    expect(new Set(answers).size).toBe(1);
    expect(JSON.parse(answers[0] ?? '')).toMatchObject([401, ['Bearer', 'application/problem+json', 'no-store', null, null], { errors: [{ code: 'no-key' }] }]);
  });

  test('is not helped by a cookie, an address or another header', async () => {
    const visitor = await person('leverandoer@demo.example');
    const { secret } = await pressMake(visitor, 'andre veje');
    expect((await visitor.get(list)).status).toBe(401);
    const task = await returnTask(server);
    expect((await visitor.post(task.returns, { nothing: 'true' })).status).toBe(401);
    const program = new Program(server.base, null);
    expect([await statusWith(program, `${list}?access_token=${secret}`), (await program.ask(list, { headers: { 'x-api-key': secret } })).status]).toEqual([401, 401]);
    expect((await program.ask(list, { headers: { authorization: `Basic ${secret}` } })).status).toBe(401);
    // Elsewhere a key opens nothing.
    const withKey = new Program(server.base, secret);
    expect((await withKey.ask('/leverandoer')).headers.get('location')).toContain('/log-ind');
    expect((await withKey.post(settings, 'intent=make', { 'content-type': 'application/x-www-form-urlencoded' })).status).toBe(403);
  });

  test('may guess a hundred times in a quarter of an hour, which keeps nobody out whose key is right', async () => {
    const right = await made('leverandoer@demo.example', 'gæt');
    await db.deleteFrom('log_in_guess').where('key', 'like', 'key:%').execute();
    const statuses: number[] = [];
    for (let at = 0; at < 102; at += 1) statuses.push(await statusWith(new Program(server.base, `htk_${String(at).padStart(43, 'x')}`)));
    expect([statuses.slice(0, 100).every((status) => status === 401), statuses.slice(100)]).toEqual([true, [429, 429]]);
    expect(await statusWith(right)).toBe(200);
  });
});

describe('the list of obligations', () => {
  test('is the supplier’s own, by deadline, a page at a time, with addresses that work', async () => {
    const program = await made('leverandoer@demo.example', 'liste');
    interface Page {
      items: { id: string; dueOn: string; opensOn: string; hasLines: boolean; returns: string; schema: string; url: string; state: string; title: { da: string; en: string } }[];
      next: string | null;
    }
    const whole = (await (await program.ask(`${list}?limit=1000`)).json()) as Page;
    const ids = whole.items.map(({ id }) => id);
    const owned = await db
      .selectFrom('obligation')
      .select('id')
      .where('supplier_id', '=', await supplierOf('90000004'))
      .orderBy('due_on')
      .orderBy('id')
      .execute();
    expect([whole.next, ids]).toEqual([null, owned.map(({ id }) => id)]);
    const walked: string[] = [];
    for (let address: string | null = `${list}?limit=7`; address; ) {
      const response: Response = await program.ask(address);
      expect(response.headers.get('cache-control')).toBe('no-store');
      const page = (await response.json()) as Page;
      walked.push(...page.items.map(({ id }) => id));
      const link: string | undefined = /<([^>]+)>; rel="next"/.exec(response.headers.get('link') ?? '')?.[1];
      address = link ? new URL(link).pathname + new URL(link).search : null;
    }
    expect(walked).toEqual(ids);
    const open = (await (await program.ask(`${list}?state=open&limit=1000`)).json()) as Page;
    expect(open.items.map(({ id }) => id)).toEqual(whole.items.filter(({ state }) => state === 'open').map(({ id }) => id));
    const [first] = whole.items;
    expect((await program.ask(new URL(first?.returns ?? '').pathname)).status).toBe(200);
    expect((await new Visitor(server.base).get(new URL(first?.schema ?? '').pathname)).headers.get('content-type')).toBe('application/schema+json');
    expect([first?.dueOn, first?.opensOn].every((day) => /^\d{4}-\d\d-\d\d$/.test(day ?? ''))).toBe(true);
  });

  test('says what is wrong with a question instead of giving an empty list', async () => {
    const program = await made('leverandoer@demo.example', 'fejl');
    const forged = (place: unknown): string => Buffer.from(JSON.stringify(place)).toString('base64url');
    const wrong = [
      'limit=0',
      'limit=1001',
      'limit=x',
      'state=opened',
      'state=',
      'cursor=',
      'cursor=none',
      `cursor=${forged(['0000-01-01', randomUUID()])}`,
      `cursor=${forged(['2026-02-30', randomUUID()])}`,
      `cursor=${forged(['2026-01-01', '\0'])}`,
    ];
    for (const query of wrong) {
      const response = await program.ask(`${list}?${query}`);
      const { errors } = (await response.json()) as { errors: { parameter: string }[] };
      expect([query, response.status, errors[0]?.parameter]).toEqual([query, 400, query.split('=')[0]]);
    }
    for (const [path, query] of [
      ['returns', 'file=yes'],
      ['returns', 'dryRun=1'],
      ['returns', 'file=true&dryRun=true'],
    ] as const) {
      const task = await returnTask(server);
      expect([path, query, (await program.send(`${task.returns}?${query}`, {})).status]).toEqual([path, query, 400]);
    }
    for (const key of ['', 'x'.repeat(201)]) expect((await program.send((await returnTask(server)).returns, {}, { 'idempotency-key': key })).status).toBe(400);
    expect((await program.ask(list, { method: 'POST', body: 'x' })).status).toBe(405);
    expect(server.log.filter(({ level }) => level === 'error')).toEqual([]);
  });
});

describe.each([
  { lang: 'da', width: 390 },
  { lang: 'en', width: 1280 },
] as const)('the page of keys in $lang, $width px wide', ({ lang, width }) => {
  test('is usable without keys, with a fault, with a new key and with those that there are', async () => {
    await db.deleteFrom('supplier_key').execute();
    const page = await browser.open(server.base, { viewport: { width, height: 900 } });
    const look = async (what: string): Promise<void> => {
      await expectNoAxeFindings(page, what);
      await expectNoSidewaysScroll(page, what);
      if (process.env['PICTURES']) await page.screenshot({ path: `${process.env['PICTURES']}/keys-${lang}-${what}.png`, fullPage: true });
    };
    await logIn(page, 'leverandoer@demo.example', pathTo('logIn', lang));
    await page.goto(pathTo('supplierSettings', lang));
    await look('empty');
    await page.click('button[value="make-key"]');
    await expect.poll(() => page.getAttribute('#key-name', 'aria-invalid')).toBe('true');
    await look('fault');
    await page.fill('#key-name', lang === 'da' ? 'Økonomisystem' : 'Finance');
    await page.click('button[value="make-key"]');
    await expect.poll(() => page.inputValue('#secret')).toMatch(/^htk_/);
    await look('made');
    await page.goto(pathTo('supplierSettings', lang));
    expect(await page.locator('#secret').count()).toBe(0);
    await page.click('#noegler details summary');
    await look('ending');
    await page.click('button[value="end-key"]');
    await expect.poll(() => page.locator('button[value="end-key"]').count()).toBe(0);
    await look('ended');
  });
});
