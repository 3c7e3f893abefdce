import { describe, expect, test } from 'vitest';
import { checkAnswers, readDate, readNumber } from '../../src/followup/answers.ts';
import { writtenContent } from '../support/content.ts';

describe('numbers are read as people write them', () => {
  test.each([
    ['1.250,50', 'da', 1250.5],
    ['1250,5', 'da', 1250.5],
    ['1.250', 'da', 1250],
    ['1.250', 'en', 1.25],
    ['1,250.50', 'en', 1250.5],
    ['1,250', 'en', 1250],
    ['12.5', 'da', 12.5],
    ['−3', 'da', -3],
    ['1 250 000 kr.', 'da', 1_250_000],
    ['DKK 12', 'en', 12],
    ['85,5 %', 'da', 85.5],
    ['0', 'da', 0],
  ] as const)('%s in %s is %d', (typed, lang, number) => {
    expect(readNumber(typed, lang)).toBe(number);
  });

  test.each(['', 'tolv', '1.25.0', '1,2,3', '--3', '1e9', '0x10', '12 a', '٣', '999999999999999999999'])('%s is no number', (typed) => {
    expect(readNumber(typed, 'da')).toBeNull();
  });
});

describe('dates are read as people write them', () => {
  test.each(['2026-03-09', '9-3-2026', '09.03.2026', '9/3/2026', '9. 3. 2026'])('%s', (typed) => {
    expect(readDate(typed)).toBe('2026-03-09');
  });
  test.each(['31-02-2026', '2026-13-01', '2027-02-29', 'i morgen', '9-3-26', '20260309'])('%s is no day', (typed) => {
    expect(readDate(typed)).toBeNull();
  });
  test('29 February 2028 is a day', () => {
    expect(readDate('29-2-2028')).toBe('2028-02-29');
  });
});

describe('answers to the fields of a type', () => {
  const types = writtenContent().types;

  test('money is filed in whole øre, percent within 0 to 100', () => {
    const type = types.get('miljoemaerke-andel');
    if (!type) throw new Error('no such type');
    const { answers, faults } = checkAnswers(type, { turnoverTotal: '1.250,50', turnoverEcolabel: '1.000', sharePct: '80' }, 'da');
    expect(faults).toEqual([]);
    expect(answers).toMatchObject({ turnoverTotal: 125_050, turnoverEcolabel: 100_000, sharePct: 80 });
    expect(checkAnswers(type, { turnoverTotal: '1', turnoverEcolabel: '1', sharePct: '101' }, 'da').faults).toEqual([{ field: 'sharePct', code: 'not-percent' }]);
  });

  test('an option that is not offered is refused', () => {
    const type = types.get('iso-certifikat');
    if (!type) throw new Error('no such type');
    expect(checkAnswers(type, { standard: 'iso-1' }, 'da').faults).toContainEqual({ field: 'standard', code: 'not-an-option' });
  });

  test('a declaration must be confirmed', () => {
    const type = types.get('sanktioner');
    if (!type) throw new Error('no such type');
    expect(checkAnswers(type, {}, 'da').faults).toContainEqual({ field: 'confirmed', code: 'must-confirm' });
  });

  test('the declaration on child certificates never takes a file', () => {
    expect(types.get('boerneattest-erklaering')).toMatchObject({ files: 'none', evidence: [] });
  });

  test('what is a paper with somebody’s name under it can be photographed; data cannot', () => {
    const takesPictures = [...types.values()].filter(({ evidence }) => evidence.includes('jpg')).map(({ id }) => id);
    expect(takesPictures).toEqual(expect.arrayContaining(['forsikring', 'iso-certifikat', 'miljoemaerke-licens', 'sanktioner', 'tro-og-love-gaeld']));
    for (const id of takesPictures) expect(types.get(id)?.evidence).toEqual(expect.arrayContaining(['pdf', 'jpg', 'png', 'heic']));
    for (const { id, evidence, fields } of types.values()) if (!evidence.includes('pdf') || fields.some(({ type }) => type === 'table')) expect(takesPictures).not.toContain(id);
  });
});
