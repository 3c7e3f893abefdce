import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { Page } from 'playwright';
import { beforeAll, describe, expect, test } from 'vitest';
import { xlsxStream } from '../../src/spreadsheet/write.ts';
import { expectNoAxeFindings, expectNoSidewaysScroll, logIn, useBrowser } from '../support/browser.ts';
import { atEnd } from '../support/clean-up.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { Visitor, visibleText } from '../support/visitor.ts';

/** The municipality's own lists come in, are found, go out and come in again; staff write, compare, publish and withdraw. */
const browser = useBrowser();
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'portal-lists-'));
let server: TestServer;
beforeAll(async () => {
  server = await startServer();
  atEnd(() => fs.rmSync(folder, { recursive: true, force: true }));
});
const asFile = (name: string, content: string | Buffer): string => {
  const file = path.join(folder, name);
  fs.writeFileSync(file, content);
  return file;
};
const lists = {
  'semikolon.csv':
    'Aftalenr;Titel;Leverandør;CVR-nr.;Startdato;Slutdato;CPV;Værdi\r\n2026-601;Elcykler til hjemmeplejen;Klarvand Engros A/S;90000004;01-02-2026;31-01-2028;34430000;1.250.000,00\r\n2026-602;Forkert;Nogen;90000005;01-02-2026;31-01-2028;;\r\n',
  'komma.csv':
    '\ufeffKontraktoversigt 2026,,,,\r\nKontraktnummer,Navn,Firma,CVR,Gyldig fra,Udløbsdato,Kategori\r\n2026-611,"Kaffe, te og kakao",Gulerod og Grød Fødevarer A/S,DK 90 00 68 51,2026-01-01,2027-12-31,Fødevarer\r\nI alt,1,,,,,\r\n',
};

async function bringIn(page: Page, file: string, lang: 'da' | 'en' = 'da'): Promise<void> {
  await page.goto(lang === 'da' ? '/forvaltning/aftaler/indlaes' : '/en/administration/agreements/import');
  await page.setInputFiles('#liste', file);
  await page.click('main form button');
  await page.waitForURL(/[0-9a-f]{64}/);
}

