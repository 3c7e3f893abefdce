import { Kysely, PostgresDialect, sql } from 'kysely';
import { beforeAll, describe, expect, test } from 'vitest';
import type { DB } from '../../db/schema.ts';
import { agreementContentSchema } from '../../src/agreements/content.ts';
import { publishAgreements } from '../../src/agreements/publishing/publish.ts';
import { mostRanked } from '../../src/agreements/register/matching.ts';
import { cursorSchema, readQuery } from '../../src/agreements/register/query.ts';
import { registerPage } from '../../src/agreements/register/register.ts';
import { catalogueOf } from '../../src/content/catalogue.ts';
import { readCursor, writeCursor } from '../../src/platform/asking/cursor.ts';
import { asAccount, queryCount } from '../../src/platform/db.ts';
import { writtenContent } from '../support/content.ts';
import { actorOf, testApp } from '../support/database.ts';
import { testNow, testToday } from '../support/known.ts';

let app: Awaited<ReturnType<typeof testApp>>;
const catalogue = catalogueOf(writtenContent());
beforeAll(async () => {
  app = await testApp();
});
const publication = { catalogue, now: testNow, by: null };
const numbersOf = async (ids: readonly string[]): Promise<string[]> => {
  const rows = await app.db
    .selectFrom('agreement')
    .select(['id', 'number'])
    .where('id', 'in', [...ids, '00000000-0000-0000-0000-000000000000'])
    .execute();
  return ids.map((id) => rows.find((row) => row.id === id)?.number ?? '');
};
const ask = async (address: string) => {
  const { query, wrong } = readQuery(new URLSearchParams(address));
  const page = await registerPage(app.db, query, testToday);
  return { ...page, wrong, numbers: await numbersOf(page.ids) };
};
const content = (changes: object) =>
  agreementContentSchema.parse({
    number: '2026-900',
    kind: 'framework',
    kindOfContract: 'supplies',
    title: { da: 'Prøveaftale' },
    cpvMain: '33760000',
    startsOn: '2026-01-01',
    endsOn: '2027-12-31',
    procedure: 'open',
    suppliers: [{ cvr: '90000004', name: 'Klarvand Engros A/S', town: 'Køge' }],
    ...changes,
  });

