import { parse } from 'csv-parse/sync';
import { beforeAll, describe, expect, test } from 'vitest';
import { forecast } from '../../src/tenders/plan/forecast.ts';
import { quarterOf } from '../../src/tenders/plan/quarter.ts';
import { planRows } from '../../src/tenders/plan/queries.ts';
import { expectNoAxeFindings, expectNoSidewaysScroll, useBrowser } from '../support/browser.ts';
import { freshDatabase } from '../support/database.ts';
import { testNow, testToday } from '../support/known.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { Visitor, visibleText } from '../support/visitor.ts';
import { putTender } from './tender-rows.ts';

const browser = useBrowser();
let server: TestServer;
let visitor: Visitor;
beforeAll(async () => {
  const database = await freshDatabase();
  await putTender(
    database,
    {
      id: 'lokaler',
      title: { da: 'Reservation af lokaler', en: 'Booking of rooms' },
      expectedQuarter: '2027-Q1',
      value: { amount: '2800000', currency: 'DKK' },
    },
    { reason: 'planned' },
  );
  await putTender(database, { id: 'skolerengoering', expectedQuarter: '2027-Q2', replaces: '2023-014' }, { reason: 'planned', category: 'rengoering' });
  await putTender(database, { id: 'forsinket', expectedQuarter: '2026-Q2', title: { da: '=1+1', en: '' } }, { reason: 'planned' });
  await putTender(database, { id: 'uden-kvartal' }, { reason: 'planned' });
  await putTender(database, { id: 'opgivet', deadlineAt: '2026-09-02T11:00:00Z', replaces: '2024-052', cancelled: { on: '2026-10-01' } }, { reason: 'cancelled' });
  await database.owner.db.updateTable('agreement').set({ predecessor: '2024-018' }).where('number', '=', '2026-041').execute();
  await putTender(database, { id: 'legepladser', deadlineAt: '2026-12-10T11:00:00Z', replaces: '2023-030' });
  server = await startServer({ database, env: { WORKER: 'off' } });
  visitor = new Visitor(server.base);
});

