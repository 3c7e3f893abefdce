import fs from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { expectNoAxeFindings, expectNoSidewaysScroll, useBrowser } from '../support/browser.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { csvOf } from './support.ts';

const browser = useBrowser();
let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});

const asFile = (text: string, name = 'salg 3. kvartal.csv') => ({ name, mimeType: 'text/csv', buffer: Buffer.from(text) });
const faulty = csvOf(
  {},
  { fakturanummer: 'F-2', antal: 'ti', kunde_gln: '5798999900017', miljoemaerke: 'groen-stjerne' },
  { fakturanummer: 'F-3', beloeb_ekskl_moms: '1.234' },
  { fakturanummer: 'F-4', fakturadato: '14-07-2026', varetekst: `=${'langtordudenmellemrum'.repeat(9)}` },
  {},
);
const files = { fine: asFile(csvOf({})), faulty: asFile(faulty), refused: asFile('%PDF-1.7 ikke et regneark') };
const addresses = { da: '/tjek-fil', en: '/en/check-file' } as const;
const pictures = process.env['PICTURES'];

describe('the page that checks a file', () => {
  test.each([
    [320, 'da'],
    [390, 'en'],
    [1280, 'da'],
    [1280, 'en'],
  ] as const)('has no findings of axe and no sideways scroll, empty, fine, faulty and refused (%i px, %s)', async (width, lang) => {
    const page = await browser.open(server.base, { viewport: { width, height: 900 } });
    await page.goto(addresses[lang]);
    await expectNoAxeFindings(page, 'empty');
    for (const [name, file] of Object.entries(files)) {
      await page.setInputFiles('#file', file);
      await page.fill('#period', '2026-Q3');
      await page.click('main button[value=check]');
      await page.waitForSelector('main [role=alert]');
      await expectNoAxeFindings(page, name);
      await expectNoSidewaysScroll(page, name);
      expect((await page.title()).startsWith(lang === 'da' ? 'Fejl:' : 'Error:')).toBe(name !== 'fine');
      expect(await page.inputValue('#period')).toBe('2026-Q3');
      if (pictures) {
        fs.mkdirSync(pictures, { recursive: true });
        await page.screenshot({ path: `${pictures}/${name}-${lang}-${width}.png`, fullPage: true });
      }
    }
  });

  test('works with the keyboard alone and without script: file, check, what was found, the marked file', async () => {
    const page = await browser.open(server.base, { javaScriptEnabled: false });
    await page.goto('/tjek-fil');
    await page.setInputFiles('#file', files.faulty);
    await page.focus('#file');
    for (const id of ['agreement', 'period', 'supplier']) {
      await page.keyboard.press('Tab');
      expect(await page.locator(':focus').getAttribute('id')).toBe(id);
    }
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.waitForSelector('#resultat');
    expect(await page.locator('#resultat').textContent()).toContain('Ret 3 fejl, før du indsender');
    await page.setInputFiles('#file', files.faulty);
    const download = page.waitForEvent('download');
    await page.focus('main button[value=marked]');
    await page.keyboard.press('Enter');
    expect((await download).suggestedFilename()).toBe('salg 3. kvartal-med-fejl-markeret.csv');
  });
});