describe('the register', () => {
  test.each([
    ['q=sæbe', '2024-031'],
    ['q=saebe', '2024-031'],
    ['q=vådservietter', '2024-031'],
    ['q=vaadservietterne', '2024-031'],
    ['q=wipes', '2024-031'],
    ['q=rengøringen+skoler', '2023-014'],
    ['q=2024-018', '2024-018'],
    ['q=Klarvand+hygiejne', '2024-031'],
  ])('%s finds %s first', async (address, number) => {
    const { numbers, corrected } = await ask(address);
    expect([numbers[0], corrected]).toEqual([number, null]);
  });

  test.each([
    ['q=vårdservitter', '2024-031'],
    ['q=rengørring', '2024-018'],
    ['q=kontorartikkler', '2025-018'],
  ])('%s, misspelt, finds %s and says what was searched for instead', async (address, number) => {
    const { numbers, corrected } = await ask(address);
    expect(numbers).toContain(number);
    expect(corrected).not.toBeNull();
  });

  test('a word that nothing is near to finds nothing and guesses nothing', async () => {
    expect(await ask('q=xqzjklw')).toMatchObject({ total: 0, ids: [], corrected: null });
  });

  test('shows what is in force and coming, and what has ended when asked', async () => {
    const all = await app.db.selectFrom('agreement').select(['number', 'ends_on']).execute();
    const { total, counts } = await ask('');
    expect(total).toBe(all.filter((row) => row.ends_on >= testToday).length);
    expect((await ask('status=ended')).numbers.sort()).toEqual(
      all
        .filter((row) => row.ends_on < testToday)
        .map((row) => row.number)
        .sort(),
    );
    expect((counts.status['active'] ?? 0) + (counts.status['coming'] ?? 0) + (counts.status['ended'] ?? 0)).toBe(all.length);
  });

  test('counts of a filter say what choosing it would show, whatever else is chosen', async () => {
    const base = await ask('kind=framework');
    expect(Object.keys(base.counts.category).length).toBeGreaterThan(2);
    for (const facet of ['category', 'status', 'standing', 'focus', 'requirement'] as const) {
      for (const [value, count] of Object.entries(base.counts[facet])) {
        const status = facet === 'status' ? '' : '&status=active&status=coming';
        expect([facet, value, (await ask(`kind=framework&${facet}=${value}${status}`)).total]).toEqual([facet, value, count]);
      }
    }
  });

  test('pages by a cursor hold every agreement once, in every order, also when titles are the same', async () => {
    const { owner } = app.database;
    const same = Array.from({ length: 25 }, (_, index) => content({ number: `2026-8${String(index).padStart(2, '0')}`, title: { da: 'Samme titel' } }));
    await owner.db.transaction().execute((tx) => publishAgreements(tx, same, publication));
    for (const [sort, words] of [
      ['title', ''],
      ['ends', ''],
      ['number', ''],
      ['best', 'q=titel&'],
      ['best', 'q=!!&'],
    ]) {
      const seen: string[] = [];
      let cursor: string | null = '';
      while (cursor !== null) {
        const page: Awaited<ReturnType<typeof ask>> = await ask(`${words}status=active&status=coming&status=ended&limit=7&sort=${sort}${cursor && `&cursor=${cursor}`}`);
        seen.push(...page.numbers);
        cursor = page.next;
      }
      const { total } = await ask(`${words}status=active&status=coming&status=ended`);
      expect([sort, seen.length, new Set(seen).size]).toEqual([sort, total, total]);
    }
  });

  test('counts are kept until a transaction has changed the register, whichever ends first', async () => {
    const { owner } = app.database;
    const total = async () => (await ask('status=active&status=coming&status=ended')).total;
    const publish = (number: string, cvr: string, written?: () => Promise<void>) =>
      owner.db.transaction().execute(async (tx) => {
        // Two at a time, as of a list: one by itself would wait for the audit log.
        const two = [number, `${number}b`].map((each) => content({ number: each, title: { da: 'Rengøring' }, suppliers: [{ cvr, name: 'Klarvand Engros A/S' }] }));
        await publishAgreements(tx, two, publication);
        await written?.();
      });
    const before = await total();
    // The control: what no trigger sees is not counted, so it is not counted anew each time.
    await sql`alter table register_entry disable trigger register_updated`.execute(owner.db);
    await sql`update register_entry set ends_on = '2020-01-01', starts_on = '2019-01-01' where number = '2024-031'`.execute(owner.db);
    await sql`alter table register_entry enable trigger register_updated`.execute(owner.db);
    const { counts } = await ask('');
    expect((await ask('')).counts).toEqual(counts);
    await sql`update register_entry set number = number where number = '2024-031'`.execute(owner.db);
    expect((await ask('')).counts.status['ended']).toBe((counts.status['ended'] ?? 0) + 1);
    await sql`update register_entry e set ends_on = a.ends_on, starts_on = a.starts_on from agreement a where a.id = e.agreement_id and a.number = '2024-031'`.execute(owner.db);
    expect((await ask('')).counts).toEqual(counts);
    // One that began first and ends last.
    const [written, ended] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const late = publish('2026-910', '90000004', () => {
      written.resolve();
      return ended.promise;
    });
    await written.promise;
    await publish('2026-911', '90002740');
    expect(await total()).toBe(before + 2);
    ended.resolve();
    await late;
    expect(await total()).toBe(before + 4);
  });

  test('a word is found by its beginning, also one with digits in it, also when many begin so', async () => {
    const { db } = app.database.owner;
    const titles = ['Zebrastriber2000', ...Array.from({ length: 70 }, (_, n) => `Zebrafelt${String.fromCharCode(97 + (n % 26))}${String.fromCharCode(97 + Math.floor(n / 26))}`)];
    await db.transaction().execute((tx) =>
      publishAgreements(
        tx,
        titles.map((da, n) => content({ number: `2026-z${n}`, title: { da } })),
        publication,
      ),
    );
    expect((await ask('q=zebrastri')).numbers).toEqual(['2026-z0']);
    expect((await ask('q=zebrastriber2')).numbers).toEqual(['2026-z0']);
    expect((await ask('q=zebrafelta')).total).toBe(3);
    expect((await ask('q=zebra')).total).toBe(71);
    expect((await ask('q=ze')).total).toBe(71);
  });

  test('a word too common to have a form is found where it stands', async () => {
    const { db } = app.database.owner;
    await db
      .transaction()
      .execute((tx) => publishAgreements(tx, [content({ number: '2026-920', title: { da: 'Alle slags bivoks', en: 'Beeswax with other things' } })], publication));
    for (const words of ['alle slags bivoks', 'alle+bivoks', 'beeswax with other', 'other+bivoks'])
      expect([words, (await ask(`q=${words.replaceAll(' ', '+')}`)).numbers]).toEqual([words, ['2026-920']]);
  });

  test('what is wrong in an address is named, and the rest is used', async () => {
    const { wrong, total } = await ask('kind=gift&kind=framework&ends=soon&cursor=abc&limit=5000&category=%27%20or%201=1');
    expect(wrong.sort()).toEqual(['category', 'cursor', 'ends', 'kind', 'limit']);
    expect(total).toBe((await ask('kind=framework')).total);
    const other = writeCursor({ sort: 'number', value: 'x', id: '00000000-0000-0000-0000-000000000000' });
    expect((await ask(`sort=title&cursor=${other}`)).wrong).toEqual(['cursor']);
    expect(readCursor(cursorSchema, Buffer.from('{"sort":"title","value":"x","id":"1 or 1=1"}').toString('base64url'))).toBeNull();
  });

  test.each(["' or 1=1 --", '"', '😀', 'مناقصة', 'a & b | !c', '%', 'æ'.repeat(1_000), '\\', ':*'])('the question %s is answered, never an error', async (question) => {
    expect((await ask(new URLSearchParams({ q: question }).toString())).total).toBeGreaterThanOrEqual(0);
  });
});

