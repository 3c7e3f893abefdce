import { execFile } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, test } from 'vitest';
import type { AgreementContent } from '../../src/agreements/content.ts';
import { guessMapping } from '../../src/agreements/import/columns.ts';
import { importAgreements, previewImport } from '../../src/agreements/import/import.ts';
import { openList } from '../../src/agreements/import/list.ts';
import { sentenceOf } from '../../src/agreements/import/messages.ts';
import { undoImport } from '../../src/agreements/import/undo.ts';
import { readAmount, readCpv, readCvr, readDay, readKind, readYes } from '../../src/agreements/import/values.ts';
import { importContextOf } from '../../src/content/catalogue.ts';
import { atEnd } from '../support/clean-up.ts';
import { writtenContent } from '../support/content.ts';
import { testApp } from '../support/database.ts';
import { demoPassword, testNow } from '../support/known.ts';

let app: Awaited<ReturnType<typeof testApp>>;
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'portal-import-'));
const context = importContextOf(writtenContent());
beforeAll(async () => {
  app = await testApp();
  atEnd(() => fs.rmSync(folder, { recursive: true, force: true }));
});
const choices = { kind: 'contract', kindOfContract: 'supplies', acceptCvr: false, bringBack: false } as const;
const file = (text: string | Buffer, name = 'liste.csv'): { path: string; kind: 'csv' | 'xlsx' } => {
  const at = path.join(folder, `${Math.random()}-${name}`);
  fs.writeFileSync(at, text);
  return { path: at, kind: name.endsWith('.xlsx') ? 'xlsx' : 'csv' };
};
const preview = async (text: string | Buffer, changed: object = {}) => {
  const list = await openList(file(text));
  const found = await app.database.owner.db.transaction().execute((tx) => previewImport(tx, list, list.guessed, { ...choices, ...changed }, context));
  return {
    ...found,
    header: list.header,
    headerLine: list.headerLine,
    said: found.faults.map(({ line, column, code }) => `${line} ${column === null ? '-' : list.header[column]} ${code}`),
  };
};
const bringIn = async (text: string | Buffer) => {
  const list = await openList(file(text));
  return app.database.owner.db
    .transaction()
    .execute((tx) => importAgreements(tx, list, list.guessed, choices, context, { reader: app.database.owner.db, fileName: 'liste.csv', by: null, byName: 'prøve', now: testNow }));
};
const published = async (number: string): Promise<AgreementContent | undefined> => {
  const row = await app.db
    .selectFrom('agreement_version as v')
    .innerJoin('agreement as a', 'a.id', 'v.agreement_id')
    .select('v.content')
    .where('a.number', '=', number)
    .where('a.withdrawn_at', 'is', null)
    .orderBy('v.number', 'desc')
    .executeTakeFirst();
  return row?.content as unknown as AgreementContent | undefined;
};
const state = async () =>
  (await app.db.selectFrom('agreement as a').select(['a.number', 'a.title_da', 'a.ends_on', 'a.withdrawn_at']).orderBy('a.number').execute()).filter(
    (row) => row.withdrawn_at === null,
  );