describe('the register, brought in from lists', () => {
  test.each([320, 1280])('three layouts come in, every fault named, and are found by a misspelt everyday word (%i px)', async (width) => {
    const page = await browser.open(server.base, { viewport: { width, height: 900 } });
    await logIn(page, 'redaktoer@demo.example');
    expect(new URL(page.url()).pathname).toBe('/forvaltning/aftaler');
    await bringIn(page, asFile('semikolon.csv', lists['semikolon.csv']));
    await expectNoAxeFindings(page, 'preview');
    await expectNoSidewaysScroll(page, 'preview');
    const text = (await page.locator('main').textContent()) ?? '';
    expect(text).toContain('1 linje har fejl og kommer ikke med.');
    expect(text).toMatch(/3\s*D »CVR-nr\.«CVR-nummeret passer ikke med sit kontrolciffer\. Se efter tastefejl\./);
    await page.getByRole('button', { name: 'Hent 1 aftale ind' }).click();
    await page.getByText('Listen er hentet ind:').waitFor();
    await expectNoAxeFindings(page, 'register');
    await bringIn(page, asFile('komma.csv', lists['komma.csv']));
    await page.getByRole('button', { name: 'Hent 1 aftale ind' }).click();
    await page.getByText('Listen er hentet ind:').waitFor();
    const workbook = xlsxStream(
      ['Nr', 'Aftalenavn', 'Leverandør', 'CVR', 'Start', 'Slut'],
      [['2026-621', 'Plæneklippere og havetraktorer', 'Muldvarpen Vej og Anlæg A/S', '90005480', new Date('2026-04-01'), new Date('2028-03-31')]],
      { sheet: 'Aftaler' },
    );
    await bringIn(page, asFile('bog.xlsx', Buffer.from(await new Response(workbook as BodyInit).arrayBuffer())));
    await page.getByRole('button', { name: 'Hent 1 aftale ind' }).click();
    await page.getByText('Listen er hentet ind:').waitFor();

    for (const [word, title] of [
      ['elcykkler', 'Elcykler til hjemmeplejen'],
      ['kakkao', 'Kaffe, te og kakao'],
      ['plæneklipere', 'Plæneklippere og havetraktorer'],
    ] as const) {
      await page.goto(`/find-aftale?q=${encodeURIComponent(word)}`);
      expect([word, await page.locator('main h2').first().textContent()]).toEqual([word, title]);
      await expectNoAxeFindings(page, `find ${word}`);
    }
    await page.context().close();
  });

  test('is printed with its agreements and without its filters', async () => {
    const page = await browser.open(server.base);
    await page.emulateMedia({ media: 'print' });
    await page.goto('/aftaler');
    expect(await page.locator('.rows > li').first().isVisible()).toBe(true);
    expect(await page.locator('.register__filters, .register input').filter({ visible: true }).count()).toBe(0);
    await page.context().close();
  });

  test('a preview that has much to say can be read on a small screen and by everybody', async () => {
    const page = await browser.open(server.base, { viewport: { width: 320, height: 900 } });
    await logIn(page, 'redaktoer@demo.example');
    await bringIn(page, asFile('meget.csv', 'Aftalenr;Hvad;Leverandør;CVR;Start;Slut\n2026-601;Cykler;Klarvand Engros A/S;90000005;;\n2026-641;Ny;Nogen;90000004;;\n'));
    await page.locator('#acceptCvr').check();
    await page.getByRole('button', { name: 'Se listen igen' }).click();
    await page.getByRole('button', { name: 'Hent 1 aftale ind' }).click();
    await page.locator('#note-fault').waitFor();
    expect(await page.title()).toMatch(/^Fejl: /);
    await expectNoAxeFindings(page, 'preview with faults');
    await expectNoSidewaysScroll(page, 'preview with faults');
    await page.context().close();
  });

  test('what goes out as CSV and XLSX comes in again as the same register', async () => {
    const page = await browser.open(server.base);
    await logIn(page, 'kontrakt@demo.example');
    for (const format of ['csv', 'xlsx']) {
      const response = await new Visitor(server.base).get(`/api/v1/agreements.${format}`);
      expect(response.status).toBe(200);
      await bringIn(page, asFile(`register.${format}`, Buffer.from(await response.arrayBuffer())));
      const summary = await page.locator('.notice').first().textContent();
      const [, all, created, changed, unchanged] = /(\d+) aftaler kan hentes ind: (\d+) nye?, (\d+) ændret, (\d+) som før/.exec(summary ?? '') ?? [];
      expect([format, created, changed, unchanged === all, Number(all) > 15, summary?.includes('Ingen linjer har fejl')]).toEqual([format, '0', '0', true, true, true]);
    }
  });

  test('a whole list is undone after a question in words', async () => {
    const page = await browser.open(server.base);
    await logIn(page, 'redaktoer@demo.example');
    await bringIn(page, asFile('fortryd.csv', 'Aftalenr;Titel;Leverandør;CVR;Start;Slut\n2026-631;Midlertidig;Klarvand Engros A/S;90000004;1-1-2026;31-12-2026\n'));
    await page.getByRole('button', { name: 'Hent 1 aftale ind' }).click();
    expect((await new Visitor(server.base).get('/aftaler/2026-631')).status).toBe(200);
    await page.locator('details:has-text("Fortryd hele listen") summary').first().click();
    await page.getByRole('button', { name: 'Ja, fjern det' }).first().click();
    await page.getByText('1 aftaler er, som de var før listen.').waitFor();
    expect((await new Visitor(server.base).get('/aftaler/2026-631')).status).toBe(410);
  });

  test.each([
    ['liste.pdf', '%PDF-1.7', 'Filen skal være .xlsx eller .csv'],
    ['liste.xlsx', 'PK\u0003\u0004 nonsense', 'Filen er beskadiget'],
    ['liste.csv', '', 'Filen er tom'],
  ])('%s that is no list is refused in words', async (name, content, words) => {
    const visitor = new Visitor(server.base);
    await visitor.logIn('redaktoer@demo.example');
    const form = new FormData();
    form.set('liste', new File([content], name));
    let response = await visitor.post('/forvaltning/aftaler/indlaes', form);
    if (response.status === 303) response = await visitor.get(response.headers.get('location') ?? '');
    expect([response.status, visibleText(await response.text()).includes(words)]).toEqual([400, true]);
  });
});

