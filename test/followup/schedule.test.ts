import { describe, expect, test } from 'vitest';
import { addMonths, type Deadline, deadlineSchema, dueOn } from '../../src/followup/schedule/deadline.ts';
import { periodsBetween } from '../../src/followup/schedule/periods.ts';
import { type Due, rescheduled, type Scheduled, scheduleOf } from '../../src/followup/schedule/schedule.ts';
import { addWorkingDays, easterOf, holidaysOf, isWorkingDay } from '../../src/followup/schedule/working-days.ts';

/** Easter Sundays as the Church prints them. */
const easters =
  '2020-04-12 2021-04-04 2022-04-17 2023-04-09 2024-03-31 2025-04-20 2026-04-05 2027-03-28 2028-04-16 2029-04-01 2030-04-21 2031-04-13 2032-03-28 2033-04-17 2034-04-09 2035-03-25 2036-04-13 2037-04-05 2038-04-25 2039-04-10 2040-04-01'.split(
    ' ',
  );

/** The oracle counts on its own: Gauss's rule for Easter, JavaScript dates in UTC, a loop over every day. */
const day = 86_400_000;
const iso = (time: number): string => new Date(time).toISOString().slice(0, 10);
const at = (date: string): number => Date.parse(`${date}T00:00:00Z`);
function gauss(year: number): number {
  const [k, a, b, c] = [Math.floor(year / 100), year % 19, year % 4, year % 7];
  const p = Math.floor((13 + 8 * k) / 25);
  const m = (15 - p + k - Math.floor(k / 4)) % 30;
  const n = (4 + k - Math.floor(k / 4)) % 7;
  const d = (19 * a + m) % 30;
  let e = (2 * b + 4 * c + 6 * d + n) % 7;
  if (d === 29 && e === 6) e = -1;
  else if (d === 28 && e === 6 && (11 * m + 11) % 30 < 19) e = -1;
  return Date.UTC(year, 2, 22) + (d + e) * day;
}
function works(time: number): boolean {
  const date = new Date(time);
  const year = date.getUTCFullYear();
  const off = new Set([-3, -2, 0, 1, 39, 49, 50, ...(year < 2024 ? [26] : [])].map((days) => gauss(year) + days * day));
  const fixedDay = `${date.getUTCDate()}/${date.getUTCMonth() + 1}`;
  return ![0, 6].includes(date.getUTCDay()) && !off.has(time) && !['1/1', '5/6', '24/12', '25/12', '26/12', '31/12'].includes(fixedDay);
}

describe('Danish working days', () => {
  test('Easter is where it is, 2020 to 2040', () => {
    expect(easters.map((_, index) => easterOf(2020 + index))).toEqual(easters);
  });

  test('every day from 2020 to 2040 is a working day or none, as an independent count has it', () => {
    const wrong: string[] = [];
    for (let time = Date.UTC(2020, 0, 1); time <= Date.UTC(2040, 11, 31); time += day) if (isWorkingDay(iso(time)) !== works(time)) wrong.push(iso(time));
    expect(wrong).toEqual([]);
  });

  test('Great Prayer Day is a holiday to the end of 2023 and a working day from then on', () => {
    expect([isWorkingDay('2023-05-05'), isWorkingDay('2024-04-26')]).toEqual([false, true]);
    expect(holidaysOf(2026).get('2026-05-14')).toBe('ascension');
  });

  test('ten working days over Christmas and New Year end after Twelfth Night', () => {
    expect(addWorkingDays('2026-12-18', 10)).toBe('2027-01-07');
    expect(addWorkingDays('2027-01-07', -10)).toBe('2026-12-18');
  });
});

