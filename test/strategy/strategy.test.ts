import { describe, expect, test } from 'vitest';
import { actionSchema, isLate, sharePercent } from '../../src/strategy/action-plan.ts';
import { faultsOf, type StrategyVersion } from '../../src/strategy/version.ts';
import { changesBetween } from '../../src/ui/changes/stretches.ts';

describe('an action', () => {
  test('is late from the day after its deadline until it is done', () => {
    const action = { deadline: '2026-11-23', status: 'started' as const };
    expect(isLate(action, '2026-11-23')).toBe(false);
    expect(isLate(action, '2026-11-24')).toBe(true);
    expect(isLate({ ...action, status: 'done' }, '2027-01-01')).toBe(false);
  });

  test('is never rounded up to done', () => {
    expect(sharePercent(199, 200)).toBe(99);
    expect(sharePercent(0, 0)).toBeNull();
    expect(sharePercent(3, 3)).toBe(100);
  });

  test('tells how far it is in exactly one way', () => {
    const common = {
      id: 'a',
      goal: 'g',
      title: { da: 'a', en: 'a' },
      text: { da: 'a', en: 'a' },
      owner: { da: 'a', en: 'a' },
      deadline: '2027-01-01',
      status: 'started',
      requirements: [],
      draft: true,
    };
    expect(actionSchema.safeParse(common).success).toBe(false);
    expect(actionSchema.safeParse({ ...common, measure: { requirement: 'r' } }).success).toBe(true);
    expect(
      actionSchema.safeParse({ ...common, measure: { requirement: 'r' }, progress: { text: { da: 'a', en: 'a' }, on: '2026-01-01', source: { da: 'a', en: 'a' } } }).success,
    ).toBe(false);
  });
});

describe('versions of the strategy', () => {
  const version = (id: string, more: Partial<StrategyVersion> = {}): StrategyVersion => ({
    id,
    title: { da: id, en: id },
    adoptedBy: { da: 'x', en: 'x' },
    adoptedOn: '2020-01-01',
    state: 'superseded',
    replaces: null,
    note: { da: 'x', en: 'x' },
    ...more,
  });

  test('are compared word by word, and both texts can be read out of the result', () => {
    const [from, to] = ['Vi køber grønt og klogt.\n\nAltid.', 'Vi køber grønnere og klogt.\n\nAltid og overalt.'];
    const changes = changesBetween(from, to);
    expect(
      changes
        .filter(({ kind }) => kind !== 'added')
        .map(({ text }) => text)
        .join(''),
    ).toBe(from);
    expect(
      changes
        .filter(({ kind }) => kind !== 'removed')
        .map(({ text }) => text)
        .join(''),
    ).toBe(to);
    expect(changes).toContainEqual({ kind: 'removed', text: 'grønt' });
    expect(changes).toContainEqual({ kind: 'added', text: 'grønnere' });
  });

  test('must have a day each, different days, and known predecessors; each fault is one sentence', () => {
    expect(faultsOf([version('a'), version('b', { adoptedOn: '2021-01-01', replaces: 'a', state: 'in-force' })])).toEqual([]);
    expect(faultsOf([version('a', { adoptedOn: null })])).toHaveLength(1);
    expect(faultsOf([version('a'), version('b')])).toMatchObject([{ index: 1, field: 'adoptedOn' }]);
    expect(faultsOf([version('a', { replaces: 'gone' })])[0]?.message).toContain('gone');
    expect(faultsOf([version('a', { state: 'in-force' }), version('b', { state: 'in-force', adoptedOn: '2021-01-01' })])).toMatchObject([{ index: 1, field: 'state' }]);
  });
});