describe('the procurement plan', () => {
  test('shows by quarter what is planned and what is estimated, with how it was computed', async () => {
    const page = await browser.open(server.base, { javaScriptEnabled: false });
    await page.goto('/udbud/plan');
    const headings = await page.locator('main h2').allTextContents();
    expect(headings.slice(0, 3)).toEqual(['Ikke annonceret endnu', '4. kvartal 2026', '1. kvartal 2027']);
    expect(headings.filter((heading) => heading.includes('kvartal'))).toHaveLength(8);
    const row = (title: string) => page.locator('.rows > li', { has: page.getByRole('link', { name: title, exact: true }) });
    const text = async (title: string): Promise<string> => visibleText(await row(title).innerHTML()).replaceAll(' .', '.');
    expect(await text('Reservation af lokaler')).toContain('Kommunen har planlagt at annoncere i 1. kvartal 2027. Planlagt Anslået værdi: 2.800.000 kr.');
    expect(await text('Hygiejneartikler og aftørringspapir')).toContain(
      'Aftalen udløber 28. februar 2027. Et udbud tager normalt 9 måneder, så annoncen kunne ventes i 2. kvartal 2026. Aftalen kan forlænges flere gange, højst til 28. februar 2029. ' +
        'Første gang skal kommunen sige til senest 30. november 2026. Forlænges den hver gang, flytter udbuddet til 2. kvartal 2028. Skøn Tidligst 2. kvartal 2026 Senest 2. kvartal 2028',
    );
    expect(await text('=1+1')).toContain('Planlagt');
    expect(await text('Udbud skolerengoering')).toContain('Det afløser aftalen 2023-014.');
    // Replaced by a tender, or by another agreement.
    for (const gone of ['Rengøring af skoler', 'Legepladser', 'Rengøring og måtter på rådhuset og i kontorer']) expect([gone, await row(gone).count()]).toEqual([gone, 0]);
    for (const link of await page.locator('.rows__title a').evaluateAll((links) => links.map((each) => each.getAttribute('href') ?? '')))
      if (link.startsWith('/aftaler')) expect([link, (await visitor.get(link)).status]).toEqual([link, 200]);
    await page.context().close();
  });

  test('is filtered by a category in the address, without script', async () => {
    const page = await browser.open(server.base, { javaScriptEnabled: false });
    await page.goto('/udbud/plan');
    await page.selectOption('#kategori', 'rengoering');
    await page.getByRole('button', { name: 'Vis', exact: true }).click();
    expect(new URL(page.url()).search).toBe('?kategori=rengoering');
    expect(await page.locator('.rows__title').allTextContents()).toEqual(['Udbud skolerengoering']);
    expect(await page.locator('#kategori').inputValue()).toBe('rengoering');
    const links = await page.locator('main a[type]').evaluateAll((all) => all.map((each) => each.getAttribute('href')));
    expect(await page.getByRole('link', { name: 'English' }).getAttribute('href')).toBe('/en/tenders/plan?kategori=rengoering');
    expect(links).toEqual(['/udbud/plan.csv?kategori=rengoering', '/feeds/udbud.ics?kategori=rengoering', '/feeds/udbud.atom?kategori=rengoering']);
    await page.goto('/udbud/plan?kategori=kontorartikler-findes-ikke');
    expect(await page.locator('.notice').textContent()).toContain('Kategorien i adressen findes ikke.');
    expect((await visitor.get('/udbud/plan?kategori=x')).status).toBe(400);
    await page.context().close();
  });

  test('can be read at every width, on paper and aloud, in both languages', async () => {
    for (const address of ['/udbud/plan', '/en/tenders/plan', '/udbud/plan?kategori=rengoering', '/udbud/plan?kategori=findes-ikke']) {
      for (const width of [320, 1280]) {
        const page = await browser.open(server.base, { viewport: { width, height: 800 } });
        await page.goto(address);
        await expectNoAxeFindings(page, `${address} ${width}`);
        await expectNoSidewaysScroll(page, `${address} ${width}`);
        await page.context().close();
      }
    }
    expect(visibleText(await visitor.text('/en/tenders/plan'))).toContain('A tender normally takes 9 months, so we expect a notice in Q');
  });

  test('is whole on paper: nothing beyond the edge of an A4 page, no row cut in two', async () => {
    const page = await browser.open(server.base, { viewport: { width: 673, height: 985 } });
    await page.goto('/udbud/plan');
    await page.emulateMedia({ media: 'print' });
    await expectNoSidewaysScroll(page, 'print');
    const beyond = await page.evaluate(
      '[...document.querySelectorAll("main *")].filter((each) => each.getBoundingClientRect().right > 674).map((each) => each.outerHTML.slice(0, 80))',
    );
    expect(beyond).toEqual([]);
    expect(await page.evaluate('[...document.querySelectorAll(".rows > li")].every((each) => getComputedStyle(each).breakInside === "avoid")')).toBe(true);
    expect(await page.locator('main form').isVisible()).toBe(false);
    const pdf = await page.pdf({ format: 'A4' });
    expect([pdf.subarray(0, 5).toString(), (pdf.toString('latin1').match(/\/Type \/Page\b/g) ?? []).length > 1]).toEqual(['%PDF-', true]);
    await page.context().close();
  });

  test('takes two queries', async () => {
    const fresh = await startServer({ database: server.database, env: { WORKER: 'off' } });
    await new Visitor(fresh.base).get('/udbud/plan');
    await expect.poll(() => fresh.log.find(({ path }) => path === '/udbud/plan')?.['queries']).toBe(2);
  });
});