describe('periods', () => {
  test('lie one after the other without a gap, from the first day of the contract to its last', () => {
    for (const rhythm of ['annual', 'half-yearly', 'quarterly', 'monthly', 'contract-year'] as const) {
      const periods = periodsBetween(rhythm, '2024-02-29', '2028-02-29');
      expect((periods[0]?.from ?? '') <= '2024-02-29').toBe(true);
      expect((periods.at(-1)?.to ?? '') >= '2028-02-29').toBe(true);
      for (const [index, period] of periods.slice(1).entries()) expect(at(period.from) - at(periods[index]?.to ?? '')).toBe(day);
    }
  });

  test('a contract that began on 29 February has its anniversaries on 28 February, and on 29 in a leap year', () => {
    expect(periodsBetween('contract-year', '2024-02-29', '2028-03-31').map(({ from }) => from)).toEqual(['2024-02-29', '2025-02-28', '2026-02-28', '2027-02-28', '2028-02-29']);
  });
});

describe('deadlines', () => {
  const marks = { start: '2026-05-01', end: '2028-04-30', period: '2026-06-30' };
  test.each([
    [{ after: 'period', days: 15 }, '2026-07-15'],
    [{ after: 'period', workingDays: 10 }, '2026-07-14'],
    [{ after: 'period', months: 3 }, '2026-09-30'],
    [{ on: ['01-31', '07-31'] }, '2026-07-31'],
    [{ on: ['03-31'] }, '2027-03-31'],
    [{ before: 'start', days: 0 }, '2026-05-01'],
    [{ after: 'start', workingDays: 8 }, '2026-05-13'],
    [{ before: 'end', months: 6 }, '2027-10-30'],
    [{ after: 'end', days: 30 }, '2028-05-30'],
    [{ after: 'event', workingDays: 5 }, null],
  ] as [Deadline, string | null][])('%o falls on %s', (deadline, expected) => {
    expect(deadlineSchema.parse(deadline)).toEqual(deadline);
    expect(dueOn(deadline, marks)).toBe(expected);
  });

  test('a month that is too short ends the count on its last day', () => {
    expect([addMonths('2027-08-31', 6), addMonths('2027-08-31', -6), addMonths('2026-12-31', 2), addMonths('2026-01-15', -1)]).toEqual([
      '2028-02-29',
      '2027-02-28',
      '2027-02-28',
      '2025-12-15',
    ]);
  });

  test.each([{ after: 'period' }, { after: 'period', days: 3, months: 1 }, { on: [] }, { on: ['31-01'] }, { before: 'period', days: 1 }, { after: 'period', days: -1 }])(
    '%o is no rule',
    (rule) => {
      expect(deadlineSchema.safeParse(rule).success).toBe(false);
    },
  );
});

describe('the schedule of a contract', () => {
  test('the quarters of a contract that begins and ends in the middle of one', () => {
    const type: Scheduled = { cadence: 'quarterly', deadline: { after: 'period', days: 15 } };
    expect(scheduleOf(type, { start: '2026-05-10', end: '2027-02-03' })).toEqual([
      { period: '2026-Q2', opensOn: '2026-07-01', dueOn: '2026-07-15' },
      { period: '2026-Q3', opensOn: '2026-10-01', dueOn: '2026-10-15' },
      { period: '2026-Q4', opensOn: '2027-01-01', dueOn: '2027-01-15' },
      { period: '2027-Q1', opensOn: '2027-02-04', dueOn: '2027-02-18' },
    ]);
  });

  test('what an event or a request calls for is not foreseen', () => {
    for (const cadence of ['per-event', 'on-request'] as const)
      expect(scheduleOf({ cadence, deadline: { after: 'event', days: 5 } }, { start: '2026-01-01', end: '2030-01-01' })).toEqual([]);
  });

  test('what is due before an anniversary is asked for each contract year but the last, and can be filed two months ahead', () => {
    const type = { cadence: 'annual', contractYears: true, deadline: { before: 'anniversary', days: 60 } } as const;
    expect(scheduleOf(type, { start: '2024-03-01', end: '2027-02-28' })).toEqual([
      { period: '2024-03-01/2025-02-28', opensOn: '2024-11-01', dueOn: '2024-12-31' },
      { period: '2025-03-01/2026-02-28', opensOn: '2025-11-01', dueOn: '2025-12-31' },
    ]);
    expect(scheduleOf(type, { start: '2026-01-01', end: '2026-12-31' })).toEqual([]);
  });

  test('5,000 random contracts agree with an oracle that walks every day of them', () => {
    let seed = 7;
    const random = (below: number): number => {
      seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
      return Math.floor((seed / 2 ** 32) * below);
    };
    const cadences = ['annual', 'half-yearly', 'quarterly', 'monthly'] as const;
    for (let round = 0; round < 5_000; round += 1) {
      const start = Date.UTC(2020, 0, 1) + random(365 * 12) * day;
      const end = start + random(365 * 6) * day;
      const cadence = cadences[random(4)] ?? 'annual';
      const count = random(20);
      const inWorkingDays = random(2) === 1;
      const deadline: Deadline = inWorkingDays ? { after: 'period', workingDays: count } : { after: 'period', days: count };
      expect(scheduleOf({ cadence, deadline }, { start: iso(start), end: iso(end) })).toEqual(oracle(cadence, start, end, count, inWorkingDays));
    }
  });
});

