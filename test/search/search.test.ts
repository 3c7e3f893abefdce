import { beforeAll, describe, expect, test } from 'vitest';
import { folded, wordsOf } from '../../src/platform/asking/words.ts';
import { connect } from '../../src/platform/db.ts';
import { createLog } from '../../src/platform/log.ts';
import { searchIndexRoot } from '../../src/search/pagefind.ts';
import { search } from '../../src/search/queries.ts';
import { rebuildSearch } from '../../src/search/rebuild.ts';
import { writtenContent } from '../support/content.ts';
import { testApp } from '../support/database.ts';

let app: Awaited<ReturnType<typeof testApp>>;
let pages = 0;
beforeAll(async () => {
  app = await testApp();
  const worker = connect(
    app.database.workerUrl,
    createLog('error', () => {}),
  );
  pages = await rebuildSearch(worker.db, writtenContent(), searchIndexRoot(app.config));
  await worker.close();
});
const addresses = async (question: string, lang: 'da' | 'en' = 'da') => (await search(app.db, question, lang, null)).found.map(({ address }) => address);

describe('the search', () => {
  test('knows every public page in both languages', () => {
    expect(pages).toBeGreaterThan(80);
  });

  test.each([
    ['vådservietter', 'da', '/aftaler/2024-031'],
    ['wipes', 'en', '/en/agreements/2024-031'],
    ['vaadservietter', 'da', '/aftaler/2024-031'],
    ['VÅDSERVIETTER', 'da', '/aftaler/2024-031'],
    ['vådserv', 'da', '/aftaler/2024-031'],
    ['arbejdsklausuler', 'da', '/krav/arbejdsklausul'],
    ['Klarvand', 'da', '/aftaler/2024-031'],
    ['90000004', 'en', '/en/agreements/2024-031'],
    ['2024-031', 'da', '/aftaler/2024-031'],
    ['rengøring skoler udbud', 'da', '/udbud/rengoering-af-skoler-2027'],
    ['rengoering', 'da', '/aftaler/2023-014'],
    ['cleaning of schools', 'en', '/en/tenders/rengoering-af-skoler-2027'],
  ] as const)('%s (%s) finds %s', async (question, lang, address) => {
    expect(await addresses(question, lang)).toContain(address);
  });

  test('finds word forms: leverandørernes finds what says leverandør', async () => {
    const [one, other] = [await addresses('leverandørernes'), await addresses('leverandør')];
    expect(one.length).toBeGreaterThan(3);
    expect(other).toEqual(expect.arrayContaining(one.slice(0, 3)));
  });

  test('shows where the words stand', async () => {
    const { found } = await search(app.db, 'vådservietter', 'da', null);
    const hits = found.flatMap(({ excerpt }) => excerpt.filter(({ hit }) => hit).map(({ text }) => text.toLowerCase()));
    expect(hits).toContain('vådservietter');
  });

  test('counts by kind, and shows one kind when asked', async () => {
    const { counts } = await search(app.db, 'rengøring', 'da', null);
    expect(counts.agreement).toBeGreaterThan(0);
    expect(counts.tender).toBeGreaterThan(0);
    const { found } = await search(app.db, 'rengøring', 'da', 'tender');
    expect(new Set(found.map(({ kind }) => kind))).toEqual(new Set(['tender']));
  });

  test('keeps the languages apart', async () => {
    for (const address of await addresses('it', 'en')) expect(address.startsWith('/en')).toBe(true);
    for (const address of await addresses('it', 'da')) expect(address.startsWith('/en')).toBe(false);
  });

  test.each([
    '',
    '   ',
    "' or 1=1 --",
    '"',
    '\\',
    '<script>alert(1)</script>',
    '😀🎉',
    'مناقصة',
    '&|!:*()',
    'a'.repeat(1_000),
    'æ'.repeat(5_000),
    `${'ord '.repeat(400)}`,
    '\u0000\u0001',
    'the',
    'og',
  ])('%j is answered without an error', async (question) => {
    await expect(search(app.db, question, 'da', null)).resolves.toBeDefined();
    await expect(search(app.db, question, 'en', null)).resolves.toBeDefined();
  });

  test('a rebuild takes away what is no longer there', async () => {
    await app.database.owner.db.insertInto('search_entry').values({ address: '/aftaler/vaek', lang: 'da', kind: 'agreement', title: 'Zyxwvu', body: '', words: '' }).execute();
    expect(await addresses('zyxwvu')).toEqual(['/aftaler/vaek']);
    const worker = connect(
      app.database.workerUrl,
      createLog('error', () => {}),
    );
    await rebuildSearch(worker.db, writtenContent(), searchIndexRoot(app.config));
    await worker.close();
    expect(await addresses('zyxwvu')).toEqual([]);
  });

  test('cuts a long question to what helps', () => {
    expect(wordsOf('én to, tre! "fire" fem seks syv otte ni ti')).toHaveLength(8);
    expect(wordsOf('x'.repeat(200))[0]).toHaveLength(60);
    expect(folded('Ærø Ålborg Café')).toBe('aeroe aalborg cafe');
  });
});
