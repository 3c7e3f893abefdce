import fs from 'node:fs';
import path from 'node:path';
import type { Page } from 'playwright';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Language } from '../../src/i18n/language.ts';
import { pathTo } from '../../src/i18n/routes.ts';
import { expectNoAxeFindings, expectNoSidewaysScroll, logIn, useBrowser } from '../support/browser.ts';
import { freshDatabase } from '../support/database.ts';
import { obligationOf } from '../support/obligations.ts';
import { startServer, type TestServer } from '../support/server.ts';

/**
 * The whole main job: a citizen reads a goal and the agreement that carries it; the supplier documents it and gets a
 * receipt; the case officer accepts; the citizen sees it.
 */
const browser = useBrowser();
let server: TestServer;
beforeAll(async () => {
  server = await startServer({ database: await freshDatabase() });
});

const words = {
  da: {
    notYet: 'Ikke indsendt endnu',
    received: 'Vi har modtaget det, du sendte',
    checked: 'Kontrolleret, men ikke virusscannet',
    documented: 'Dokumenteret',
    error: 'Fejl: ',
    accept: 'Godkend',
    saved: 'Afgørelsen er gemt',
    due: 'Frist ikke nået',
    draft: 'Kladden er gemt',
  },
  en: {
    notYet: 'Not filed yet',
    received: 'We have received what you sent',
    checked: 'Checked, but not scanned for viruses',
    documented: 'Documented',
    error: 'Error: ',
    accept: 'Accept',
    saved: 'The decision has been saved',
    due: 'Not due yet',
    draft: 'The draft has been saved',
  },
};

describe.each([
  { lang: 'da', script: false, type: 'miljoemaerke-andel', width: 390 },
  { lang: 'en', script: true, type: 'miljoemaerke-andel', width: 1280 },
  { lang: 'da', script: true, type: 'miljoemaerke-andel', width: 320 },
  { lang: 'en', script: false, type: 'drifts-kpi', width: 1280 },
] as { lang: Language; script: boolean; type: string; width: number }[])('in $lang, script $script, $width px wide', ({ lang, script, type, width }) => {
  test('from goal to documented result', async () => {
    const w = words[lang];
    const options = { javaScriptEnabled: script, viewport: { width, height: 900 } };
    const citizen = await browser.open(server.base, options);
    const supplier = await browser.open(server.base, options);
    const officer = await browser.open(server.base, options);
    const look = async (page: Page, what: string): Promise<void> => {
      if (!script) return;
      await expectNoAxeFindings(page, what);
      await expectNoSidewaysScroll(page, what);
    };
    const obligation = await obligationOf(server.database, '90000004', 'open', type).catch(() => obligationOf(server.database, '90000004', 'returned', type));

    // The citizen: from the focus area two clicks to the agreement.
    await citizen.goto(pathTo('strategy', lang));
    await look(citizen, 'strategy');
    await citizen.click('main .card h3 a');
    await look(citizen, 'chapter');
    await citizen.locator('.card__end a').first().click();
    expect(citizen.url()).toContain(pathTo('requirements', lang));
    await look(citizen, 'requirement');
    await citizen.goto(pathTo('requirement', lang, { id: obligation.requirement_id }));
    await citizen.click(`main a[href="${pathTo('agreement', lang, { number: obligation.agreement })}"]`);
    const row = citizen.locator('#krav tr', { has: citizen.locator(`a[href="${pathTo('requirement', lang, { id: obligation.requirement_id })}"]`) });
    const standing = (): Promise<string[]> => row.locator('.tag').allTextContents();
    expect(await standing()).not.toContain(w.documented);
    await look(citizen, 'agreement');

    // The supplier: log in, save a draft, meet an error, file, receipt.
    await logIn(supplier, 'leverandoer@demo.example', pathTo('logIn', lang));
    await look(supplier, 'tasks');
    await supplier.click(`a[href="${pathTo('task', lang, { id: obligation.id })}"]`);
    expect(await supplier.textContent('main')).toContain(w.notYet);
    await look(supplier, 'task');
    await supplier.locator('main input[data-short]').first().fill('');
    await supplier.click('button[value="file"]:not(.visually-hidden)');
    expect(await supplier.title()).toContain(w.error);
    await look(supplier, 'task with errors');
    for (const input of await supplier.locator('main input[data-short]').all()) await input.fill('12');
    const file = { name: 'miljømærker æøå.csv', mimeType: 'text/csv', buffer: Buffer.from('vare;mærke\nsæbe;Svanemærket\n') };
    await supplier.setInputFiles('#files', file);
    await supplier.click('button.button--quiet[value="save"]');
    // Where there is a script, the form goes on by itself when the file has been sent.
    await supplier.locator('main', { hasText: w.draft }).waitFor();
    expect(await supplier.textContent('main')).toContain('miljømærker æøå.csv');
    await look(supplier, 'task with draft');
    await supplier.click('button[value="file"]:not(.visually-hidden)');
    expect(await supplier.textContent('h1')).toBe(w.received);
    const receipt = await supplier.textContent('main');
    expect(receipt).toContain('HTK-2026-');
    expect(receipt).toMatch(/[0-9a-f]{64}/);
    await look(supplier, 'receipt');
    // The file can be fetched once it has been checked, which the page says.
    await expect
      .poll(
        async () => {
          await supplier.reload();
          return supplier.textContent('.file-list');
        },
        { timeout: 30_000 },
      )
      .toContain(w.checked);
    const download = await supplier.request.get((await supplier.getAttribute('.file-list a', 'href')) ?? '');
    expect([download.status(), await download.text()]).toEqual([200, file.buffer.toString()]);
    expect(download.headers()).toMatchObject({ 'x-content-type-options': 'nosniff', 'content-security-policy': expect.stringContaining('sandbox'), 'cache-control': 'no-store' });

    // The receipt comes by mail.
    const number = /HTK-2026-\d{6}/.exec(receipt ?? '')?.[0] ?? '';
    const mails = path.join(server.dataDir, 'mail');
    await expect
      .poll(
        () => (fs.existsSync(mails) ? fs.readdirSync(mails).some((name) => name.endsWith('.eml') && fs.readFileSync(path.join(mails, name), 'utf8').includes(number)) : false),
        { timeout: 15_000 },
      )
      .toBe(true);

    // The case officer: the queue, the case, the file, accept.
    await logIn(officer, 'sagsbehandler@demo.example', pathTo('logIn', lang));
    await look(officer, 'queue');
    await officer.click(`a[href="${pathTo('case', lang, { id: obligation.id })}"]`);
    expect(await officer.textContent('main')).toContain(number);
    await look(officer, 'case');
    await officer.click('main form button');
    expect(await officer.title()).toContain(w.error);
    await look(officer, 'case with errors');
    await officer.check('#decision-accepted');
    await officer.click('main form button');
    expect(await officer.textContent('main')).toContain(w.saved);
    await look(officer, 'decided case');

    // The citizen reads the same page again.
    await citizen.reload();
    expect(await standing()).toContain(w.documented);
    for (const page of [citizen, supplier, officer]) await page.context().close();
  });
});

