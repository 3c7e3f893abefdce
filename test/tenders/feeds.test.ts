import { parseAtomFeed } from 'feedsmith';
import ICAL from 'ical.js';
import { beforeAll, describe, expect, test } from 'vitest';
import { problemSchema } from '../../src/opendata/lists/schemas.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { Visitor } from '../support/visitor.ts';
import { putTender } from './tender-rows.ts';

let server: TestServer;
let visitor: Visitor;
beforeAll(async () => {
  server = await startServer({ env: { WORKER: 'off' } });
  visitor = new Visitor(server.base);
  // Nothing but what is put in here.
  for (const table of ['tender_version', 'tender'] as const) await server.database.owner.db.deleteFrom(table).execute();
  const changes = [
    { label: { da: 'Frist', en: 'Deadline' }, before: { da: '1. december 2026', en: '1 December 2026' }, after: { da: '8. december 2026', en: '8 December 2026' } },
    { label: { da: 'Dokumenter', en: '' }, before: { da: '', en: '' }, after: { da: 'Bilag <2> & 3', en: '' } },
  ];
  const cleaning = { id: 'kontorrengoering', title: { da: 'Rengøring af <kontorer> & "haller"', en: 'Cleaning' }, summary: { da: 'Hver dag.', en: '' } };
  const category = 'rengoering';
  await putTender(server.database, { ...cleaning, deadlineAt: '2026-12-01T11:00:00Z' }, { at: new Date('2026-11-20T08:15:30.250Z'), category });
  await putTender(
    server.database,
    { ...cleaning, deadlineAt: '2026-12-08T11:00:00Z' },
    { at: new Date('2026-11-21T23:30:00Z'), reason: 'changed', note: 'Vi giver mere tid.', changes, category },
  );
  await putTender(server.database, { id: 'kaffe', expectedQuarter: '2027-Q1' }, { at: new Date('2026-11-22T09:00:00Z'), reason: 'planned' });
});

const atom = async (address: string) => {
  const response = await visitor.get(address);
  expect([response.status, response.headers.get('content-type'), response.headers.get('cache-control')]).toEqual([
    200,
    'application/atom+xml; charset=utf-8',
    'public, max-age=300',
  ]);
  return parseAtomFeed(await response.text());
};
const ics = async (address: string): Promise<ICAL.Component> => {
  const response = await visitor.get(address);
  expect([response.status, response.headers.get('content-type'), response.headers.get('cache-control')]).toEqual([200, 'text/calendar; charset=utf-8', 'public, max-age=300']);
  return new ICAL.Component(ICAL.parse(await response.text()));
};
const property = (component: ICAL.Component | undefined, name: string): string => String(component?.getFirstPropertyValue(name));

describe('the Atom feed of tenders', () => {
  test('has an entry for each publication, newest first, with its instant and what changed in words', async () => {
    const feed = await atom('/feeds/udbud.atom');
    expect(feed.entries?.map(({ id, updated, title }) => [id, updated, title?.value])).toEqual([
      ['tag:localhost,2026:tender/kaffe/1', '2026-11-22T09:00:00.000Z', 'På vej: Udbud kaffe'],
      ['tag:localhost,2026:tender/kontorrengoering/2', '2026-11-21T23:30:00.000Z', 'Ændret: Rengøring af <kontorer> & "haller"'],
      ['tag:localhost,2026:tender/kontorrengoering/1', '2026-11-20T08:15:30.250Z', 'Nyt udbud: Rengøring af <kontorer> & "haller"'],
    ]);
    expect(feed.updated).toBe('2026-11-22T09:00:00.000Z');
    expect(feed.entries?.[1]?.summary?.value).toBe('Vi giver mere tid. Frist: før 1. december 2026, nu 8. december 2026. Dokumenter: Bilag <2> & 3 (nyt).');
    expect(feed.entries?.[2]?.summary?.value).toBe('Hver dag.');
    expect(feed.entries?.[1]?.links?.[0]?.href).toBe(`${server.base}/udbud/kontorrengoering`);
    expect(feed.links?.map(({ rel, href }) => [rel, href])).toEqual([
      ['self', `${server.base}/feeds/udbud.atom`],
      [undefined, `${server.base}/udbud`],
    ]);
  });

  test('is in English too, with Danish where nobody has translated', async () => {
    const feed = await atom('/en/feeds/tenders.atom');
    expect(feed.entries?.[1]?.title?.value).toBe('Changed: Cleaning');
    expect(feed.entries?.[1]?.summary?.value).toBe('Vi giver mere tid. Deadline: was 1 December 2026, now 8 December 2026. Dokumenter: Bilag <2> & 3 (new).');
    expect(feed.entries?.[1]?.links?.[0]?.href).toBe(`${server.base}/en/tenders/kontorrengoering`);
  });

  test('keeps to one category, and says so in its name and address', async () => {
    const feed = await atom('/feeds/udbud.atom?kategori=rengoering');
    expect([feed.entries?.length, feed.title?.value, feed.links?.[0]?.href]).toEqual([
      2,
      'Høje-Taastrup Kommune: Udbud (Rengøring)',
      `${server.base}/feeds/udbud.atom?kategori=rengoering`,
    ]);
    expect((await atom('/feeds/udbud.atom?kategori=hygiejneartikler')).entries ?? []).toEqual([]);
  });

  test('the feed of news tells days by their beginning in Denmark, that of agreements the moment', async () => {
    const [news, agreements] = await Promise.all(['/feeds/nyt.atom', '/feeds/aftaler.atom'].map(atom));
    expect(news?.entries?.length).toBeGreaterThan(0);
    for (const { updated } of news?.entries ?? []) expect(updated).toMatch(/^\d{4}-\d\d-\d\dT00:00:00\+0[12]:00$/);
    for (const { updated } of agreements?.entries ?? []) expect(updated).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  });
});

