import { describe, expect, test } from 'vitest';
import { type EndingAgreement, type Estimate, forecast, leadMonths, monthsKept, type PlanEntry, type PlannedTender, quartersShown } from '../../src/tenders/plan/forecast.ts';
import { firstDayOf, monthsFrom, quarterBefore, quarterOf, quartersFrom } from '../../src/tenders/plan/quarter.ts';
import { reasonFor } from '../../src/tenders/plan/reason.ts';

/** Numbers that look random and are the same in every run. */
function chance(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

// The oracle knows days only: it walks them one at a time and looks where the month changes.
const dayAfter = (day: string, count = 1): string => new Date(Date.parse(`${day}T00:00:00Z`) + count * 86_400_000).toISOString().slice(0, 10);
const quarterWalked = (day: string): string => `${day.slice(0, 4)}-Q${{ '01': 1, '02': 1, '03': 1, '04': 2, '05': 2, '06': 2, '07': 3, '08': 3, '09': 3 }[day.slice(5, 7)] ?? 4}`;

function walkedBack(day: string, months: number): string {
  let at = day;
  for (let passed = 0; passed < months; ) {
    const before = dayAfter(at, -1);
    if (before.slice(5, 7) !== at.slice(5, 7)) passed += 1;
    at = before;
  }
  return at;
}

function monthsWalked(from: string, to: string): number {
  let passed = 0;
  for (let at = from; at < to; at = dayAfter(at)) if (dayAfter(at).slice(5, 7) !== at.slice(5, 7)) passed += 1;
  return passed;
}

const agreement = (over: Partial<EndingAgreement> = {}): EndingAgreement => ({
  number: '2024-001',
  title_da: 'Kaffe',
  title_en: 'Coffee',
  category: 'kaffe',
  kind: 'framework',
  procedure: 'open',
  ends_on: '2027-12-31',
  options: [],
  value_ore: null,
  value_band: null,
  succeeded: false,
  ...over,
});
const tender = (over: Partial<PlannedTender> = {}): PlannedTender => ({
  id: 'kaffe-2027',
  title_da: 'Kaffe',
  title_en: 'Coffee',
  category: 'kaffe',
  procedure: 'open',
  value_ore: null,
  closes_at: null,
  expected_quarter: '2027-Q2',
  is_cancelled: false,
  awarded_on: null,
  replaces_number: null,
  ...over,
});
const on = (today: string) => ({ today, at: new Date(`${today}T10:00:00Z`) });
const all = (plan: ReturnType<typeof forecast>): PlanEntry[] => [...plan.waiting, ...plan.quarters.flatMap(({ entries }) => entries), ...plan.undated];
const only = (plan: ReturnType<typeof forecast>): PlanEntry | undefined => all(plan)[0];

describe('quarters', () => {
  test('are those that walking day by day comes to, for every day of eight years with its leap days', () => {
    for (let day = '2023-12-01'; day < '2032-01-01'; day = dayAfter(day)) {
      expect([day, quarterOf(day)]).toEqual([day, quarterWalked(day)]);
      expect([day, firstDayOf(quarterOf(day)) <= day, quarterOf(dayAfter(firstDayOf(quarterOf(day)), -1)) < quarterOf(day)]).toEqual([day, true, true]);
      if (Number(day.slice(8)) % 9 < 2 || dayAfter(day).endsWith('-01'))
        for (const months of [1, 4, 9, 13]) expect([day, months, quarterBefore(day, months)]).toEqual([day, months, quarterWalked(walkedBack(day, months))]);
    }
  });

  test('follow one another over the end of a year', () => {
    expect(quartersFrom('2027-Q3', 4)).toEqual(['2027-Q3', '2027-Q4', '2028-Q1', '2028-Q2']);
    expect([monthsFrom('2026-Q4', 33), monthsFrom('2026-Q1', -2)]).toEqual(['2029-07-01', '2025-11-01']);
  });
});

describe('the forecast', () => {
  test('for thousands of random agreements says what walking the calendar by hand says', () => {
    const random = chance(20261123);
    const between = (from: string, days: number): string => dayAfter(from, random(days));
    const pick = <T>(list: readonly T[]): T => list[random(list.length)] as T;
    const seen = { estimate: 0, later: 0, several: 0, lapsed: 0, waiting: 0, elsewhere: 0, none: 0 };
    for (let round = 0; round < 4_000; round += 1) {
      const today = between('2027-11-01', 500);
      const ends_on = between(dayAfter(today, -500), 1_700);
      let last = ends_on;
      const options = Array.from({ length: random(4) }, () => {
        last = dayAfter(last, 1 + random(500));
        return { extends_to: last, notice_by: dayAfter(last, -1 - random(700)), used: random(5) === 0 };
      });
      const one = agreement({
        ends_on,
        options,
        kind: pick(['framework', 'contract', 'ski', 'joint-purchase']),
        procedure: pick(Object.keys(leadMonths)),
        succeeded: random(8) === 0,
      });
      const cancelled = random(2) === 0;
      const others = random(6) === 0 ? [tender({ closes_at: new Date('2020-01-01'), is_cancelled: cancelled, replaces_number: one.number })] : [];
      const plan = forecast([one], others, on(today));
      const entry = only(plan);

      // By hand.
      let end = ends_on;
      for (const { used, extends_to } of options) if (used && extends_to > end) end = extends_to;
      const months = ['below-threshold', 'direct'].includes(one.procedure) ? 4 : 9;
      const elsewhere = one.kind === 'ski' || one.kind === 'joint-purchase';
      const expected = elsewhere ? quarterWalked(end) : quarterWalked(walkedBack(end, months));
      const gone = elsewhere ? end < today : end < today && monthsWalked(end, today) > 12;
      let horizon = firstDayOf(quarterWalked(today));
      for (let month = 0; month < 24; month += 1) horizon = dayAfter(horizon, new Date(Date.UTC(Number(horizon.slice(0, 4)), Number(horizon.slice(5, 7)), 0)).getUTCDate());
      const shown = !one.succeeded && !(others.length > 0 && !cancelled) && !gone && expected < quarterWalked(horizon);
      expect([round, entry !== undefined]).toEqual([round, shown]);
      if (!entry) {
        seen.none += 1;
        continue;
      }
      expect([round, entry.kind, entry.quarter]).toEqual([round, elsewhere ? 'elsewhere' : 'estimate', expected]);
      expect([round, plan.waiting.length]).toEqual([round, expected < quarterWalked(today) ? 1 : 0]);
      seen.waiting += plan.waiting.length;
      seen[entry.kind as 'estimate' | 'elsewhere'] += 1;
      if (entry.kind !== 'estimate') continue;
      let running = end;
      const usable = [];
      for (const option of options) {
        if (option.used || option.extends_to <= end) continue;
        let isInTime = false;
        for (let day = today; day <= running; day = dayAfter(day)) isInTime ||= day === option.notice_by;
        if (!isInTime) continue;
        running = option.extends_to;
        usable.push(option);
      }
      expect([round, entry.later]).toEqual([
        round,
        usable.length === 0 ? null : { noticeBy: usable[0]?.notice_by, end: running, quarter: quarterWalked(walkedBack(running, months)), several: usable.length > 1 },
      ]);
      const lapsed = options.find((option) => !option.used && option.extends_to > end && option.notice_by < today) ?? null;
      expect([round, entry.lapsed]).toEqual([round, lapsed]);
      if (entry.later) seen.later += 1;
      if (entry.later?.several) seen.several += 1;
      if (lapsed) seen.lapsed += 1;
    }
    for (const [what, count] of Object.entries(seen)) expect([what, count > 60]).toEqual([what, true]);
  });

  test('shows this quarter and the seven after it, and nothing that is expected later', () => {
    const plan = forecast([agreement({ ends_on: '2029-06-30' }), agreement({ number: '2024-002', ends_on: '2029-07-01' })], [], on('2026-12-31'));
    expect(plan.quarters.map(({ quarter }) => quarter)).toEqual(['2026-Q4', '2027-Q1', '2027-Q2', '2027-Q3', '2027-Q4', '2028-Q1', '2028-Q2', '2028-Q3']);
    expect(plan.quarters).toHaveLength(quartersShown);
    expect(all(plan).map(({ quarter }) => quarter)).toEqual(['2028-Q3']);
    expect(forecast([], [], on('2027-01-01')).quarters[0]?.quarter).toBe('2027-Q1');
  });

  test('puts what is decided before what is computed, and keeps plans of far years and without a quarter', () => {
    const tenders = [tender({ id: 'a', expected_quarter: '2031-Q1' }), tender({ id: 'b', expected_quarter: null }), tender({ id: 'c', expected_quarter: '2027-Q1' })];
    const plan = forecast([agreement()], tenders, on('2026-11-23'));
    expect(plan.quarters.find(({ quarter }) => quarter === '2027-Q1')?.entries.map(({ kind }) => kind)).toEqual(['plan', 'estimate']);
    expect(plan.quarters.at(-1)).toMatchObject({ quarter: '2031-Q1', entries: [{ tender: { id: 'a' } }] });
    expect(plan.undated).toMatchObject([{ tender: { id: 'b' } }]);
  });

  test('leaves an agreement out when a tender of any phase but cancelled replaces it, or another succeeds it', () => {
    const now = on('2026-11-23');
    const phases = [
      tender({ replaces_number: '2024-001' }),
      tender({ closes_at: new Date('2027-01-01'), replaces_number: '2024-001' }),
      tender({ closes_at: new Date('2026-01-01'), replaces_number: '2024-001' }),
      tender({ awarded_on: '2026-10-01', replaces_number: '2024-001' }),
    ];
    for (const each of phases) expect(all(forecast([agreement()], [each], now)).filter(({ kind }) => kind === 'estimate')).toEqual([]);
    expect(all(forecast([agreement()], [tender({ is_cancelled: true, replaces_number: '2024-001' })], now)).map(({ kind }) => kind)).toEqual(['estimate']);
    expect(all(forecast([agreement({ succeeded: true })], [], now))).toEqual([]);
  });

  test('gathers what was expected in a quarter that has gone, for a year after the agreement ended', () => {
    const now = on('2026-11-23');
    const numbers = (ends: readonly string[]): string[] => {
      const plan = forecast(
        ends.map((ends_on) => agreement({ number: ends_on, ends_on })),
        [tender({ expected_quarter: '2026-Q3' })],
        now,
      );
      return plan.waiting.map((entry) => (entry.kind === 'plan' ? entry.tender.id : entry.agreement.number));
    };
    expect(numbers(['2027-07-01', '2027-06-30', '2026-06-30', '2025-11-01', '2025-10-31'])).toEqual(['2025-11-01', '2026-06-30', 'kaffe-2027', '2027-06-30']);
    expect(monthsKept).toBe(12);
  });

  test('shows what others put out to tender where it ends, up to and with that day', () => {
    const shown = (today: string): unknown[] => all(forecast([agreement({ kind: 'ski' })], [], on(today))).map(({ kind, quarter }) => [kind, quarter]);
    expect(shown('2026-11-23')).toEqual([['elsewhere', '2027-Q4']]);
    expect([shown('2027-12-31').length, shown('2028-01-01').length]).toEqual([1, 0]);
  });
});

describe('the reason', () => {
  const words = (over: Partial<EndingAgreement>, today = '2026-11-23', lang: 'da' | 'en' = 'da'): string => {
    const entry = only(forecast([agreement(over)], [], on(today)));
    return entry ? reasonFor(entry, today, lang) : '';
  };

  test('names the dates it was computed from', () => {
    expect(words({})).toBe('Aftalen udløber 31. december 2027. Et udbud tager normalt 9 måneder, så vi regner med en annonce i 1. kvartal 2027.');
    expect(words({}, '2026-11-23', 'en')).toBe('The agreement ends on 31 December 2027. A tender normally takes 9 months, so we expect a notice in Q1 2027.');
    expect(words({ procedure: 'direct' })).toContain('tager normalt 4 måneder, så vi regner med en annonce i 3. kvartal 2027.');
    expect(words({ ends_on: '2026-06-30' })).toBe('Aftalen udløb 30. juni 2026. Et udbud tager normalt 9 måneder, så annoncen kunne ventes i 3. kvartal 2025.');
    expect(words({ kind: 'ski' })).toBe('Aftalen udløber 31. december 2027. SKI står for udbuddet, ikke kommunen.');
  });

  test('tells of extensions that can still be made, and of those that cannot', () => {
    const option = { extends_to: '2029-12-31', notice_by: '2027-06-30', used: false };
    expect(words({ options: [option] })).toContain(
      'Aftalen kan forlænges til 31. december 2029, hvis kommunen siger til senest 30. juni 2027. Forlænges den, flytter udbuddet til 1. kvartal 2029.',
    );
    expect(words({ options: [{ ...option, used: true }] })).toBe('');
    expect(words({ options: [{ ...option, used: true }] }, '2027-06-01')).toBe(
      'Aftalen udløber 31. december 2029. Et udbud tager normalt 9 måneder, så vi regner med en annonce i 1. kvartal 2029.',
    );
    expect(words({ options: [option, { extends_to: '2030-12-31', notice_by: '2029-06-30', used: false }] })).toContain(
      'Aftalen kan forlænges flere gange, højst til 31. december 2030. Første gang skal kommunen sige til senest 30. juni 2027. Forlænges den hver gang, flytter udbuddet til 1. kvartal 2030.',
    );
    expect(words({ options: [option] }, '2027-06-30')).toContain('senest 30. juni 2027. Forlænges den');
    expect(words({ options: [option] }, '2027-06-30')).not.toContain('registret');
    expect(words({ options: [option] }, '2027-07-01')).toContain('Det står ikke i registret, at det er sket.');
    expect((only(forecast([agreement({ options: [option] })], [], on('2027-07-01'))) as Estimate).later).toBeNull();
    expect(words({ options: [{ extends_to: '2028-01-31', notice_by: '2027-06-30', used: false }] })).toContain('flytter udbuddet til 2. kvartal 2027.');
    expect(words({ ends_on: '2027-11-30', options: [{ extends_to: '2027-12-31', notice_by: '2027-06-30', used: false }] })).toContain('i samme kvartal, også hvis den forlænges.');
  });
});
