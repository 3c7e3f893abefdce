import ICAL from 'ical.js';
import { beforeAll, describe, expect, test } from 'vitest';
import { type CalendarContext, tenderCalendar } from '../../src/tenders/feeds/calendar.ts';
import { type CalendarTender, calendarRows } from '../../src/tenders/feeds/calendar-rows.ts';
import { freshDatabase, type TestDatabase } from '../support/database.ts';
import { testNow } from '../support/known.ts';
import { putTender } from './tender-rows.ts';

const siteUrl = new URL('https://indkoeb.example');
const context: CalendarContext = {
  lang: 'da',
  name: 'Kommunen: Udbud, mad; drikke',
  owner: 'Kommunen, Øst',
  siteUrl,
  self: 'https://indkoeb.example/feeds/udbud.ics',
  page: 'https://indkoeb.example/udbud',
  now: testNow,
};
const tender = (over: Partial<CalendarTender> = {}): CalendarTender => ({
  id: 'rengoering-2027',
  version: 3,
  updated_at: new Date('2026-11-20T08:15:30Z'),
  title_da: 'Rengøring',
  title_en: 'Cleaning',
  summary_da: 'Skoler.',
  summary_en: 'Schools.',
  closes_at: new Date('2026-12-17T11:00:00Z'),
  questions_until: null,
  expected_quarter: null,
  awarded_on: null,
  is_cancelled: false,
  submit_url: null,
  by_request: false,
  dialogue: null,
  first_lot_closes: null,
  ...over,
});

const dialogue = (on: string): CalendarTender['dialogue'] => ({ on, text: { da: 'Kl. 10 på rådhuset.', en: '' }, url: 'https://moede.example' });

/** Events as another library reads them, by UID. */
function read(text: string): Map<string, ICAL.Component> {
  const events = new ICAL.Component(ICAL.parse(text)).getAllSubcomponents('vevent');
  return new Map(events.map((event) => [String(event.getFirstPropertyValue('uid')), event]));
}
const value = (event: ICAL.Component | undefined, name: string): string => String(event?.getFirstPropertyValue(name));
const start = (event: ICAL.Component | undefined): ICAL.Time => event?.getFirstPropertyValue('dtstart') as ICAL.Time;
const deadline = 'deadline.rengoering-2027@indkoeb.example';

