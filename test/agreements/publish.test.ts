import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { sql } from 'kysely';
import { beforeAll, expect, test } from 'vitest';
import type { AgreementContent } from '../../src/agreements/content.ts';
import { importAgreements } from '../../src/agreements/import/import.ts';
import { openList } from '../../src/agreements/import/list.ts';
import { publishAgreements, withdrawAgreements } from '../../src/agreements/publishing/publish.ts';
import { carriersOf } from '../../src/agreements/register/carriers.ts';
import { importContextOf } from '../../src/content/catalogue.ts';
import { type Db, sendingAhead, type Tx } from '../../src/platform/db.ts';
import { atEnd } from '../support/clean-up.ts';
import { writtenContent } from '../support/content.ts';
import { testApp } from '../support/database.ts';
import { testNow, testToday } from '../support/known.ts';

let owner: Db;
const context = importContextOf(writtenContent());
beforeAll(async () => {
  owner = (await testApp()).database.owner.db;
});

async function published(number: string): Promise<AgreementContent | undefined> {
  const { rows } = await sql<{ content: AgreementContent }>`
    select v.content from agreement a join agreement_version v on v.agreement_id = a.id where a.number = ${number} and a.withdrawn_at is null order by v.number desc limit 1`.execute(
    owner,
  );
  return rows[0]?.content;
}

async function bringIn(text: string): Promise<unknown> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'portal-publish-'));
  atEnd(() => fs.rmSync(folder, { recursive: true }));
  const file = path.join(folder, 'liste.csv');
  fs.writeFileSync(file, text);
  const list = await openList({ path: file, kind: 'csv' });
  const choices = { kind: 'contract', kindOfContract: 'supplies', acceptCvr: false, bringBack: false } as const;
  return owner
    .transaction()
    .execute((tx) => importAgreements(tx, list, list.guessed, choices, context, { reader: owner, fileName: 'liste.csv', by: null, byName: 'prøve', now: testNow }));
}

test('what the database refuses leaves nothing, nor does what was to be written after it', async () => {
  const was = await published('2024-031');
  const tables = [
    'agreement_version',
    'agreement_supplier',
    'agreement_option',
    'agreement_requirement',
    'agreement_lot',
    'agreement_notice',
    'agreement_document',
    'register_entry',
  ];
  const counted = async () =>
    (await sql<object>`select ${sql.join(tables.map((name) => sql`(select count(*) from ${sql.table(name)}) as ${sql.ref(name)}`))}`.execute(owner)).rows[0];
  const before = await counted();
  const without = {
    ...(was as AgreementContent),
    suppliers: [{ cvr: '90002740', name: 'Nordlys Rengøring A/S', town: '', consortium: '' }],
    lots: [],
    summary: { da: 'Kun en prøve.', en: '' },
  };
  const publish = owner.transaction().execute((tx) => publishAgreements(tx, [without], { catalogue: context.catalogue, now: testNow, by: null }));
  await expect(publish).rejects.toMatchObject({ code: '23503' });
  expect([await published('2024-031'), await counted()]).toEqual([was, before]);
});

test('nothing that a transaction had started is done after it, whatever stopped it', async () => {
  const started = (work: (tx: Tx, send: (statement: Promise<unknown>) => void) => Promise<void>) => owner.transaction().execute((tx) => sendingAhead((send) => work(tx, send)));
  const late = (tx: Tx) => sql`insert into cpv_code (code, check_digit, title_da, title_en) values ('99999999', '9', 'x', 'x')`.execute(tx);
  await expect(
    started(async (tx, send) => {
      send(sql`select pg_sleep(0.1)`.execute(tx));
      send(late(tx));
      throw new Error('stopped by us');
    }),
  ).rejects.toThrow('stopped by us');
  await expect(
    started(async (tx, send) => {
      send(sql`select 1 / 0`.execute(tx));
      send(sql`select pg_sleep(0.1)`.execute(tx));
      send(late(tx));
    }),
  ).rejects.toThrow('division by zero');
  expect(await owner.selectFrom('cpv_code').select('code').where('code', '=', '99999999').execute()).toEqual([]);
});

test('an agreement that carries a requirement no more is not named under it, whatever it documented', async () => {
  const was = (await published('2024-031')) as AgreementContent;
  const id = (await owner.selectFrom('agreement').select('id').where('number', '=', '2024-031').executeTakeFirstOrThrow()).id;
  const [requirement = ''] = was.requirements;
  const publish = (content: AgreementContent) => owner.transaction().execute((tx) => publishAgreements(tx, [content], { catalogue: context.catalogue, now: testNow, by: null }));
  const named = async () => (await carriersOf(owner, [requirement], { first: [id], atMost: 20, today: testToday })).agreements.map(({ number }) => number);
  expect((await named())[0]).toBe('2024-031');
  await publish({ ...was, requirements: was.requirements.slice(1) });
  expect(await named()).not.toContain('2024-031');
  await publish(was);
});

test('what somebody else publishes in the meantime is not written over: nothing comes in, and it is said', async () => {
  const content = { ...((await published('2024-031')) as AgreementContent), number: 'M-1', lots: [] };
  const { promise: waiting, resolve: goOn } = Promise.withResolvers<void>();
  const other = owner.transaction().execute(async (tx) => {
    await publishAgreements(tx, [content], { catalogue: context.catalogue, now: testNow, by: null });
    await waiting;
  });
  const importing = bringIn(
    'Aftalenr;Titel;Leverandør;CVR;Start;Slut\nM-2;Ny;Nordlys Rengøring A/S;90002740;1-3-2026;28-2-2027\nM-1;Anden;Nordlys Rengøring A/S;90002740;1-3-2026;28-2-2027\n',
  );
  importing.catch(() => undefined);
  await expect
    .poll(
      async () => (await sql<{ n: number }>`select count(*) as n from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`.execute(owner)).rows[0]?.n,
      { timeout: 20_000 },
    )
    .toBeGreaterThan(0);
  goOn();
  await other;
  await expect(importing).rejects.toMatchObject({ code: 'published-meanwhile' });
  expect([(await published('M-1'))?.title, await published('M-2')]).toEqual([content.title, undefined]);
  await owner.transaction().execute((tx) => withdrawAgreements(tx, ['M-1'], { now: testNow, by: null }));
});