describe('values as Danish lists write them', () => {
  test.each([
    ['2026-11-23', '2026-11-23'],
    ['23-11-2026', '2026-11-23'],
    ['3/1/26', '2026-01-03'],
    ['23.11.2026', '2026-11-23'],
    ['1. marts 2027', '2027-03-01'],
    ['31 december 2026', '2026-12-31'],
    ['46349', '2026-11-23'],
    ['31-02-2026', null],
    ['2026', null],
    ['snarest', null],
    ['99-99-9999', null],
    ['12345678', null],
  ])('the day %s is %s', (text, day) => expect(readDay(text)).toBe(day));
  test.each([
    ['4.500.000 kr.', 450000000],
    ['4.500.000,50', 450000050],
    ['DKK 4,500,000.00', 450000000],
    ['1,5 mio.', 150000000],
    ['750 tkr', 75000000],
    ['16800000', 1680000000],
    ['1234,5', 123450],
    ['1.234', 'unsure'],
    ['1,234', 'unsure'],
    ['12.50.00', null],
    ['-5', null],
    ['cirka 5', null],
    ['1e9', null],
  ] as const)('the amount %s is %s øre', (text, ore) => expect(readAmount(text)).toBe(ore));
  test('numbers of companies, codes, kinds and yes', () => {
    expect([readCvr('DK 90 00 00 04'), readCvr('90000004.0'), readCvr('1234567')]).toEqual(['90000004', '90000004', null]);
    expect([readCpv('33760000-5, 337119003'), readCpv('papir')]).toEqual([['33760000', '33711900'], null]);
    expect([readKind('SKI 02.19'), readKind('Rammeaftale'), readKind('?')]).toEqual(['ski', 'framework', null]);
    expect([readYes('Ja'), readYes('x'), readYes('nej'), readYes('måske')]).toEqual([true, true, false, null]);
  });
});

const first =
  'Aftalenr;Titel;Leverandør;CVR-nr.;Startdato;Slutdato;CPV;Værdi;Obligatorisk\r\n2026-101;Cykler til hjemmeplejen;Klarvand Engros A/S;90000004;01-02-2026;31-01-2028;34430000;1.250.000,00;Ja\r\n2026-102;Telte og borde;Nordlys Rengøring A/S;90002740;1. marts 2026;28.02.2027;39522530;750 tkr;nej\r\n';
const second =
  '\ufeffIndkøbsaftaler pr. 1. november 2026,,,,\r\n,,,,\r\nKontraktnummer,Navn,Firma,CVR,Gyldig fra,Udløbsdato,Kategori\r\n"K 7","Frugt, ""økologisk""","Gulerod og Grød Fødevarer A/S",DK90006851,2026-01-01,2026-12-31,Fødevarer\r\nI alt,1,,,,,\r\n';
const third = Buffer.from(
  'Navn\tNummer\tLeverandør\tCVR\tStart\tUdløb\n\u00d8l og sodavand\tB-1\tGulerod og Gr\u00f8d F\u00f8devarer A/S\t90006851\t01/01/26\t31/12/26\n\u00d8l og sodavand\tB-1\tKlarvand Engros A/S\t90000004\t01/01/26\t31/12/26\n',
  'latin1',
);