describe('the calendar', () => {
  test.each([
    ['noon on the day when summer time begins', '2026-03-29T12:00:00+02:00'],
    ['the first 2.30 of the night when summer time ends', '2026-10-25T02:30:00+02:00'],
    ['the second 2.30 of that night', '2026-10-25T02:30:00+01:00'],
    ['the last minute of the year', '2026-12-31T23:59:00+01:00'],
  ])('tells the very instant of a deadline: %s', (_, at) => {
    const event = read(tenderCalendar([tender({ closes_at: new Date(at), questions_until: new Date(at) })], context)).get(deadline);
    expect([start(event).zone.tzid, start(event).toJSDate().toISOString()]).toEqual(['UTC', new Date(at).toISOString()]);
    expect(start(event).isDate).toBe(false);
    expect(['sequence', 'last-modified', 'dtstamp'].map((name) => value(event, name))).toEqual(['3', '2026-11-20T08:15:30Z', '2026-11-20T08:15:30Z']);
    expect(value(event, 'description')).toContain(at.slice(11, 16).replace(':', '.'));
  });

  test('has an event for each date of a tender, days as whole days, each with its own lasting UID', () => {
    const rows = [
      tender({ questions_until: new Date('2026-12-01T11:00:00Z'), dialogue: dialogue('2026-10-31') }),
      tender({ id: 'kaffe', closes_at: null, expected_quarter: '2027-Q3', dialogue: dialogue('2027-03-28') }),
      tender({ id: 'uden-tid', closes_at: null }),
      tender({ id: 'bus', by_request: true }),
    ];
    const events = read(tenderCalendar(rows, context));
    expect([...events.keys()].sort()).toEqual(
      ['deadline.bus', 'deadline.rengoering-2027', 'dialogue.kaffe', 'dialogue.rengoering-2027', 'planned.kaffe', 'questions.rengoering-2027'].map((id) => `${id}@indkoeb.example`),
    );
    expect(start(events.get('questions.rengoering-2027@indkoeb.example')).toJSDate()).toEqual(new Date('2026-12-01T11:00:00Z'));
    const day = (id: string): [boolean, string] => [start(events.get(`${id}@indkoeb.example`)).isDate, start(events.get(`${id}@indkoeb.example`)).toString()];
    expect([day('planned.kaffe'), day('dialogue.kaffe'), day('dialogue.rengoering-2027')]).toEqual([
      [true, '2027-07-01'],
      [true, '2027-03-28'],
      [true, '2026-10-31'],
    ]);
    expect(value(events.get('dialogue.kaffe@indkoeb.example'), 'description')).toContain('Kl. 10 på rådhuset.\n\nhttps://moede.example');
    expect([value(events.get('planned.kaffe@indkoeb.example'), 'status'), value(events.get(deadline), 'status')]).toEqual(['TENTATIVE', 'CONFIRMED']);
    expect(value(events.get('planned.kaffe@indkoeb.example'), 'summary')).toBe('Forventet i 3. kvartal 2027: Rengøring');
    expect(value(events.get('deadline.bus@indkoeb.example'), 'summary')).toBe('Frist for at søge om at deltage: Rengøring');
    expect(value(events.get(deadline), 'url')).toBe('https://indkoeb.example/udbud/rengoering-2027');
  });

  test('reminds seven days and one day before an open deadline, and of nothing else', () => {
    const alarmsOf = (row: CalendarTender, now = testNow): number[] =>
      [...read(tenderCalendar([row], { ...context, now })).values()].flatMap((event) =>
        event.getAllSubcomponents('valarm').map((alarm) => {
          expect([value(alarm, 'action'), value(alarm, 'description').length > 5]).toEqual(['DISPLAY', true]);
          return (alarm.getFirstPropertyValue('trigger') as ICAL.Duration).toSeconds() / 86_400;
        }),
      );
    expect(alarmsOf(tender({ questions_until: new Date('2026-12-01T11:00:00Z'), dialogue: dialogue('2026-12-01') }))).toEqual([-7, -1]);
    expect(alarmsOf(tender({ is_cancelled: true }))).toEqual([]);
    expect(alarmsOf(tender({ awarded_on: '2026-11-01' }))).toEqual([]);
    expect(alarmsOf(tender(), new Date('2026-12-17T11:00:00Z'))).toEqual([]);
    expect(alarmsOf(tender({ closes_at: null, expected_quarter: '2027-Q1' }))).toEqual([]);
  });

  test('says of every event that a tender is cancelled', () => {
    const events = [
      ...read(tenderCalendar([tender({ is_cancelled: true, dialogue: dialogue('2026-12-01'), questions_until: new Date('2026-12-01T11:00:00Z') })], context)).values(),
    ];
    expect(events.map((event) => [value(event, 'status'), value(event, 'summary').startsWith('Annulleret: ')])).toEqual(Array(3).fill(['CANCELLED', true]));
    expect(
      value(
        read(tenderCalendar([tender({ is_cancelled: true, closes_at: null, expected_quarter: '2027-Q1' })], context))
          .values()
          .next().value,
        'status',
      ),
    ).toBe('CANCELLED');
  });

  test('warns of lots that close earlier, and only then', () => {
    const description = (first_lot_closes: string | null): string => value(read(tenderCalendar([tender({ first_lot_closes })], context)).get(deadline), 'description');
    expect(description('2026-12-17T10:59:00Z')).toContain('tidligere frist');
    for (const none of [null, '2026-12-17T11:00:00Z']) expect(description(none)).not.toContain('tidligere frist');
  });

  test('survives any text: lines of at most 75 octets, no control characters, and the same words when read', () => {
    const title = `Æbler, øl; å\\b "citat" ${'æøå🚲'.repeat(40)}`;
    const text = tenderCalendar([tender({ title_da: `${title}\u0000\u0007\u001b`, summary_da: 'Første linje\r\nBEGIN:VEVENT\nTredje\u0085' })], context);
    expect(text.endsWith('END:VCALENDAR\r\n')).toBe(true);
    for (const line of text.split('\r\n')) {
      expect(Buffer.byteLength(line)).toBeLessThanOrEqual(75);
      expect(line).not.toMatch(/[\p{Cc}\ufffd]/u);
    }
    const events = read(text);
    expect(events.size).toBe(1);
    expect(value(events.get(deadline), 'summary')).toBe(`Frist: ${title}`);
    expect(value(events.get(deadline), 'description')).toContain('Første linje\nBEGIN:VEVENT\nTredje');
  });

  test('names itself and how often to fetch it', () => {
    const calendar = new ICAL.Component(ICAL.parse(tenderCalendar([], { ...context, lang: 'en' })));
    expect(['version', 'prodid', 'method', 'name', 'x-wr-calname', 'refresh-interval', 'x-published-ttl', 'source'].map((name) => value(calendar, name))).toEqual([
      '2.0',
      '-//Kommunen, Øst//Udbud//EN',
      'PUBLISH',
      // ical.js gives these two as they are written: escaped, as the standard wants of texts.
      'Kommunen: Udbud\\, mad\\; drikke',
      'Kommunen: Udbud\\, mad\\; drikke',
      'PT1H',
      'PT1H',
      'https://indkoeb.example/feeds/udbud.ics',
    ]);
  });
});

