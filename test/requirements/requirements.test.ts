import { describe, expect, test } from 'vitest';
import { type Goods, isAskedOf, timesAYear } from '../../src/requirements/category.ts';
import { rowOn } from '../../src/requirements/legal-figure.ts';

const goods: Goods = { id: 'rengoering', title: { da: 'Rengøring', en: 'Cleaning' }, words: { da: [], en: [] }, cpv: ['9091'], kind: 'services', requirements: ['forsikring'] };

describe('what will be asked of me', () => {
  test('by what the category names, and by CPV', () => {
    expect(isAskedOf({ id: 'forsikring', cpv: ['66510000'] }, goods, 'small')).toBe(true);
    expect(isAskedOf({ id: 'andet', cpv: ['90910000'] }, goods, 'small')).toBe(true);
    expect(isAskedOf({ id: 'andet', cpv: ['33760000'] }, goods, 'small')).toBe(false);
  });

  test('not by a requirement for other kinds of contract, nor a large contract’s in a small one', () => {
    expect(isAskedOf({ id: 'forsikring', cpv: ['9'], contractKinds: ['works'] }, goods, 'large')).toBe(false);
    expect(isAskedOf({ id: 'laerlinge', cpv: ['90910000'], fromDkk: 5_000_000 }, goods, 'small')).toBe(false);
    expect(isAskedOf({ id: 'laerlinge', cpv: ['90910000'], fromDkk: 5_000_000 }, goods, 'large')).toBe(true);
  });

  test('counts the times a year by the rhythm', () => {
    expect([timesAYear('monthly'), timesAYear('quarterly'), timesAYear('once')]).toEqual([12, 4, 1]);
  });
});

describe('a legal figure', () => {
  const row = (from: string, to: string | null, value: number) => ({ from, to, value, source: 'x', computed: false });
  const figure = {
    id: 'a',
    title: { da: 'a', en: 'a' },
    unit: 'DKK' as const,
    rows: [row('2026-01-01', '2027-12-31', 2), row('2024-01-01', '2025-12-31', 1)],
    note: { da: 'a', en: 'a' },
  };

  test('is the one of the day, its first and last day included', () => {
    expect([rowOn(figure, '2025-12-31')?.value, rowOn(figure, '2026-01-01')?.value, rowOn(figure, '2027-12-31')?.value]).toEqual([1, 2, 2]);
    expect(rowOn(figure, '2028-01-01')).toBeUndefined();
    expect(rowOn({ ...figure, rows: [row('2026-01-01', null, 3)] }, '2099-01-01')?.value).toBe(3);
  });
});