test('no page of the story tried to run or load anything that its policy forbids', async () => {
  const page = await browser.open(server.base);
  const complaints: string[] = [];
  page.on('console', (message) => complaints.push(message.text()));
  page.on('requestfailed', (request) => complaints.push(request.url()));
  const foreign: string[] = [];
  page.on('request', (request) => {
    if (!request.url().startsWith(server.base) && !request.url().startsWith('data:')) foreign.push(request.url());
  });
  for (const address of ['/', '/strategi', '/krav', '/aftaler', '/udbud', '/log-ind', '/en']) await page.goto(address);
  expect({ complaints, foreign }).toEqual({ complaints: [], foreign: [] });
});

test('the keyboard alone is enough to log in and file', async () => {
  const page = await browser.open(server.base);
  const obligation = await obligationOf(server.database, '90000004', 'open', 'co2-leverance');
  await page.goto('/log-ind');
  await page.keyboard.press('Tab');
  expect(await page.evaluate('document.activeElement.textContent')).toBe('Gå til indholdet');
  await page.keyboard.press('Enter');
  await page.keyboard.press('Tab');
  await page.keyboard.type('leverandoer@demo.example');
  await page.keyboard.press('Tab');
  await page.keyboard.type('prøve-adgang-2026');
  await page.keyboard.press('Enter');
  await page.waitForURL('**/leverandoer');
  await page.goto(`/leverandoer/opgaver/${obligation.id}`);
  await page.locator('#answer-scope1').focus();
  const seen: string[] = [];
  for (let step = 0; step < 30; step += 1) {
    const id = (await page.evaluate('document.activeElement.id || document.activeElement.value')) as string;
    seen.push(id);
    if (id === 'file') break;
    if ((await page.evaluate('document.activeElement.tagName')) === 'SELECT') await page.keyboard.press('ArrowDown');
    else if (id.startsWith('answer-')) await page.keyboard.type('5');
    await page.keyboard.press('Tab');
  }
  expect(seen.at(-1)).toBe('file');
  await page.keyboard.press('Enter');
  await page.waitForURL('**/kvitteringer/**');
});