describe('a list of agreements', () => {
  test('is read in whatever order its columns stand, wherever its header is, in whatever encoding', async () => {
    expect(await preview(first)).toMatchObject({ headerLine: 1, agreements: 2, created: 2, faultCount: 0 });
    const two = await preview(second);
    expect(two).toMatchObject({ headerLine: 3, agreements: 1, created: 1, faultCount: 0, skipped: [5] });
    expect(two.examples[0]).toMatchObject({ number: 'K-7', title: { da: 'Frugt, "økologisk"' }, cpvMain: '15000000', kindOfContract: 'supplies', endsOn: '2026-12-31' });
    const three = await preview(third);
    expect(three).toMatchObject({ agreements: 1, faultCount: 0 });
    expect(three.examples[0]).toMatchObject({ title: { da: 'Øl og sodavand' }, suppliers: [{ cvr: '90006851' }, { cvr: '90000004' }] });
    expect(three.examples[0]?.procedure).toBe('not-stated');
  });

  test('every fault is named at the line and column that the person sees, and the rest can still come in', async () => {
    const faulty = [
      'Aftalenr;Titel;Leverandør;CVR;Start;Slut;CPV;Værdi;Krav;Obligatorisk',
      ';Uden nummer;A;90000004;1-1-2026;31-12-2026;;;;',
      'F-2;;A;90000004;1-1-2026;31-12-2026;;;;',
      'F-3;Forkert dato;A;90000004;32-1-2026;;;;;',
      'F-4;Baglæns;A;90000004;31-12-2026;1-1-2026;;;;',
      'F-5;Forkert CVR;A;90000005;1-1-2026;31-12-2026;;;;',
      'F-6;Uden CVR;A;;1-1-2026;31-12-2026;;;;',
      '',
      'F-7;Kode og beløb;A;90000004;1-1-2026;31-12-2026;papir;1.234;Gratis is;måske',
      'F-8;God nok;A;90000004;1-1-2026;31-12-2026;;;Arbejdsklausul;ja',
      'F-9;To gange;A;90000004;1-1-2026;31-12-2026;;;;',
      'F-8;Igen;A;90000004;1-1-2026;31-12-2026;;;;',
    ].join('\n');
    const found = await preview(faulty);
    expect(found.said).toEqual([
      '2 Aftalenr number-missing',
      '3 Titel title-missing',
      '4 Start date-wrong',
      '4 Slut date-missing',
      '5 Slut ends-before-start',
      '6 CVR cvr-check',
      '7 CVR cvr-missing',
      '9 CPV cpv-wrong',
      '9 Værdi amount-unsure',
      '9 Obligatorisk yes-wrong',
      '9 Krav requirement-unknown',
      '12 Aftalenr duplicate-number',
    ]);
    expect(found).toMatchObject({ agreements: 2, faultyRows: 8 });
    const fault = found.faults.find(({ code }) => code === 'amount-unsure');
    expect(fault && sentenceOf(fault, found.header, 'da')).toBe('Linje 9, H »Værdi«: Det kan betyde tusinder eller en brøkdel. Skriv 4500 eller 4,50. Der står »1.234«.');
    expect((await preview(faulty, { acceptCvr: true })).said).not.toContain('6 CVR cvr-check');
  });

  test('comes in whole, again without change, and can be undone, what was changed since excepted', async () => {
    const before = await state();
    const done = await bringIn(first);
    expect(done).toMatchObject({ created: 2, changed: 0, unchanged: 0 });
    expect(await published('2026-101')).toMatchObject({ title: { da: 'Cykler til hjemmeplejen' }, valueOre: 125000000, mandatory: true, startsOn: '2026-02-01' });
    expect(await bringIn(first)).toMatchObject({ created: 0, changed: 0, unchanged: 2 });
    const changed = await bringIn(first.replace('Telte og borde', 'Telte, borde og bænke'));
    expect(changed).toMatchObject({ created: 0, changed: 1, unchanged: 1 });
    const undo = (id: string) => app.database.owner.db.transaction().execute((tx) => undoImport(tx, id, context, { by: null, now: testNow }));
    expect(await undo(done.id)).toEqual({ undone: 1, kept: ['2026-102'] });
    expect([await published('2026-101'), (await published('2026-102'))?.title.da]).toEqual([undefined, 'Telte, borde og bænke']);
    expect(await undo(changed.id)).toEqual({ undone: 1, kept: [] });
    expect((await published('2026-102'))?.title.da).toBe('Telte og borde');
    await expect(undo(changed.id)).rejects.toMatchObject({ code: 'already-undone' });
    expect((await state()).filter((row) => row.number !== '2026-102')).toEqual(before);
  });

  test('keeps what it has no column for', async () => {
    const was = await published('2024-031');
    await bringIn('Aftalenr;Titel;Slutdato\n2024-031;Hygiejneartikler og aftørringspapir;31-05-2027\n');
    expect(await published('2024-031')).toEqual({ ...was, endsOn: '2027-05-31' });
  });

  test('a supplier with tasks is not taken off an agreement by a list; that line is named and the others come in', async () => {
    const found = await preview(
      'Aftalenr;Titel;Leverandør;CVR;Start;Slut\n2024-031;Hygiejne;Nordlys Rengøring A/S;90002740;1-3-2024;28-2-2027\nG-1;God;Nordlys Rengøring A/S;90002740;1-3-2026;28-2-2027\n',
    );
    expect([found.said, found.agreements]).toEqual([['2 CVR supplier-has-tasks'], 1]);
  });

  test('headers are known by many names', () => {
    const mapping = guessMapping(['Leverandør (navn)', 'Kontraktnr.', 'AFTALENAVN', 'Cvr-nummer', 'Gyldig fra', 'Gyldig til', 'Anslået værdi, kr.']);
    expect(mapping).toEqual({ supplierName: 0, number: 1, titleDa: 2, supplierCvr: 3, startsOn: 4, endsOn: 5, value: 6 });
  });
});