describe('what is in the calendar', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await freshDatabase('migrated');
    const at = (days: number): string => new Date(testNow.getTime() + days * 86_400_000).toISOString();
    const day = (days: number): string => at(days).slice(0, 10);
    await putTender(database, { id: 'aaben', deadlineAt: at(5), lots: [{ number: '1', title: { da: 'Nord' }, deadlineAt: at(2) }] }, { category: 'rengoering' });
    await putTender(database, { id: 'lukket-for-90', deadlineAt: at(-90) });
    await putTender(database, { id: 'lukket-for-91', deadlineAt: at(-91) });
    await putTender(database, { id: 'planlagt', expectedQuarter: '2027-Q1', dialogue: { on: day(20) } });
    await putTender(database, { id: 'annulleret-for-60', deadlineAt: at(9), cancelled: { on: day(-60) } });
    await putTender(database, { id: 'annulleret-for-61', deadlineAt: at(9), cancelled: { on: day(-61) } });
    await putTender(database, { id: 'tildelt-uden-frist', outcome: { on: day(-1), lots: [] } });
    await putTender(database, { id: 'to-trin', requestsUntil: at(3), deadlineAt: at(30), questionsUntil: at(1) });
  });

  test('are planned and open tenders, those closed for 90 days, and those cancelled for 60', async () => {
    const rows = await calendarRows(database.owner.db, testNow);
    expect(rows.map(({ id }) => id).sort()).toEqual(['aaben', 'annulleret-for-60', 'lukket-for-90', 'planlagt', 'to-trin']);
    expect(rows.find(({ id }) => id === 'to-trin')).toMatchObject({ by_request: true, dialogue: null, closes_at: new Date(testNow.getTime() + 3 * 86_400_000) });
    expect(rows.find(({ id }) => id === 'planlagt')).toMatchObject({ by_request: false, dialogue: { on: '2026-12-13' }, closes_at: null, expected_quarter: '2027-Q1' });
    expect(rows.find(({ id }) => id === 'aaben')?.first_lot_closes).toBe(new Date(testNow.getTime() + 2 * 86_400_000).toISOString());
  });

  test('is one category where that is asked for, and one tender whenever it was', async () => {
    expect((await calendarRows(database.owner.db, testNow, { category: 'rengoering' })).map(({ id }) => id)).toEqual(['aaben']);
    expect((await calendarRows(database.owner.db, testNow, { id: 'annulleret-for-61' })).map(({ id }) => id)).toEqual(['annulleret-for-61']);
    expect(await calendarRows(database.owner.db, testNow, { id: 'findes-ikke' })).toEqual([]);
  });
});
