import { beforeAll, expect, test } from 'vitest';
import { followCatalogue } from '../../src/agreements/register/follow.ts';
import { readQuery } from '../../src/agreements/register/query.ts';
import { registerPage } from '../../src/agreements/register/register.ts';
import { catalogueOf } from '../../src/content/catalogue.ts';
import type { Content } from '../../src/content/content.ts';
import type { Db } from '../../src/platform/db.ts';
import { asWorker } from '../support/alerts.ts';
import { writtenContent } from '../support/content.ts';
import { testApp } from '../support/database.ts';
import { testToday } from '../support/known.ts';

let owner: Db;
let worker: Db;
beforeAll(async () => {
  const { database } = await testApp();
  owner = database.owner.db;
  worker = asWorker(database).db;
});

/** The written content with a category of another name for its goods and other everyday words, and a requirement in another focus area. */
function edited({ da }: Content): Pick<Content, 'da'> {
  const categories = da.categories.map((group) => ({
    ...group,
    children: group.children.map((goods) => (goods.id === 'moebler' ? { ...goods, id: 'inventar', words: { da: ['xylofoner'], en: ['xylophones'] } } : goods)),
  }));
  const requirements = da.requirements.map((requirement) => (requirement.id === 'baeredygtigt-trae' ? { ...requirement, focusArea: 'sund-oekonomi' } : requirement));
  return { da: { ...da, categories, requirements } };
}

test('what editors say of categories and requirements reaches the register without a publication, once', async () => {
  const asked = async (query: Record<string, string>) => (await registerPage(owner, readQuery(new URLSearchParams(query)).query, testToday)).ids;
  const versions = () =>
    owner
      .selectFrom('agreement_version')
      .select(({ fn }) => fn.countAll().as('n'))
      .executeTakeFirstOrThrow();
  const before = await versions();
  const written = writtenContent();
  await followCatalogue(worker, catalogueOf(written));
  const furniture = await asked({ category: 'moebler' });
  const standing = (await registerPage(owner, readQuery(new URLSearchParams({ category: 'moebler' })).query, testToday)).standings;
  expect([furniture.length > 0, await asked({ q: 'xylofoner' }), await asked({ category: 'inventar' })]).toEqual([true, [], []]);

  const catalogue = catalogueOf(edited(written));
  const all = await owner.selectFrom('agreement').select('id').where('withdrawn_at', 'is', null).execute();
  expect(await followCatalogue(worker, catalogue)).toBe(all.length);
  expect(await asked({ category: 'moebler' })).toEqual([]);
  expect(await asked({ category: 'inventar' })).toEqual(furniture);
  expect(await asked({ q: 'xylofoner' })).toEqual(expect.arrayContaining([...furniture]));
  expect(await asked({ category: 'inventar', focus: catalogue.focusAreasOf(['baeredygtigt-trae'])[0] ?? '' })).toEqual(furniture);
  expect((await registerPage(owner, readQuery(new URLSearchParams({ category: 'inventar' })).query, testToday)).standings).toEqual(standing);
  const kept = await owner.selectFrom('agreement').select('id').where('category', '=', 'inventar').execute();
  expect(kept.map(({ id }) => id)).toEqual(expect.arrayContaining([...furniture]));
  expect(await followCatalogue(worker, catalogue)).toBe(0);
  expect(await versions()).toEqual(before);
});