describe('the plan as a table', () => {
  const table = async (address: string): Promise<Record<string, string>[]> => {
    const response = await visitor.get(address);
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/csv; charset=utf-8']);
    return parse(Buffer.from(await response.arrayBuffer()), { bom: true, delimiter: ';', columns: true }) as Record<string, string>[];
  };

  test('has the rows of the page in its order, and no formula', async () => {
    const page = await browser.open(server.base);
    for (const address of ['/udbud/plan', '/udbud/plan?kategori=rengoering']) {
      await page.goto(address);
      const titles = await page.locator('.rows__title').allTextContents();
      const rows = await table(address.replace('plan', 'plan.csv'));
      expect(rows.map(({ Titel }) => Titel?.replace(/^'/, ''))).toEqual(titles);
    }
    await page.context().close();
    const rows = await table('/udbud/plan.csv');
    expect(rows.find(({ Udbud }) => Udbud === 'forsinket')).toMatchObject({ Titel: "'=1+1", Gruppe: 'Ikke annonceret endnu', Kvartal: '2026-Q2', Slags: 'Planlagt' });
    expect(rows.find(({ Aftale }) => Aftale === '2024-031')).toMatchObject({
      Kvartal: '2026-Q2',
      'Senest i kvartal': '2028-Q2',
      Slags: 'Skøn',
      'Aftalen udløber': '2027-02-28',
      'Forlænges senest': '2026-11-30',
      'Kan forlænges til': '2029-02-28',
      'Måneder til udbud': '9',
      'Anslået værdi i kr.': '4500000',
      Adresse: `${server.base}/aftaler/2024-031`,
    });
  });

  test('has English headings in English', async () => {
    const [first] = await table('/en/tenders/plan.csv');
    expect(Object.keys(first ?? {}).slice(0, 5)).toEqual(['Group', 'Quarter', 'Latest quarter', 'Type', 'Title']);
    expect(first?.['Address']).toContain('/en/');
  });
});

describe('the rows of the plan', () => {
  test('what the query leaves out, the rule would leave out too', async () => {
    const { db } = server.database.owner;
    // The first day of a quarter belongs to one quarter only.
    for (const table of ['agreement', 'register_entry'] as const) await db.updateTable(table).set({ ends_on: '2027-07-01' }).where('number', '=', '2024-060').execute();
    const all = await db.selectFrom('agreement as a').selectAll('a').where('a.withdrawn_at', 'is', null).execute();
    const options = await db.selectFrom('agreement_option').selectAll().execute();
    const everything = all.map((row) => ({
      ...row,
      value_ore: row.estimated_value_ore,
      options: options.filter(({ agreement_id }) => agreement_id === row.id),
      succeeded: all.some(({ predecessor }) => predecessor === row.number),
    }));
    const tenders = await db.selectFrom('tender').selectAll().execute();
    for (const today of [testToday, '2027-06-30', '2028-02-29', '2030-01-01']) {
      const now = { today, at: testNow };
      const chosen = await planRows(db, today);
      const shown = (plan: ReturnType<typeof forecast>): unknown[] =>
        [plan.waiting, ...plan.quarters.map(({ entries }) => entries), plan.undated].map((entries) =>
          entries.map((entry) => [entry.kind, entry.quarter, entry.kind === 'plan' ? entry.tender.id : entry.agreement.number]),
        );
      expect([today, shown(forecast(chosen.agreements, chosen.tenders, now))]).toEqual([today, shown(forecast(everything, tenders, now))]);
    }
  });

  test('are at most so many of each quarter, and it is said when there are more', async () => {
    const { db } = server.database.owner;
    // Two in one quarter.
    for (const table of ['agreement', 'register_entry'] as const) await db.updateTable(table).set({ ends_on: '2027-10-15' }).where('number', '=', '2024-060').execute();
    const whole = await planRows(db, testToday);
    const few = await planRows(db, testToday, null, 1);
    const quarters = new Set(whole.agreements.map(({ ends_on }) => quarterOf(ends_on)));
    expect([whole.more, few.more, few.agreements.map(({ ends_on }) => quarterOf(ends_on))]).toEqual([false, true, [...quarters]]);
    expect(quarters.size).toBeLessThan(whole.agreements.length);
    const { agreements, tenders, more } = await planRows(db, testToday, 'rengoering');
    expect([agreements.length, tenders.length, more]).toEqual([0, 1, false]);
  });
});
