import { randomUUID } from 'node:crypto';
import ICAL from 'ical.js';
import { sql } from 'kysely';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { withoutToken } from '../../src/alerts/token.ts';
import { taskCalendar } from '../../src/followup/calendar/feed.ts';
import { type CalendarTask, calendarTasks } from '../../src/followup/calendar/rows.ts';
import { calendarToken, readCalendarToken } from '../../src/followup/calendar/token.ts';
import type { ObligationTypes } from '../../src/followup/obligation-type.ts';
import type { Language } from '../../src/i18n/language.ts';
import { pathTo } from '../../src/i18n/routes.ts';
import { asAccount, connect, type Db } from '../../src/platform/db.ts';
import { createLog } from '../../src/platform/log.ts';
import { expectNoAxeFindings, expectNoSidewaysScroll, logIn, useBrowser } from '../support/browser.ts';
import { atEnd } from '../support/clean-up.ts';
import { testToday } from '../support/known.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { Visitor } from '../support/visitor.ts';

const browser = useBrowser();
const settings = '/leverandoer/indstillinger';
const key = 'a key for tests only, long enough to be one';
let server: TestServer;
let db: Db;
let web: Db;
const tokens = new Set<string>();

beforeAll(async () => {
  server = await startServer({ env: { WORKER: 'off' } });
  db = server.database.owner.db;
  const connection = connect(
    server.database.webUrl,
    createLog('error', () => {}),
    2,
  );
  atEnd(() => connection.close());
  web = connection.db;
});

const person = async (email: string): Promise<Visitor> => {
  const visitor = new Visitor(server.base);
  await visitor.logIn(email);
  return visitor;
};
const accountOf = async (email: string): Promise<string> => (await db.selectFrom('account').select('id').where('email', '=', email).executeTakeFirstOrThrow()).id;
const supplierOf = async (cvr: string): Promise<string> => (await db.selectFrom('supplier').select('id').where('cvr', '=', cvr).executeTakeFirstOrThrow()).id;

/** The private address on a person's page; null when there is none. */
async function shownTo(visitor: Visitor, page = settings): Promise<string | null> {
  const address = /id="address" value="([^"]*)"/.exec(await visitor.text(page))?.[1];
  if (!address) return null;
  tokens.add(/([\w-]+)\.ics$/.exec(address)?.[1] ?? '');
  return new URL(address).pathname;
}
async function press(visitor: Visitor, intent: string): Promise<string> {
  const response = await visitor.post(settings, { intent });
  expect(response.status).toBe(303);
  return response.headers.get('location') ?? '';
}
async function addressFor(email: string): Promise<string> {
  const visitor = await person(email);
  await press(visitor, 'make');
  return (await shownTo(visitor)) ?? '';
}

type Events = Map<string, ICAL.Component>;
function read(text: string): Events {
  const events = new ICAL.Component(ICAL.parse(text)).getAllSubcomponents('vevent');
  return new Map(events.map((event) => [String(event.getFirstPropertyValue('uid')), event]));
}
/** As a calendar program fetches it: without cookies. */
async function fetched(address: string): Promise<Events> {
  const response = await new Visitor(server.base).get(address);
  expect(['content-type', 'cache-control', 'x-robots-tag', 'access-control-allow-origin', 'set-cookie'].map((name) => response.headers.get(name))).toEqual([
    'text/calendar; charset=utf-8',
    'private, max-age=300',
    'noindex',
    null,
    null,
  ]);
  return read(await response.text());
}
const value = (event: ICAL.Component | undefined, name: string): string => String(event?.getFirstPropertyValue(name));
const uid = (id: string): string => `opgave.${id}@localhost`;
const uidsOf = async (condition: { cvr: string }): Promise<string[]> =>
  (
    await db
      .selectFrom('obligation')
      .select('id')
      .where('supplier_id', '=', await supplierOf(condition.cvr))
      .execute()
  ).map(({ id }) => uid(id));