describe('publishing', () => {
  test('keeps every version, leaves alone what is as it was, and takes over what is new', async () => {
    const { owner } = app.database;
    const publish = (...contents: ReturnType<typeof content>[]) => owner.db.transaction().execute((tx) => publishAgreements(tx, contents, publication));
    expect(await publish(content({}))).toMatchObject({ created: ['2026-900'], changed: [], unchanged: 0 });
    expect(await publish(content({}))).toMatchObject({ created: [], changed: [], unchanged: 1 });
    const lots = [{ number: '1', title: { da: 'Nord' }, suppliers: ['90002740'] }];
    const two = [
      { cvr: '90002740', name: 'Nordlys Rengøring A/S' },
      { cvr: '90000004', name: 'Klarvand Engros A/S' },
    ];
    expect(await publish(content({ title: { da: 'Nyt navn' }, suppliers: two, lots }))).toMatchObject({ created: [], changed: ['2026-900'], unchanged: 0 });
    const versions = await app.db
      .selectFrom('agreement_version as v')
      .innerJoin('agreement as a', 'a.id', 'v.agreement_id')
      .select(['v.number', 'v.event', 'v.content'])
      .where('a.number', '=', '2026-900')
      .orderBy('v.number')
      .execute();
    expect(versions.map(({ number, event }) => [number, event])).toEqual([
      [1, 'published'],
      [2, 'changed'],
    ]);
    expect(agreementContentSchema.parse(versions[0]?.content).title.da).toBe('Prøveaftale');
    expect((await ask('q=Nyt+navn')).numbers[0]).toBe('2026-900');
    expect((await ask('q=Prøveaftale')).numbers).not.toContain('2026-900');
  });

  test('does not take off a supplier that documentation has been asked of, and then nothing is changed', async () => {
    const { owner } = app.database;
    const before = await ask('q=Hygiejneartikler');
    const moved = content({ number: '2024-031', title: { da: 'Overtaget' }, suppliers: [{ cvr: '90002740', name: 'Nordlys Rengøring A/S' }] });
    await expect(owner.db.transaction().execute((tx) => publishAgreements(tx, [moved], publication))).rejects.toMatchObject({ code: '23503' });
    expect((await ask('q=Hygiejneartikler')).numbers).toEqual(before.numbers);
  });

  test('the counts of what is documented follow the obligations in the same transaction', async () => {
    const { owner } = app.database;
    const entry = () => app.db.selectFrom('register_entry').select(['asked', 'documented']).where('number', '=', '2024-031').executeTakeFirstOrThrow();
    const before = await entry();
    const open = await owner.db.selectFrom('agreement').select('id').where('number', '=', '2024-031').executeTakeFirstOrThrow();
    const officer = await actorOf(app, 'sagsbehandler@demo.example');
    await asAccount(app.db, officer.accountId, (tx) =>
      sql`update obligation set state = 'accepted' where id = (select id from obligation where agreement_id = ${open.id} and state = 'open' and shown_publicly limit 1)`.execute(
        tx,
      ),
    );
    expect(await entry()).toEqual({ asked: before.asked, documented: before.documented + 1 });
  });

  test('only staff who keep the register can write it, whatever the application believes', async () => {
    const publishAs = async (email: string, number: string) => {
      const actor = await actorOf(app, email);
      return asAccount(app.db, actor.accountId, (tx) => publishAgreements(tx, [content({ number })], { ...publication, by: actor.accountId }));
    };
    await expect(publishAs('leverandoer@demo.example', '2026-901')).rejects.toThrow(/row-level security/);
    await expect(publishAs('budget@demo.example', '2026-901')).rejects.toThrow(/row-level security/);
    expect(await publishAs('redaktoer@demo.example', '2026-901')).toMatchObject({ created: ['2026-901'] });
    const supplier = await actorOf(app, 'leverandoer@demo.example');
    for (const table of ['agreement_draft', 'agreement_import', 'agreement_import_row', 'agreement_import_supplier', 'import_mapping'] as const) {
      const keeper = await actorOf(app, 'redaktoer@demo.example');
      if (table === 'import_mapping')
        await asAccount(app.db, keeper.accountId, (tx) => tx.insertInto('import_mapping').values({ header: 'x', mapping: '{}', used_at: testNow }).execute());
      expect([table, await asAccount(app.db, supplier.accountId, (tx) => tx.selectFrom(table).select(sql`1`.as('one')).execute())]).toEqual([table, []]);
    }
  });
});

