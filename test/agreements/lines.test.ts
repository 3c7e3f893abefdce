import { beforeAll, describe, expect, test } from 'vitest';
import { importMessages } from '../../src/agreements/import/messages.ts';
import { undoImport } from '../../src/agreements/import/undo.ts';
import { withdrawAgreements } from '../../src/agreements/publishing/publish.ts';
import type { Db } from '../../src/platform/db.ts';
import { testApp } from '../support/database.ts';
import { testNow } from '../support/known.ts';
import { bringIn, listContext, preview, shown } from '../support/lists.ts';

let owner: Db;
beforeAll(async () => {
  owner = (await testApp()).database.owner.db;
});

describe('lines of one number', () => {
  const header = 'Aftalenr;Titel;Leverandør;CVR;Start;Slut;Værdi';

  test('are one agreement only where nothing but the supplier differs; what says something else is named, and the first is taken', async () => {
    const found = await preview(
      owner,
      [
        header,
        'L-1;Papir;Klarvand Engros A/S;90000004;1-1-2026;31-12-2026;5000',
        'L-1;Papir;Nordlys Rengøring A/S;90002740;1-1-2026;31-12-2026;',
        'L-1;;Gulerod og Grød Fødevarer A/S;90006851;;;',
        'L-1;Møbler;Muldvarpen Vej og Anlæg A/S;90005480;1-3-2026;31-3-2027;9000',
        'L-2;Blyanter;Klarvand Engros A/S;90000004;1-1-2026;31-12-2026;',
        'L-2;Blyanter;Nordlys Rengøring A/S;90002740;1-1-2026;31-12-2026;7000',
      ].join('\n'),
    );
    expect(found.said).toEqual(['5 Aftalenr duplicate-number', '7 Aftalenr duplicate-number']);
    expect(found.examples.map(({ number, title, valueOre, suppliers }) => [number, title.da, valueOre, suppliers.map(({ cvr }) => cvr)])).toEqual([
      ['L-1', 'Papir', 500000, ['90000004', '90002740', '90006851']],
      ['L-2', 'Blyanter', null, ['90000004']],
    ]);
  });

  test('that are without end are named once, and not kept', async () => {
    const lines = Array.from({ length: 3_000 }, () => 'L-3;Papir;Klarvand Engros A/S;90000004;1-1-2026;31-12-2026;');
    const found = await preview(owner, [header, ...lines, 'L-4;Papir;Klarvand Engros A/S;90000004;1-1-2026;31-12-2026;'].join('\n'));
    expect([found.said, found.agreements]).toEqual([['2 CVR supplier-twice', '202 Aftalenr duplicate-number'], 1]);
  });

  test('have their faults at the line where they stand', async () => {
    const found = await preview(owner, [header, 'L-5;Papir;A;90000004;1-1-2026;31-12-2026;', 'L-5;Papir;B;;;;', 'L-5;Papir;C;90000004 / 90002740;;;'].join('\n'));
    expect(found.said).toEqual(['3 CVR cvr-missing', '4 CVR cvr-wrong']);
    expect(importMessages.da.fault['cvr-wrong']).toContain('adskil dem med |');
  });
});

test('a town stands at the supplier beside which it was written', async () => {
  const below = 'Aftalenr;Titel;Leverandør;CVR;Start;Slut;By\nB-1;A;Et A/S;90000004;1-1-2026;31-12-2026;\nB-1;A;To A/S;90002740;1-1-2026;31-12-2026;Odense\n';
  const beside = 'Aftalenr;Titel;Leverandør;CVR;Start;Slut;By\nB-2;A;Et A/S | To A/S | Tre A/S;90000004 | 90002740 | 90006851;1-1-2026;31-12-2026;| Odense |\n';
  await bringIn(owner, below);
  await bringIn(owner, beside);
  const towns = async (number: string) => (await shown(owner, number))?.suppliers.map(({ cvr, town }) => [cvr, town]);
  expect((await towns('B-1'))?.[1]).toEqual(['90002740', 'Odense']);
  expect((await towns('B-1'))?.[0]?.[1]).not.toBe('Odense');
  expect((await towns('B-2'))?.[1]).toEqual(['90002740', 'Odense']);
  expect([(await towns('B-2'))?.[0]?.[1], (await towns('B-2'))?.[2]?.[1]]).not.toContain('Odense');
});