describe('the calendar of tenders', () => {
  test('changes an event by the same UID with a higher number', async () => {
    const one = async () => (await ics('/feeds/udbud.ics?udbud=kontorrengoering')).getAllSubcomponents('vevent');
    const before = await one();
    await putTender(
      server.database,
      { id: 'kontorrengoering', title: { da: 'Kontorer', en: 'Offices' }, deadlineAt: '2026-12-15T11:00:00Z' },
      { at: new Date('2026-11-23T08:00:00Z'), category: 'rengoering' },
    );
    const after = await one();
    expect([before, after].map((events) => events.map((event) => ['uid', 'sequence', 'last-modified', 'dtstart'].map((name) => property(event, name))))).toEqual([
      [['deadline.kontorrengoering@localhost', '2', '2026-11-21T23:30:00Z', '2026-12-08T11:00:00Z']],
      [['deadline.kontorrengoering@localhost', '3', '2026-11-23T08:00:00Z', '2026-12-15T11:00:00Z']],
    ]);
  });

  test('is there in both languages, for all, for one category and for one tender', async () => {
    const summaries = async (address: string): Promise<string[]> => (await ics(address)).getAllSubcomponents('vevent').map((event) => property(event, 'summary'));
    expect((await summaries('/feeds/udbud.ics')).sort()).toEqual(['Forventet i 1. kvartal 2027: Udbud kaffe', 'Frist: Kontorer']);
    expect(await summaries('/en/feeds/tenders.ics?kategori=rengoering')).toEqual(['Deadline: Offices']);
    expect(await summaries('/feeds/udbud.ics?udbud=kaffe')).toEqual(['Forventet i 1. kvartal 2027: Udbud kaffe']);
    expect(property(await ics('/feeds/udbud.ics?udbud=kaffe'), 'name')).toBe('Høje-Taastrup Kommune: Udbud: Udbud kaffe');
  });
});

describe('what an address asks for and is not there', () => {
  test.each([
    ['/feeds/udbud.atom?kategori=findes-ikke', 400, 'unknown-category'],
    ['/en/feeds/tenders.ics?kategori=findes-ikke', 400, 'unknown-category'],
    ['/udbud/plan.csv?kategori=%00', 400, 'unknown-category'],
    ['/feeds/udbud.ics?udbud=findes-ikke', 404, 'unknown-tender'],
    ['/feeds/udbud.ics?udbud=%00', 404, 'unknown-tender'],
  ])('%s is refused with %i in both languages', async (address, status, code) => {
    const response = await visitor.get(address);
    expect([response.status, response.headers.get('content-type')]).toEqual([status, 'application/problem+json']);
    expect(problemSchema.parse(await response.json()).errors[0]).toMatchObject({ code });
    expect((await visitor.post(address, {})).status).toBe(405);
  });
});