/** A task of its own beside the demonstration's. */
async function task(over: { cvr?: string; state: string; due_on: string; period?: string }): Promise<string> {
  const { cvr = '90000004', ...rest } = over;
  const place = await db
    .selectFrom('agreement_supplier as s')
    .select(['s.agreement_id', 's.supplier_id'])
    .where('s.supplier_id', '=', await supplierOf(cvr))
    .limit(1)
    .executeTakeFirstOrThrow();
  const { id } = await db
    .insertInto('obligation')
    .values({ ...place, requirement_id: `krav-${randomUUID()}`, type: 'iso-certifikat', opens_on: '2026-10-01', shown_publicly: true, ...rest })
    .returning('id')
    .executeTakeFirstOrThrow();
  return id;
}

describe('the feed', () => {
  test('holds exactly the tasks that the list shows, but for what lies far ahead or was finished long ago', async () => {
    const far = [
      await task({ state: 'planned', due_on: '2027-11-24' }),
      await task({ state: 'accepted', due_on: '2026-08-24' }),
      await task({ state: 'waived', due_on: '2020-01-01' }),
    ];
    const edge = [
      await task({ state: 'planned', due_on: '2027-11-23' }),
      await task({ state: 'accepted', due_on: '2026-08-25' }),
      await task({ state: 'open', due_on: '2019-01-01' }),
      await task({ state: 'waived', due_on: '2026-12-01' }),
    ];
    const visitor = await person('leverandoer@demo.example');
    const listed = new Set([...(await visitor.text('/leverandoer')).matchAll(/\/leverandoer\/opgaver\/([0-9a-f-]{36})/g)].map(([, id = '']) => id));
    for (const id of [...far, ...edge]) expect(listed).toContain(id);
    const events = await fetched(await addressFor('leverandoer@demo.example'));
    const rows = await db
      .selectFrom('obligation')
      .select(['id', 'due_on', 'state'])
      .where('id', 'in', [...listed])
      .execute();
    const left = rows.filter(({ state, due_on }) => {
      if (state === 'planned') return due_on <= '2027-11-23';
      return ['accepted', 'rejected', 'waived'].includes(state) ? due_on >= '2026-08-25' : true;
    });
    for (const id of edge) expect(left.map((row) => row.id)).toContain(id);
    for (const id of far) expect(left.map((row) => row.id)).not.toContain(id);
    expect([...events.keys()].sort()).toEqual(left.map(({ id }) => uid(id)).sort());
    expect(new Set(left.map(({ state }) => state)).size).toBeGreaterThan(4);
    for (const { id, due_on, state } of left) {
      const event = events.get(uid(id));
      const start = event?.getFirstPropertyValue('dtstart') as ICAL.Time;
      expect([start.isDate, start.toString(), value(event, 'status'), value(event, 'url')]).toEqual([
        true,
        due_on,
        state === 'waived' ? 'CANCELLED' : 'CONFIRMED',
        `${server.base}/leverandoer/opgaver/${id}`,
      ]);
      expect(event?.getAllSubcomponents('valarm')).toEqual([]);
    }
    expect(value(events.get(uid(edge[3] ?? '')), 'summary')).toMatch(/^Bortfaldet: /);
  });

  test('says what, for which period, under which agreement, and how it stands; in English at the English address', async () => {
    const [open, filed] = [await task({ state: 'open', due_on: '2027-01-15', period: '2026-Q4' }), await task({ state: 'submitted', due_on: '2026-11-20' })];
    const { number } = await db
      .selectFrom('obligation as o')
      .innerJoin('agreement as a', 'a.id', 'o.agreement_id')
      .select('a.number')
      .where('o.id', '=', open)
      .executeTakeFirstOrThrow();
    const visitor = await person('leverandoer@demo.example');
    const danish = await fetched((await shownTo(visitor)) ?? '');
    expect(value(danish.get(uid(open)), 'summary')).toMatch(new RegExp(`^Frist: .+, 4\\. kvartal 2026 \\(aftale ${number}\\)$`));
    expect(value(danish.get(uid(filed)), 'summary')).toMatch(/^Indsendt: /);
    const page = '/en/supplier/settings';
    expect(await visitor.text(page)).toContain('Everybody who has the address can see the deadlines');
    const address = (await shownTo(visitor, page)) ?? '';
    expect(address).toMatch(/^\/en\/feeds\/tasks\//);
    const english = await fetched(address);
    expect(value(english.get(uid(open)), 'summary')).toMatch(new RegExp(`^Deadline: .+, Q4 2026 \\(agreement ${number}\\)$`));
    expect(value(english.get(uid(open)), 'url')).toBe(`${server.base}/en/supplier/tasks/${open}`);
    expect([...english.keys()].sort()).toEqual([...danish.keys()].sort());
  });

  test('counts a new state and a new day up, and nothing else', async () => {
    const id = await task({ state: 'open', due_on: '2026-12-01' });
    const address = (await shownTo(await person('leverandoer@demo.example'))) ?? '';
    const marks = async (): Promise<string[]> => {
      const event = (await fetched(address)).get(uid(id));
      return ['sequence', 'last-modified', 'dtstamp', 'dtstart'].map((name) => value(event, name));
    };
    const change = async (to: { due_on?: string; state?: string; shown_publicly?: boolean }) => {
      await db
        .updateTable('obligation')
        .set({ changed_at: new Date('2026-11-01T08:00:00Z') })
        .where('id', '=', id)
        .execute();
      await db.updateTable('obligation').set(to).where('id', '=', id).execute();
      return marks();
    };
    expect((await change({ shown_publicly: false, state: 'open' })).slice(0, 3)).toEqual(['0', '2026-11-01T08:00:00Z', '2026-11-01T08:00:00Z']);
    const [sequence, modified, stamp, start] = await change({ due_on: '2026-12-08' });
    expect([sequence, modified === stamp, modified !== '2026-11-01T08:00:00Z', start]).toEqual(['1', true, true, '2026-12-08']);
    expect((await change({ state: 'submitted' }))[0]).toBe('2');
  });

  test('does not tell its own address', async () => {
    const address = (await shownTo(await person('leverandoer@demo.example'))) ?? '';
    const text = await new Visitor(server.base).text(address);
    expect(text).toContain('BEGIN:VEVENT');
    expect(text.replaceAll('\r\n ', '')).not.toContain(/([\w-]+)\.ics$/.exec(address)?.[1]);
  });
});

describe('whose it is', () => {
  test('another account’s address shows nothing of this one', async () => {
    const mine = new Set(await uidsOf({ cvr: '90000004' }));
    const theirs = await fetched(await addressFor('anden@demo.example'));
    expect(theirs.size).toBeGreaterThan(0);
    expect([...theirs.keys()].filter((each) => mine.has(each))).toEqual([]);
    const both = await fetched(await addressFor('begge@demo.example'));
    expect([...both.keys()].some((each) => mine.has(each)) && [...theirs.keys()].every((each) => both.has(each))).toBe(true);
    const names = new Set([...both.values()].map((event) => /\), (.+)$/.exec(value(event, 'summary'))?.[1]));
    expect(names.size).toBe(2);
    expect(value(theirs.values().next().value, 'summary')).toMatch(/\)$/);
  });

  test('staff who are members of a supplier get that supplier’s tasks, not all cases', async () => {
    const [account_id, supplier_id] = [await accountOf('sagsbehandler@demo.example'), await supplierOf('90002740')];
    await db.insertInto('membership').values({ account_id, supplier_id, role: 'member' }).execute();
    const events = await fetched(await addressFor('sagsbehandler@demo.example'));
    const own = await uidsOf({ cvr: '90002740' });
    expect(events.size).toBeGreaterThan(0);
    expect([...events.keys()].filter((each) => !own.includes(each))).toEqual([]);
  });

  test('a lost membership takes its tasks away at once, and a disabled account all', async () => {
    const [account_id, supplier_id] = [await accountOf('begge@demo.example'), await supplierOf('90000004')];
    const address = await addressFor('begge@demo.example');
    const lost = new Set(await uidsOf({ cvr: '90000004' }));
    await db.deleteFrom('membership').where('account_id', '=', account_id).where('supplier_id', '=', supplier_id).execute();
    const left = await fetched(address);
    expect([left.size > 0, [...left.keys()].filter((each) => lost.has(each))]).toEqual([true, []]);
    await db.deleteFrom('membership').where('account_id', '=', account_id).execute();
    // A calendar that is empty clears the reader's; one that is gone would leave the old deadlines there.
    expect((await fetched(address)).size).toBe(0);
    await db.updateTable('account').set({ disabled_at: new Date() }).where('id', '=', account_id).execute();
    expect((await new Visitor(server.base).get(address)).status).toBe(404);
  });

  test('the database shows and takes the acting account’s own row alone', async () => {
    const [mine, other] = [await accountOf('leverandoer@demo.example'), await accountOf('anden@demo.example')];
    expect(await asAccount(web, mine, (tx) => tx.selectFrom('task_calendar').select('account_id').execute())).toEqual([{ account_id: mine }]);
    expect(await asAccount(web, null, (tx) => tx.selectFrom('task_calendar').select('account_id').execute())).toEqual([]);
    const changed = await asAccount(web, mine, (tx) => tx.updateTable('task_calendar').set({ made_at: new Date() }).where('account_id', '=', other).executeTakeFirst());
    expect(Number(changed.numUpdatedRows)).toBe(0);
    const kollega = await accountOf('kollega@demo.example');
    await expect(
      asAccount(web, mine, (tx) => tx.insertInto('task_calendar').values({ account_id: kollega, version: randomUUID(), made_at: new Date() }).execute()),
    ).rejects.toThrow(/row-level security/);
    const { version } = await db.selectFrom('task_calendar').select('version').where('account_id', '=', other).executeTakeFirstOrThrow();
    expect([await calendarTasks(web, { account: mine, version }, testToday), await calendarTasks(web, { account: kollega, version }, testToday)]).toEqual([null, null]);
  });
});