test('what was withdrawn is left alone and named, unless it is to come back', async () => {
  const list = (title: string): string =>
    [
      'Aftalenr;Titel;Leverandør;CVR;Start;Slut',
      `T-1;${title};Klarvand Engros A/S;90000004;1-1-2026;31-12-2026`,
      'T-2;Borde;Klarvand Engros A/S;90000004;1-1-2026;31-12-2026',
    ].join('\n');
  await bringIn(owner, list('Stole'));
  await owner.transaction().execute((tx) => withdrawAgreements(tx, ['T-1'], { now: testNow, by: null }));
  expect(await preview(owner, list('Stole'))).toMatchObject({ agreements: 1, changed: 0, unchanged: 1, withdrawn: 1, withdrawnNumbers: ['T-1'] });
  expect(await bringIn(owner, list('Stole'))).toMatchObject({ created: 0, changed: 0, unchanged: 1, back: 0, left: 1 });
  expect(await shown(owner, 'T-1')).toBeUndefined();
  expect(await preview(owner, list('Bænke'), { bringBack: true })).toMatchObject({ agreements: 2, changed: 0, unchanged: 1, withdrawn: 1, withdrawnNumbers: ['T-1'] });
  expect(await bringIn(owner, list('Stole'), { bringBack: true })).toMatchObject({ created: 0, changed: 0, unchanged: 1, back: 1, left: 0 });
  expect(await shown(owner, 'T-1')).toBeDefined();
});

test('dates that cannot both be right are named beside everything else that is wrong with a line', async () => {
  const found = await preview(
    owner,
    [
      'Aftalenr;Titel;Leverandør;CVR;Start;Slut;Option;Værdi',
      'D-1;Papir;Klarvand Engros A/S;90000004;31-12-2026;1-1-2026;1-12-2025;mange',
      'D-2;Papir;Klarvand Engros A/S;90000005;1-1-2026;31-12-2026;1-12-2026;',
      'D-3;Papir;Klarvand Engros A/S;90000004;1-1-2026;31-12-2026;1-12-2026;',
      'D-4;Papir;Klarvand Engros A/S;90000004;32-1-2026;31-12-2026;1-12-2026;',
    ].join('\n'),
  );
  expect(found.said).toEqual([
    '2 Slut ends-before-start',
    '2 Option option-before-end',
    '2 Værdi amount-wrong',
    '3 Option option-before-end',
    '3 CVR cvr-check',
    '4 Option option-before-end',
    '5 Start date-wrong',
    '5 Option option-before-end',
  ]);
});

test('what is published has the reason that was typed, and no file’s name', async () => {
  const list = 'Aftalenr;Titel;Leverandør;CVR;Start;Slut\nR-1;Papir;Klarvand Engros A/S;90000004;1-1-2026;31-12-2026\n';
  const notes = async () =>
    (
      await owner
        .selectFrom('agreement_version as v')
        .innerJoin('agreement as a', 'a.id', 'v.agreement_id')
        .select('v.note')
        .where('a.number', '=', 'R-1')
        .orderBy('v.number')
        .execute()
    ).map(({ note }) => note);
  const { id } = await bringIn(owner, list);
  await owner.transaction().execute((tx) => undoImport(tx, id, listContext, { by: null, now: testNow }));
  expect(await notes()).toEqual(['', '']);
  expect((await owner.selectFrom('agreement_import').select('file_name').where('id', '=', id).executeTakeFirstOrThrow()).file_name).toBe('liste.csv');
});