describe('what the list costs', () => {
  /** The plan of every statement that a page of the list takes, with tables read from end to end only where nothing else is possible. */
  async function plansOf(address: string): Promise<string> {
    const asked: { sql: string; parameters: readonly unknown[] }[] = [];
    const listening = new Kysely<DB>({
      dialect: new PostgresDialect({ pool: app.database.owner.pool }),
      log: ({ query }) => void asked.push({ sql: query.sql, parameters: query.parameters }),
    });
    await registerPage(listening, readQuery(new URLSearchParams(address)).query, testToday);
    expect(asked.length).toBeGreaterThan(0);
    const client = await app.database.owner.pool.connect();
    try {
      await client.query('begin; set local enable_seqscan = off');
      const plans = [];
      for (const { sql: text, parameters } of asked)
        plans.push(...(await client.query<{ 'QUERY PLAN': string }>(`explain ${text}`, [...parameters])).rows.map((row) => row['QUERY PLAN']));
      return plans.join('\n');
    } finally {
      await client.query('rollback');
      client.release();
    }
  }

  test.each([
    '',
    'q=rengøring',
    'category=rengoering&sort=ends',
    'kind=ski&sort=number',
    'requirement=arbejdsklausul',
    'supplier=90000004',
    'ends=12&standing=none',
    'status=ended&focus=klima-og-miljoe',
  ])('no page reads the register from end to end: %s', async (address) => {
    const plan = await plansOf(address);
    expect(plan).toMatch(/register_entry/);
    expect(plan).not.toMatch(/Seq Scan on register_entry/);
  });

  test.each([
    ['category=rengoering', 2],
    ['q=rengøring&category=rengoering', 3],
    ['q=kontorartikkler', 5],
  ])('%s takes a page with all its counts %i statements', async (address, statements) => {
    const counted = { queries: 0 };
    await queryCount.run(counted, () => ask(address).then(({ total }) => expect(total).toBeGreaterThan(0)));
    expect(counted.queries).toBe(statements + 1); // the other one is this test's own
  });

  test('suppliers are counted as if none were chosen, and each count is what choosing it finds', async () => {
    const { suppliers } = await ask('supplier=90000004');
    expect(suppliers.length).toBeGreaterThan(3);
    for (const { cvr, n } of suppliers) expect([cvr, (await ask(`supplier=${cvr}`)).total]).toEqual([cvr, n]);
  });

  test('says when so many fit that it looked only at the first of them', async () => {
    expect((await ask('q=rengøring')).isCapped).toBe(false);
    const { db } = app.database.owner;
    for (let at = 0; at < 500; at += 250)
      await db.transaction().execute((tx) =>
        publishAgreements(
          tx,
          Array.from({ length: 250 }, (_, n) => content({ number: `2026-m${at + n}`, title: { da: `Mangfoldige ting ${at + n}` }, summary: { da: 'Om utallige forhold.' } })),
          publication,
        ),
      );
    const found = await ask('q=mangfoldige');
    expect([found.isCapped, found.total]).toEqual([true, mostRanked]);
    // Also where the word stands in the texts alone.
    const inTexts = await ask('q=utallige');
    expect([inTexts.isCapped, inTexts.total]).toEqual([true, mostRanked]);
    expect((await ask('q=mangfoldige+499')).numbers).toEqual(['2026-m499']);
    // The filters choose first: one that fits them is found behind any number that does not.
    for (const [number, summary] of [
      ['2026-n1', ''],
      ['2026-n2', 'Om utallige forhold.'],
    ] as const)
      await db
        .transaction()
        .execute((tx) => publishAgreements(tx, [content({ number, kind: 'ski', title: { da: summary ? 'Andet' : 'Mangfoldige' }, summary: { da: summary } })], publication));
    expect(await ask('q=mangfoldige&kind=ski')).toMatchObject({ numbers: ['2026-n1'], total: 1, isCapped: true });
    expect(await ask('q=utallige&kind=ski')).toMatchObject({ numbers: ['2026-n2'], total: 1, isCapped: true });
  });
});