describe('an address that does not hold', () => {
  test('is 404, and nothing tells why: never made, forged, replaced, removed', async () => {
    const visitor = await person('kollega@demo.example');
    const account = await accountOf('kollega@demo.example');
    expect(await shownTo(visitor)).toBeNull();
    expect(await press(visitor, 'make')).toBe(`${settings}?gjort=lavet`);
    const first = (await shownTo(visitor)) ?? '';
    // Pressed twice, it is one address.
    await press(visitor, 'make');
    expect(await shownTo(visitor)).toBe(first);
    expect((await fetched(first)).size).toBeGreaterThan(0);
    expect(await press(visitor, 'replace')).toBe(`${settings}?gjort=ny`);
    const second = (await shownTo(visitor)) ?? '';
    expect(second).not.toBe(first);
    await fetched(second);
    expect(await press(visitor, 'remove')).toBe(`${settings}?gjort=fjernet`);
    expect(await visitor.text(`${settings}?gjort=fjernet`)).toContain('Adressen er fjernet.');
    expect(await shownTo(visitor)).toBeNull();
    await press(visitor, 'make');
    const third = (await shownTo(visitor)) ?? '';
    await fetched(third);

    const token = /([\w-]+)\.ics$/.exec(third)?.[1] ?? '';
    const { version } = readCalendarToken(key, token) ?? { version: '' };
    const other = await accountOf('leverandoer@demo.example');
    const at = (each: string): string => `/feeds/opgaver/${each}.ics`;
    const forged = [
      at(calendarToken('another key for tests, long enough to be one', { account, version })),
      at(calendarToken(key, { account: other, version })),
      at(calendarToken(key, { account, version: randomUUID() })),
      at(`${token.slice(0, -3)}AAA`),
      at(`${token}=`),
      at(token.slice(0, 60)),
      at('x'),
      at('%C3%A6'),
    ];
    const answers = await Promise.all(
      [first, second, ...forged].map(async (address) => {
        const response = await new Visitor(server.base).get(address);
        const headers = [...response.headers].filter(([name]) => !['date', 'x-request-id'].includes(name));
        return JSON.stringify([response.status, headers, await response.text()]);
      }),
    );
    expect([...new Set(answers)]).toHaveLength(1);
    expect(JSON.parse(answers[0] ?? '')[0]).toBe(404);
    expect(answers[0]).toContain('"noindex"');
    const events = await db.selectFrom('audit_entry').select('event').where('subject', '=', account).where('event', 'like', 'calendar.%').orderBy('seq').execute();
    expect(events.map(({ event }) => event)).toEqual(['calendar.made', 'calendar.replaced', 'calendar.removed', 'calendar.made']);
  });

  test('settings are for people who act for a supplier', async () => {
    expect((await new Visitor(server.base).get(settings)).headers.get('location')).toMatch(/^\/log-ind/);
    expect((await (await person('revision@demo.example')).get(settings)).status).toBe(403);
    expect(await (await person('leverandoer@demo.example')).text('/leverandoer')).toContain(`href="${settings}"`);
  });
});