describe('an agreement, written by staff', () => {
  test('is saved as a draft, compared, published with a reason, changed by one at a time, and withdrawn', async () => {
    const page = await browser.open(server.base);
    await logIn(page, 'redaktoer@demo.example');
    await page.goto('/forvaltning/aftaler/ny');
    await expectNoAxeFindings(page, 'new');
    await page.getByRole('button', { name: 'Gem kladde' }).click();
    expect(await page.title()).toMatch(/^Fejl: /);
    await expectNoAxeFindings(page, 'new with faults');
    await page.fill('#number', '2026-701');
    await page.fill('#titleDa', 'Sandkasser og legesand');
    await page.selectOption('#kind', 'framework');
    await page.selectOption('#kindOfContract', 'supplies');
    await page.selectOption('#procedure', 'open');
    await page.fill('#startsOn', '1-4-2026');
    await page.fill('#endsOn', '31. marts 2028');
    await page.fill('#suppliers', '90000004; Klarvand Engros A/S; Køge');
    await page.fill('#value', '1.234');
    await page.getByRole('button', { name: 'Gem kladde' }).click();
    expect(await page.locator('#value-fault').textContent()).toContain('kan betyde tusinder eller en brøkdel');
    expect(await page.inputValue('#suppliers')).toBe('90000004; Klarvand Engros A/S; Køge');
    await page.fill('#value', '1234000');
    await page.getByRole('button', { name: 'Gem kladde' }).click();
    await page.getByText('Kladden er gemt').waitFor();
    const visitor = new Visitor(server.base);
    expect((await visitor.get('/aftaler/2026-701')).status).toBe(404);
    await page.getByRole('button', { name: 'Udgiv' }).click();
    await page.getByText('Aftalen er offentliggjort').waitFor();
    expect(visibleText(await visitor.text('/aftaler/2026-701'))).toContain('Sandkasser og legesand');

    const colleague = await browser.open(server.base);
    await logIn(colleague, 'kontrakt@demo.example');
    await colleague.goto('/forvaltning/aftaler/2026-701');
    await page.goto('/forvaltning/aftaler/2026-701');
    await page.fill('#titleDa', 'Sandkasser');
    await page.getByRole('button', { name: 'Gem kladde' }).click();
    await expectNoAxeFindings(page, 'draft with differences');
    expect(await page.locator('.panel del').first().textContent()).toBe('fjernet:  og legesand');
    await colleague.fill('#titleDa', 'Legesand');
    await colleague.getByRole('button', { name: 'Gem kladde' }).click();
    expect(await colleague.locator('.notice--bad').textContent()).toContain('En kollega har gemt kladden, efter at du åbnede siden.');
    expect(await colleague.inputValue('#titleDa')).toBe('Legesand');
    await page.fill('#publishNote', 'Legesand udgår');
    await page.getByRole('button', { name: 'Udgiv' }).click();
    expect(visibleText(await visitor.text('/aftaler/2026-701'))).toMatch(/Ændret 23\. november 2026 : Legesand udgår|Ændret 23\. november 2026: Legesand udgår/);
    await page.goto('/forvaltning/aftaler/2026-701');
    await page.locator('summary:has-text("Træk aftalen tilbage")').click();
    await page.getByRole('button', { name: 'Ja, træk aftalen tilbage' }).click();
    await page.getByText('Aftalen er trukket tilbage.').first().waitFor();
    expect((await visitor.get('/aftaler/2026-701')).status).toBe(410);
  });

  test('opening and saving an agreement without a change is no change', async () => {
    const page = await browser.open(server.base);
    await logIn(page, 'redaktoer@demo.example');
    for (const number of ['2024-031', '2025-009', '2023-014']) {
      await page.goto(`/forvaltning/aftaler/${number}`);
      await page.getByRole('button', { name: 'Gem kladde' }).click();
      expect([number, await page.locator('.panel').first().textContent()]).toEqual([number, expect.stringContaining('Kladden siger det samme som siden.') as string]);
      await page.getByText('Kassér kladden', { exact: true }).click();
      await page.getByRole('button', { name: 'Ja, kassér kladden' }).click();
      await page.getByText('Kladden er kasseret.').waitFor();
    }
  });

  test('is not for suppliers, auditors or visitors', async () => {
    for (const [email, status] of [
      ['leverandoer@demo.example', 403],
      ['revision@demo.example', 404],
    ] as const) {
      const visitor = new Visitor(server.base);
      await visitor.logIn(email);
      for (const address of [
        '/forvaltning/aftaler',
        '/forvaltning/aftaler/ny',
        '/forvaltning/aftaler/2024-031',
        '/forvaltning/aftaler/indlaes',
        `/forvaltning/aftaler/indlaes/${'a'.repeat(64)}`,
      ]) {
        expect([email, address, (await visitor.get(address)).status]).toEqual([email, address, status]);
        expect([email, address, (await visitor.post(address, { intent: 'withdraw' })).status]).toEqual([email, address, status]);
      }
    }
    expect((await new Visitor(server.base).get('/forvaltning/aftaler')).status).toBe(303);
  });
});
