import { beforeAll, expect, test } from 'vitest';
import { undoImport } from '../../src/agreements/import/undo.ts';
import { asAccount, type Db } from '../../src/platform/db.ts';
import { actorOf, testApp } from '../support/database.ts';
import { testNow } from '../support/known.ts';
import { bringIn, listContext, preview, shown } from '../support/lists.ts';

let app: Awaited<ReturnType<typeof testApp>>;
let owner: Db;
beforeAll(async () => {
  app = await testApp();
  owner = app.database.owner.db;
});

const called = (cvr: string) => owner.selectFrom('supplier').select(['name', 'town']).where('cvr', '=', cvr).executeTakeFirst();
async function undo(id: string) {
  const { accountId } = await actorOf(app, 'redaktoer@demo.example');
  return asAccount(app.db, accountId, (tx) => undoImport(tx, id, listContext, { by: accountId, now: testNow }));
}

test('a supplier without a name in the list keeps the one that the site knows; an unknown one is a fault', async () => {
  const before = await called('90000004');
  const list = 'Aftalenr;Titel;CVR;Start;Slut\nN-1;Papir;90000004;1-1-2026;31-12-2026\nN-2;Papir;90300008;1-1-2026;31-12-2026\n';
  const found = await preview(owner, list);
  expect([found.said, found.agreements]).toEqual([['3 CVR supplier-name-missing'], 1]);
  await bringIn(owner, list);
  expect((await shown(owner, 'N-1'))?.suppliers).toEqual([{ cvr: '90000004', ...before, consortium: '' }]);
  expect(await called('90000004')).toEqual(before);
  const named = await preview(
    owner,
    'Aftalenr;Titel;Leverandør;CVR;Start;Slut\nN-3;A;;90300008;1-1-2026;31-12-2026\nN-4;A;Ny A/S;90300008;1-1-2026;31-12-2026\nN-5;A;;90300008;1-1-2026;31-12-2026\n',
  );
  expect([named.said, named.examples[1]?.suppliers[0]?.name]).toEqual([['2 Leverandør supplier-name-missing'], 'Ny A/S']);
});

test('the last line of a list says what a supplier is called', async () => {
  const lines = ['Alfa A/S', 'Gamma A/S', 'Beta A/S', 'Delta A/S', 'Aktuelt A/S'].map(
    (name, index) => `N-1${index};Papir;${name};90300008;1-1-2026;31-12-2026;${index === 4 ? 'Køge' : 'Ribe'}`,
  );
  const { id } = await bringIn(owner, ['Aftalenr;Titel;Leverandør;CVR;Start;Slut;By', ...lines].join('\n'));
  expect(await called('90300008')).toEqual({ name: 'Aktuelt A/S', town: 'Køge' });
  await undo(id);
});

test('undoing gives suppliers back the names that they had, those excepted that have been changed since', async () => {
  const was = [await called('90000004'), await called('90002740'), await called('90006851')];
  await bringIn(owner, 'Aftalenr;Titel;CVR;Start;Slut\nN-21;Papir;90006851;1-1-2026;31-12-2026\n');
  const { id } = await bringIn(
    owner,
    'Aftalenr;Titel;Leverandør;CVR;Start;Slut;By\nN-22;Papir;Et A/S;90000004;1-1-2026;31-12-2026;Ribe\nN-23;Papir;To A/S;90002740;1-1-2026;31-12-2026;Ribe\nN-21;Karton;Tre A/S;90006851;1-1-2026;31-12-2026;Ribe\n',
  );
  expect([await called('90000004'), await called('90002740')]).toEqual([
    { name: 'Et A/S', town: 'Ribe' },
    { name: 'To A/S', town: 'Ribe' },
  ]);
  await owner.updateTable('supplier').set({ name: 'Rettet A/S' }).where('cvr', '=', '90002740').execute();
  expect(await undo(id)).toEqual({ undone: 3, kept: [] });
  expect([await called('90000004'), await called('90002740'), await called('90006851')]).toEqual([was[0], { name: 'Rettet A/S', town: 'Ribe' }, was[2]]);
});

test('undoing does not bring back an older name with an older agreement', async () => {
  await bringIn(owner, 'Aftalenr;Titel;Leverandør;CVR;Start;Slut\nN-31;Papir;Gammelt A/S;90005480;1-1-2026;31-12-2026\n');
  await bringIn(owner, 'Aftalenr;Titel;Leverandør;CVR;Start;Slut\nN-32;Papir;Nyt A/S;90005480;1-1-2026;31-12-2026\n');
  const { id } = await bringIn(owner, 'Aftalenr;Titel;CVR\nN-31;Karton;90005480\n');
  expect((await called('90005480'))?.name).toBe('Nyt A/S');
  await undo(id);
  expect([(await shown(owner, 'N-31'))?.title.da, (await called('90005480'))?.name]).toEqual(['Papir', 'Nyt A/S']);
});