describe('the log', () => {
  afterEach(async () => {
    await sql`alter table if exists calendar_away rename to task_calendar`.execute(db);
  });

  test('does not hold an address, however it is asked for, also when the answer fails', async () => {
    const visitor = new Visitor(server.base);
    const [token = ''] = [...tokens];
    expect(token).toHaveLength(86);
    // Every tenth sign percent-encoded, which is the same address to a server.
    const spelled = [...token].map((sign, place) => (place % 10 === 0 ? `%${sign.charCodeAt(0).toString(16)}` : sign)).join('');
    const paths = ['.ics', '', '/', '.ics/', '.ics;x', '.ICS', '.ics%20', '%2Eics'].flatMap((end) => [`/feeds/opgaver/${token}${end}`, `/feeds/opgaver/${spelled}${end}`]);
    for (const path of [
      ...paths,
      `/feeds/opgaver/(${token}.ics)`,
      `/feeds/opgaver/%20${token}.ics`,
      `/en/feeds/tasks/${token}.ics`,
      `/${token}`,
      `/feeds%2Fopgaver%2F${token}.ics`,
    ])
      for (const method of ['GET', 'HEAD', 'POST']) await visitor.request(path, { method });
    await sql`alter table task_calendar rename to calendar_away`.execute(db);
    expect((await visitor.get(`/feeds/opgaver/${token}.ics`)).status).toBe(500);
    await expect.poll(() => server.log.some(({ event, path }) => event === 'request failed' && path === '/feeds/opgaver/….ics')).toBe(true);
    await expect.poll(() => server.log.filter(({ event, path }) => event === 'request' && String(path).includes('….ics')).length).toBeGreaterThan(10);
    const log = JSON.stringify(server.log);
    const text = `${log} ${log.replace(/%([0-9a-f]{2})/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)))}`;
    // Nor a piece of one.
    for (const each of tokens) for (let from = 1; from + 20 <= each.length; from += 20) expect(text.includes(each.slice(from, from + 20))).toBe(false);
  });

  test('still says which page was asked for', () => {
    for (const path of ['/leverandoer/opgaver/0b8ff1a6-3c9b-4a53-9d2c-0f4f0e9c7a11', '/aftaler/2024-031', '/s%C3%B8g']) expect(withoutToken(path)).toBe(path);
  });
});

