import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { beforeAll, expect, test } from 'vitest';
import type { AgreementContent } from '../../src/agreements/content.ts';
import { undoImport } from '../../src/agreements/import/undo.ts';
import { publishAgreements, withdrawAgreements } from '../../src/agreements/publishing/publish.ts';
import { asAccount, type Db } from '../../src/platform/db.ts';
import { actorOf, testApp } from '../support/database.ts';
import { testNow } from '../support/known.ts';
import { bringIn, listContext, shown } from '../support/lists.ts';

let app: Awaited<ReturnType<typeof testApp>>;
let owner: Db;
beforeAll(async () => {
  app = await testApp();
  owner = app.database.owner.db;
});

const listOf = (...lines: string[]): string => ['Aftalenr;Titel;Leverandør;CVR;Start;Slut', ...lines].join('\n');
const klarvand = 'Klarvand Engros A/S;90000004;1-3-2026;28-2-2027';
const nordlys = 'Nordlys Rengøring A/S;90002740;1-3-2026;28-2-2027';
const withdraw = (number: string) => owner.transaction().execute((tx) => withdrawAgreements(tx, [number], { now: testNow, by: null }));
/** As staff do it, within the walls of the web role. */
async function undo(id: string) {
  const { accountId } = await actorOf(app, 'redaktoer@demo.example');
  return asAccount(app.db, accountId, (tx) => undoImport(tx, id, listContext, { by: accountId, now: testNow }));
}
const waitingForLocks = async () =>
  (await sql<{ n: number }>`select count(*) as n from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`.execute(owner)).rows[0]?.n;

test('what was withdrawn before the list is withdrawn again, as it was', async () => {
  await bringIn(owner, listOf(`U-1;Stole;${klarvand}`, `U-2;Borde;${klarvand}`));
  const before = await shown(owner, 'U-2');
  await withdraw('U-1');
  await withdraw('U-2');
  const { id } = await bringIn(owner, listOf(`U-1;Stole;${klarvand}`, `U-2;Andre borde;${klarvand}`), { bringBack: true });
  expect([await shown(owner, 'U-1'), (await shown(owner, 'U-2'))?.title.da]).toEqual([expect.anything(), 'Andre borde']);
  expect(await undo(id)).toEqual({ undone: 2, kept: [] });
  expect([await shown(owner, 'U-1'), await shown(owner, 'U-2')]).toEqual([undefined, undefined]);
  const last = await sql<{ content: unknown }>`
    select v.content from agreement a join agreement_version v on v.agreement_id = a.id where a.number = 'U-2' order by v.number desc limit 1`.execute(owner);
  expect(last.rows[0]?.content).toEqual(before);
});

test('what a colleague is publishing at that moment is waited for, and stays', async () => {
  const { id } = await bringIn(owner, listOf(`U-11;Ure;${klarvand}`, `U-12;Lamper;${klarvand}`));
  const content = (await shown(owner, 'U-11')) as AgreementContent;
  const { promise: waiting, resolve: goOn } = Promise.withResolvers<void>();
  const other = owner.transaction().execute(async (tx) => {
    await publishAgreements(tx, [{ ...content, title: { da: 'Ure til skoler', en: '' } }], { catalogue: listContext.catalogue, now: testNow, by: null });
    await waiting;
  });
  await expect.poll(async () => (await sql`select from pg_stat_activity where datname = current_database() and state = 'idle in transaction'`.execute(owner)).rows.length).toBe(1);
  const undoing = undo(id);
  undoing.catch(() => undefined);
  await expect.poll(waitingForLocks, { timeout: 20_000 }).toBeGreaterThan(0);
  goOn();
  await other;
  expect(await undoing).toEqual({ undone: 1, kept: ['U-11'] });
  expect([(await shown(owner, 'U-11'))?.title.da, await shown(owner, 'U-12')]).toEqual(['Ure til skoler', undefined]);
});

test('an agreement whose new supplier has been asked for documentation since stays, and is named', async () => {
  await bringIn(owner, listOf(`U-21;Cykler;${klarvand}`, `U-22;Hjelme;${klarvand}`));
  const { id } = await bringIn(owner, listOf(`U-21;Cykler;${nordlys}`, `U-22;Hjelme;${nordlys}`));
  const { agreement, supplier } = (
    await sql<{
      agreement: string;
      supplier: string;
    }>`select a.id as agreement, s.id as supplier from agreement a, supplier s where a.number = 'U-21' and s.cvr = '90002740'`.execute(owner)
  ).rows[0] as { agreement: string; supplier: string };
  const asked = { agreement_id: agreement, supplier_id: supplier, requirement_id: randomUUID(), type: 'salgsstatistik', opens_on: '2026-11-01', due_on: '2026-12-01' };
  await owner
    .insertInto('obligation')
    .values({ ...asked, state: 'open', shown_publicly: false })
    .execute();
  expect(await undo(id)).toEqual({ undone: 1, kept: ['U-21'] });
  expect([(await shown(owner, 'U-21'))?.suppliers[0]?.cvr, (await shown(owner, 'U-22'))?.suppliers[0]?.cvr]).toEqual(['90002740', '90000004']);
});

test('a colleague who is halfway through publishing and the undoing do not wait for each other for ever', async () => {
  await bringIn(owner, listOf(`U-31;Telte;${klarvand}`));
  const { id } = await bringIn(owner, listOf(`U-31;Store telte;${klarvand}`));
  const content = { ...((await shown(owner, 'U-31')) as AgreementContent), title: { da: 'Telte til byfester', en: '' } };
  let undoing: ReturnType<typeof undo> | undefined;
  await owner.transaction().execute(async (tx) => {
    // Publishing takes the suppliers, then the agreements.
    await sql`select from supplier where cvr = '90000004' for update`.execute(tx);
    undoing = undo(id);
    undoing.catch(() => undefined);
    await expect.poll(waitingForLocks, { timeout: 20_000 }).toBeGreaterThan(0);
    await publishAgreements(tx, [content], { catalogue: listContext.catalogue, now: testNow, by: null });
  });
  expect(await undoing).toEqual({ undone: 0, kept: ['U-31'] });
  expect((await shown(owner, 'U-31'))?.title.da).toBe('Telte til byfester');
});
