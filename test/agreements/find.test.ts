import { beforeAll, describe, expect, test } from 'vitest';
import { agreementsIn, findAgreement, type Goods } from '../../src/agreements/find/find.ts';
import { readQuery } from '../../src/agreements/register/query.ts';
import { registerPage } from '../../src/agreements/register/register.ts';
import { editsBetween, meantBy } from '../../src/platform/asking/spelling.ts';
import { spelt, tellingWords } from '../../src/platform/asking/words.ts';
import type { Db } from '../../src/platform/db.ts';
import { writtenContent } from '../support/content.ts';
import { testApp } from '../support/database.ts';
import { testToday } from '../support/known.ts';

let db: Db;
const goods: Goods[] = writtenContent().da.categories.flatMap(({ title: group, children }) =>
  children.map(({ id, title, words, cpv }) => ({ id, cpv, names: Object.values(title), group: Object.values(group), words: Object.values(words).flat() })),
);
beforeAll(async () => {
  db = (await testApp()).database.owner.db;
});

const office = 'Kontorartikler og kopipapir (SKI)';
const hygiene = 'Hygiejneartikler og aftørringspapir';
const furniture = 'Møbler og udstyr til skoler og dagtilbud';
const food = ['Fødevarer til plejecentre', 'Frugt og grønt til dagtilbud'];

async function asked(question: string) {
  const { best, others } = await findAgreement(db, goods, question, testToday);
  return { best: best?.title_da ?? null, others: others.map(({ title_da }) => title_da) };
}

describe('what somebody is about to buy', () => {
  test.each([
    ['blyanter', office],
    ['printerpapir', office],
    ['kopipapri', office],
    ['copyng papr', office],
    ['kuglepenne og papir', office],
    ['sæbe', hygiene],
    ['saebe', hygiene],
    ['toilet paper', hygiene],
    ['kontorstol', furniture],
    ['office chair', furniture],
    ['pc', 'It-udstyr'],
    ['iPad', 'It-udstyr'],
    ['elektriker', 'Elektriker'],
    ['måtter', 'Rengøring og måtter på rådhuset og i kontorer'],
  ])('%s: one agreement must be used, %s', async (question, title) => {
    expect((await asked(question)).best).toBe(title);
  });

  test.each([
    ['papir', [hygiene, office]],
    ['A4 papir', [hygiene, office]],
    ['jeg skal købe papir til kopimaskinen', [office, hygiene]],
    ['mad', food],
    ['kaffe', food],
    ['bananer', food],
    ['rengøring', ['Rengøring af skoler', 'Rengøring og måtter på rådhuset og i kontorer']],
  ])('%s: more than one may fit, and none is said to be the one', async (question, titles) => {
    expect(await asked(question)).toEqual({ best: null, others: titles });
  });

  test.each(['app', 'maler', 'hjemmepleje', 'lærebøger', 'xqzjk', '?!'])('%s: there is no agreement, and none that is about something else is named', async (question) => {
    expect(await asked(question)).toEqual({ best: null, others: [] });
  });

  test('a category shows its agreements, and names one only when it is the only one', async () => {
    expect((await agreementsIn(db, 'foedevarer', testToday)).others.map(({ title_da }) => title_da)).toEqual([...food].reverse());
    expect((await agreementsIn(db, 'it-udstyr', testToday)).best?.title_da).toBe('It-udstyr');
    expect(await agreementsIn(db, 'omsorg', testToday)).toMatchObject({ best: null, others: [], category: 'omsorg' });
  });
});

describe('the register', () => {
  const searched = (q: string, more: Record<string, string> = {}) => registerPage(db, readQuery(new URLSearchParams({ q, ...more })).query, testToday);

  test('leaves out a word that it does not know when nothing has all of them, and says so', async () => {
    const page = await searched('papir xqzjk');
    expect(page.corrected).toEqual(['papir']);
    expect(page.ids).toEqual((await searched('papir')).ids);
    expect((await searched('jeg skal have kopipapir')).corrected).toBeNull();
  });

  test('takes no word for one that is far from it, and the end of a compound for what it is', async () => {
    expect((await searched('lærebøger')).total).toBe(0);
    expect((await searched('skolemøbler')).corrected).toEqual(['moebler']);
  });

  test('goes on to the next page of a misspelt word', async () => {
    const whole = await searched('rengørinf');
    const first = await searched('rengørinf', { limit: '2' });
    const second = await searched('rengørinf', { limit: '2', cursor: first.next ?? '' });
    expect(whole.total).toBeGreaterThan(2);
    expect([...first.ids, ...second.ids]).toEqual(whole.ids.slice(0, 4));
    expect(second.corrected).toEqual(['rengoering']);
  });
});

test('a word is the one that few slips made of it', () => {
  expect(['kopipapri', 'papr', 'klarvnd', 'stol'].map((word) => meantBy(word, ['kopipapir', 'paper', 'klarvand', 'stole']))).toEqual(['kopipapir', 'paper', 'klarvand', 'stole']);
  expect(meantBy('kontorstol', ['kontorer', 'kontakt'])).toBeNull();
  expect([editsBetween('', 'abc'), editsBetween('ab', 'ba'), editsBetween('kat', 'kat'), editsBetween('æble', 'able')]).toEqual([3, 1, 0, 1]);
  expect(tellingWords('Jeg skal købe en stol til os')).toEqual(['stol']);
  expect(tellingWords('til os')).toEqual(['til', 'os']);
  expect(spelt(['haandsprit', 'papir'], ['Sæbe og Håndsprit'])).toEqual(['håndsprit', 'papir']);
});