describe('days', () => {
  const was = process.env['TZ'];
  afterEach(() => {
    if (was === undefined) delete process.env['TZ'];
    else process.env['TZ'] = was;
  });
  const row = (due_on: string): CalendarTask => ({
    id: '0b8ff1a6-3c9b-4a53-9d2c-0f4f0e9c7a11',
    type: 'prøve',
    period: null,
    lot: null,
    state: 'open',
    due_on,
    opens_on: '2026-01-01',
    revision: 3,
    changed_at: new Date('2026-11-20T08:15:30Z'),
    supplier_id: 'a',
    supplier_name: 'Prøve; A/S, Øst',
    agreement_number: '2024-031',
    agreement_title_da: 'Æbler\nog pærer',
    agreement_title_en: '',
  });
  const types = new Map([['prøve', { task: { da: 'Send; det, nu', en: 'Send it' }, title: { da: 'Sendt', en: 'Sent' } }]]) as unknown as ObligationTypes;

  test.each(['Europe/Copenhagen', 'Pacific/Honolulu', 'Pacific/Kiritimati', 'UTC'])('are the right ones where the clock changes, on a machine in %s', (zone) => {
    process.env['TZ'] = zone;
    expect(Intl.DateTimeFormat().resolvedOptions().timeZone).toBe(zone);
    for (const day of ['2026-10-25', '2027-03-28', '2026-12-31', '2028-02-29', '2027-01-01']) {
      const text = taskCalendar([row(day)], { lang: 'da', owner: 'Kommunen', siteUrl: new URL('https://indkoeb.example'), types });
      expect(text).toContain(`\r\nDTSTART;VALUE=DATE:${day.replaceAll('-', '')}\r\n`);
      const [event] = read(text).values();
      expect([String(event?.getFirstPropertyValue('dtstart')), value(event, 'sequence'), value(event, 'dtstamp'), value(event, 'summary')]).toEqual([
        day,
        '3',
        '2026-11-20T08:15:30Z',
        'Frist: Send; det, nu (aftale 2024-031)',
      ]);
      expect(event?.hasProperty('dtend')).toBe(false);
    }
  });
});