describe('the commands', () => {
  const run = async (...args: string[]) => {
    const env = { ...process.env, DATABASE_URL: app.database.ownerUrl, DATA_DIR: folder, DEMO: 'true', DEMO_PASSWORD: demoPassword, NOW: testNow.toISOString() };
    return promisify(execFile)(process.execPath, ['src/cli.ts', ...args], { env }).then(
      ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
      (error: { code: number; stdout: string; stderr: string }) => error,
    );
  };

  test('say what they would do, do it, and end with 1 where something was left out and 2 where nothing could be read', async () => {
    const { path: list } = file(`${first}2026-103;Uden slut;A;90000004;1-1-2026;;;;\r\n`);
    const dry = await run('import', 'agreements', list, '--dry-run');
    expect([dry.code, dry.stderr.trim()]).toEqual([1, 'Line 4, F »Slutdato«: The date is missing. If the agreement has no end, write the day on which you will look at it again.']);
    expect(await published('2026-103')).toBeUndefined();
    expect((await run('import', 'agreements', list)).stdout).toMatch(/Import [0-9a-f-]{36}: \d new.*1 withdrawn and left so; --bring-back/);
    expect(await published('2026-101')).toBeUndefined();
    expect((await run('import', 'agreements', list, '--bring-back')).stdout).toContain('1 back on the site');
    expect(await published('2026-101')).toBeDefined();
    const { path: unfit } = file(first.replaceAll('90000004', '90000005').replaceAll('2026-10', '2026-11'));
    expect(await run('import', 'agreements', unfit, '--accept-cvr')).toMatchObject({ code: 2, stderr: expect.stringContaining('--note') as string });
    expect((await run('import', 'agreements', unfit, '--accept-cvr', '--note', 'Slået op i CVR')).code).toBe(0);
    const noted = app.db.selectFrom('agreement_version as v').innerJoin('agreement as a', 'a.id', 'v.agreement_id').select('v.note').where('a.number', '=', '2026-111');
    expect(await noted.execute()).toEqual([{ note: 'Slået op i CVR' }]);
    expect(await run('import', 'agreements', path.join(folder, 'none.csv'))).toMatchObject({ code: 2 });
    expect(await run('import', 'agreements', file('%PDF-1.7 nothing').path)).toMatchObject({ code: 2, stderr: expect.stringContaining('no spreadsheet') as string });
  });

  test('write OCDS packages, one for each year of publication', async () => {
    const out = path.join(folder, 'ocds');
    const { code, stdout } = await run('export', 'ocds', out);
    expect([code, stdout.trim()]).toEqual([0, path.join(out, '2026.json')]);
    const { releases } = JSON.parse(fs.readFileSync(path.join(out, '2026.json'), 'utf8')) as { releases: unknown[] };
    expect(releases.length).toBeGreaterThanOrEqual(15);
  });

  test('bring in the CPV codes, after which one that does not exist is named', async () => {
    const { path: codes } = file('code,check_digit,level,parent,label_da,label_en\n33760000,5,group,,Toiletpapir,Toilet paper\n');
    expect((await run('import', 'cpv', codes)).stdout).toBe('1 CPV codes are in place.\n');
    const found = await preview('Aftalenr;Titel;Leverandør;CVR;Start;Slut;CPV\nC-1;A;A;90000004;1-1-2026;31-12-2026;33760000\nC-2;B;A;90000004;1-1-2026;31-12-2026;99999999\n');
    expect(found.said).toEqual(['3 CPV cpv-unknown']);
    await app.database.owner.db.deleteFrom('cpv_code').execute();
  });
});
