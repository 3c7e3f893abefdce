import { beforeAll, describe, expect, test } from 'vitest';
import { writeCursor } from '../../src/platform/asking/cursor.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { Visitor, visibleText } from '../support/visitor.ts';

let server: TestServer;
let visitor: Visitor;
let officer: Visitor;
beforeAll(async () => {
  server = await startServer({ env: { WORKER: 'off' } });
  visitor = new Visitor(server.base);
  officer = new Visitor(server.base);
  await officer.logIn('sagsbehandler@demo.example');
});
const errors = () => server.log.filter((line) => line['level'] === 'error');

describe('a cursor that somebody made up', () => {
  const id = '00000000-0000-4000-8000-000000000000';
  test.each([
    ['a word for a date', 'ends', 'banana'],
    ['a day that no calendar has', 'ends', '2026-13-45'],
    ['a year that PostgreSQL has not', 'ends', '0000-01-01'],
    ['a word for a place', 'best', 'x'],
    ['a place beyond all numbers', 'best', '9'.repeat(30)],
    ['NUL in a title', 'title', 'a\0'],
    ['half a sign in a title', 'title', 'a\ud800'],
    ['a title without end', 'title', 'a'.repeat(2_001)],
    ['NUL in a number', 'number', '2024\0'],
    ['a number without end', 'number', '2'.repeat(61)],
    ['no text at all', 'number', 7],
  ])('in the register, %s, is a fault that the page names', async (_what, sort, value) => {
    const response = await visitor.get(`/aftaler?q=aftale&sort=${sort}&cursor=${writeCursor({ sort, value, id })}`);
    expect([response.status, visibleText(await response.text()).includes('Noget i adressen kunne ikke bruges')]).toEqual([400, true]);
    expect(errors()).toEqual([]);
  });

  test('in the register it may hold what stands in a title of ours, and is for the order that the page has', async () => {
    const at = async (asked: string, sort: string, value: string) => (await visitor.get(`/aftaler?${asked}&cursor=${writeCursor({ sort, value, id })}`)).status;
    expect(await at('sort=title', 'title', 'Papir\u000b\nog pap\u0002')).toBe(200);
    expect(await at('sort=ends', 'ends', '2028-02-29')).toBe(200);
    expect(await at('q=aftale', 'best', '7')).toBe(200);
    // Where no word was asked for, the best order is that of titles.
    expect([await at('q=!!', 'best', '7'), await at('q=!!', 'title', 'Papir'), await at('sort=best', 'best', '7')]).toEqual([400, 200, 400]);
    expect(errors()).toEqual([]);
  });

  test.each([
    ['NUL in an id', [0, 0, 'a\0']],
    ['an id without end', [0, 0, 'a'.repeat(121)]],
    ['a phase that there is not', [9, 0, 'a']],
    ['a word for a place', [0, 'x', 'a']],
  ])('among tenders, %s, is a fault that the page names', async (_what, cursor) => {
    expect((await visitor.get(`/udbud?cursor=${writeCursor(cursor)}`)).status).toBe(400);
    expect(errors()).toEqual([]);
  });

  test('a place that the column can hold is none, however large it is', async () => {
    for (const place of [1e308, -1e308, 1e-300]) expect((await visitor.get(`/udbud?cursor=${writeCursor([0, place, 'a'])}`)).status).toBe(200);
  });
});

describe('a control character in what is asked for', () => {
  const encoded = ['%00', '%01', '%08', '%0b', '%1F', '%7f'];
  test.each([
    ['/feeds/aftaler.atom?aftale=', 404],
    ['/en/feeds/agreements.atom?aftale=', 404],
    ['/feeds/udbud.atom?kategori=', 400],
    ['/feeds/udbud.ics?udbud=', 404],
    ['/api/v1/agreements.json?limit=', 400],
    ['/api/v1/agreements.json?cursor=', 400],
    ['/api/v1/ocds/releases?cursor=', 400],
    ['/revision/kontrolpunkter.json?under=', 400],
    ['/sitemap.xml?aftaler=', 404],
    ['/aftaler?q=', 200],
    ['/aftaler?category=', 400],
    ['/find-aftale?q=', 200],
    ['/soeg?q=', 200],
    ['/abonner?aftale=', 200],
    ['/tjek-fil?agreement=', 200],
  ])('%s is answered with %i, as any slip there is', async (address, status) => {
    for (const each of encoded) expect([each, (await visitor.get(address + each)).status]).toEqual([each, status]);
    expect(errors()).toEqual([]);
  });

  test.each([
    ['/forvaltning/aftaler?q=', 200],
    ['/forvaltning/udbud?q=', 200],
    ['/forvaltning/aftaler/ny?udbud=', 200],
    ['/forvaltning/tal?tal=', 404],
  ])('%s is answered for staff with %i', async (address, status) => {
    for (const each of encoded) expect([each, (await officer.get(address + each)).status]).toEqual([each, status]);
    expect(errors()).toEqual([]);
  });

  test('stands between words as a space does, where a text was pasted', async () => {
    const found = async (question: string) => [...(await visitor.text(`/aftaler?q=${question}`)).matchAll(/href="\/aftaler\/(\d{4}-\d{3})"/g)].map((each) => each[1]);
    expect((await found('Klarvand+hygiejne'))[0]).toBe('2024-031');
    expect(await found('Klarvand%02%0Dhygiejne')).toEqual(await found('Klarvand+hygiejne'));
    expect(visibleText(await officer.text('/forvaltning/aftaler?q=2024-031%00'))).toContain('2024-031');
  });
});