test('a token is 512 bits, 256 of them an HMAC under a key of its own, spelt in one way', () => {
  const account = randomUUID();
  const version = randomUUID();
  const token = calendarToken(key, { account, version });
  expect(Buffer.from(token, 'base64url')).toHaveLength(64);
  expect(readCalendarToken(key, token)).toEqual({ account, version });
  for (const wrong of ['', 'x', `${token}A`, ` ${token}`, `${token}==`, token.replace(/^./, (first) => (first === 'A' ? 'B' : 'A'))])
    expect(readCalendarToken(key, wrong)).toBeNull();
  // The last sign of 64 bytes carries four bits that mean nothing.
  const last = token.at(-1) ?? '';
  const alike = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'].filter((sign) => sign !== last).map((sign) => token.slice(0, -1) + sign);
  for (const each of alike) expect(readCalendarToken(key, each)).toBeNull();
});

describe.each([
  { lang: 'da', width: 390, heading: 'Frister i din egen kalender' },
  { lang: 'en', width: 1280, heading: 'Deadlines in your own calendar' },
] as { lang: Language; width: number; heading: string }[])('the page in $lang, $width px wide', ({ lang, width, heading }) => {
  test('is usable without and with an address', async () => {
    await db
      .deleteFrom('task_calendar')
      .where('account_id', '=', await accountOf('leverandoer@demo.example'))
      .execute();
    const page = await browser.open(server.base, { viewport: { width, height: 900 } });
    const look = async (what: string): Promise<void> => {
      await expectNoAxeFindings(page, what);
      await expectNoSidewaysScroll(page, what);
      if (process.env['PICTURES']) await page.screenshot({ path: `${process.env['PICTURES']}/${lang}-${what}.png`, fullPage: true });
    };
    await logIn(page, 'leverandoer@demo.example', pathTo('logIn', lang));
    await page.goto(pathTo('tasks', lang));
    await page.click(`a[href="${pathTo('supplierSettings', lang)}"]`);
    expect(await page.textContent('h2')).toBe(heading);
    await look('none');
    await page.click('button[value=make]');
    await page.waitForURL(/gjort=lavet/);
    expect(await page.inputValue('#address')).toContain(pathTo('taskCalendar', lang, { token: '' }).replace('.ics', ''));
    await look('made');
    await page.click('button[value=replace]');
    await page.waitForURL(/gjort=ny/);
    await page.click('button[value=remove]');
    await page.waitForURL(/gjort=fjernet/);
    expect(await page.locator('#address').count()).toBe(0);
    await look('removed');
  });
});