/** Walks the contract day by day: a period is over where its name changes, or with the contract. */
function oracle(cadence: 'annual' | 'half-yearly' | 'quarterly' | 'monthly', start: number, end: number, count: number, inWorkingDays: boolean): Due[] {
  const nameAt = (time: number): string => {
    const date = new Date(time);
    const [year, month] = [date.getUTCFullYear(), date.getUTCMonth()];
    if (cadence === 'annual') return String(year);
    if (cadence === 'half-yearly') return `${year}-H${month < 6 ? 1 : 2}`;
    if (cadence === 'quarterly') return `${year}-Q${Math.ceil((month + 1) / 3)}`;
    return `${year}-${String(month + 1).padStart(2, '0')}`;
  };
  const found: Due[] = [];
  for (let time = start; time <= end; time += day) {
    if (time !== end && nameAt(time + day) === nameAt(time)) continue;
    let due = time;
    for (let left = count; left > 0; ) {
      due += day;
      if (!inWorkingDays || works(due)) left -= 1;
    }
    found.push({ period: nameAt(time), opensOn: iso(Math.min(time + day, due)), dueOn: iso(due) });
  }
  return found;
}

describe('a contract that changes', () => {
  const type: Scheduled = { cadence: 'quarterly', deadline: { after: 'period', days: 15 } };
  const there = (term: { start: string; end: string }, settled: readonly string[] = []) =>
    scheduleOf(type, term).map((due, index) => ({ ...due, id: `o${index}`, settled: settled.includes(due.period ?? '') }));

  test('an option that is used adds the quarters that it adds, and moves the deadline of the one that was cut short', () => {
    const changes = rescheduled(there({ start: '2026-01-01', end: '2026-11-15' }, ['2026-Q1', '2026-Q2']), scheduleOf(type, { start: '2026-01-01', end: '2027-06-30' }));
    expect(changes.add.map(({ period }) => period)).toEqual(['2027-Q1', '2027-Q2']);
    expect(changes.move).toEqual([{ id: 'o3', to: { period: '2026-Q4', opensOn: '2027-01-01', dueOn: '2027-01-15' } }]);
    expect(changes.drop).toEqual([]);
  });

  test('an early end drops what can no longer fall due, but nothing that was filed or begun', () => {
    const changes = rescheduled(there({ start: '2026-01-01', end: '2027-12-31' }, ['2026-Q1', '2027-Q4']), scheduleOf(type, { start: '2026-01-01', end: '2026-09-30' }));
    expect(changes.drop).toEqual([{ id: 'o3' }, { id: 'o4' }, { id: 'o5' }, { id: 'o6' }]);
    expect([changes.add, changes.move]).toEqual([[], []]);
  });

  test('nothing is changed where nothing changed', () => {
    const term = { start: '2026-01-01', end: '2027-12-31' };
    expect(rescheduled(there(term), scheduleOf(type, term))).toEqual({ add: [], move: [], drop: [] });
  });
});
