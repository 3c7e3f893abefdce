import { beforeAll, describe, expect, test } from 'vitest';
import { pathTo } from '../../src/i18n/routes.ts';
import { columnNames, csvOf, rightLine, table } from '../returns/support.ts';
import { expectNoAxeFindings, expectNoSidewaysScroll, logIn, useBrowser } from '../support/browser.ts';
import { salesTask } from '../support/obligations.ts';
import { startServer, type TestServer } from '../support/server.ts';

/** A supplier with the habits of a spreadsheet files a quarter, with one fault that has to be mended on the way. */
const browser = useBrowser();
let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});

const words = {
  da: {
    faulty: 'Ret én fejl, før du indsender',
    fine: 'Filen kan indsendes',
    button: 'Indsend 2 linjer, 1.880,00 kr.',
    received: 'Vi har modtaget det, du sendte',
    none: 'Vi har ikke solgt noget',
    typeLines: 'Skriv linjerne her i stedet',
    pasted: '2 linjer er sat ind.',
    saveAndCheck: 'Gem og tjek',
    notANumber: 'Antal, linje 3: Det er ikke et tal',
  },
  en: {
    faulty: 'Mend one error before you file',
    fine: 'The file can be filed',
    button: 'File 2 lines, DKK 1,880.00',
    received: 'We have received what you sent',
    none: 'We sold nothing',
    typeLines: 'Type the lines here instead',
    pasted: '2 lines were pasted.',
    saveAndCheck: 'Save and check',
    notANumber: 'Quantity, line 3: This is no number',
  },
};

/** The columns that must be typed: the task knows the first three. */
const needed = table.columns.filter(({ required }, at) => required && at > 2).map(({ header }) => header.da);

describe.each([
  { lang: 'da', script: true, width: 1280 },
  { lang: 'en', script: true, width: 390 },
  { lang: 'da', script: false, width: 390 },
] as const)('in $lang, script $script, $width px wide', ({ lang, script, width }) => {
  const w = words[lang];
  const open = async () => {
    const page = await browser.open(server.base, { javaScriptEnabled: script, viewport: { width, height: 900 } });
    await logIn(page, 'leverandoer@demo.example', pathTo('logIn', lang));
    return page;
  };
  const file = '.buttons button[value="file"]';

  test('a quarter is filed, with a fault mended on the way', async () => {
    const { id, agreement } = await salesTask(server.database);
    const page = await open();
    const look = async (what: string): Promise<void> => {
      if (!script) return;
      await expectNoAxeFindings(page, what);
      await expectNoSidewaysScroll(page, what);
    };
    await page.goto(pathTo('task', lang, { id }));
    await look('empty');
    const own = { aftalenummer: agreement };
    const send = async (text: string, expected: string): Promise<void> => {
      await page.setInputFiles('#files', { name: 'salg æøå.csv', mimeType: 'text/csv', buffer: Buffer.from(text) });
      await page.click(file);
      await page.locator('main', { hasText: expected }).waitFor();
    };
    await send(csvOf(own, { ...own, fakturanummer: 'F-2', antal: 'fyrre' }), w.faulty);
    await look('faulty');
    const marked = await page.request.get((await page.locator('a[href*="-marked"]').getAttribute('href')) ?? '');
    expect([marked.status(), (await marked.text()).includes('fyrre')]).toEqual([200, true]);

    await page.locator('button[value^="remove:"]').first().click();
    await page.locator('a[href*="-marked"]').waitFor({ state: 'detached' });
    await send(csvOf(own, { ...own, fakturanummer: 'F-2', antal: '40' }), w.fine);
    await look('fine');
    expect((await page.textContent(file))?.replaceAll('\u00a0', ' ')).toBe(w.button);
    await page.click(file);
    await page.locator('h1', { hasText: w.received }).waitFor();
    const { count } = await server.database.owner.db
      .selectFrom('return_line as l')
      .innerJoin('return_file as f', 'f.id', 'l.return_file_id')
      .select(({ fn }) => fn.countAll<number>().as('count'))
      .where('f.obligation_id', '=', id)
      .executeTakeFirstOrThrow();
    expect(count).toBe(2);
  });

  test('lines are typed on the page: copied from a spreadsheet or by hand, mended, filed', async () => {
    const { id } = await salesTask(server.database);
    const page = await open();
    await page.goto(pathTo('task', lang, { id }));
    await page.getByRole('link', { name: w.typeLines }).click();
    const cell = (row: number, name: string) => page.locator(`#c-${row}-${columnNames.indexOf(name)}`);
    const line = (changed: Readonly<Record<string, string>> = {}): [string, string][] => Object.entries({ ...rightLine, ...changed }).filter(([name]) => needed.includes(name));
    const lines = [line(), line({ fakturanummer: 'F-2', antal: 'fyrre' })];
    if (script) {
      await expectNoAxeFindings(page, 'empty sheet');
      await cell(0, 'kunde_gln').focus();
      const copied = lines.map((each) => each.map(([, text]) => text).join('\t')).join('\r\n');
      await page.evaluate(`{
        const clipboardData = new DataTransfer();
        clipboardData.setData('text/plain', ${JSON.stringify(`${copied}\r\n`)});
        document.activeElement.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }));
      }`);
      expect(await page.locator('[data-status]').textContent()).toBe(w.pasted);
      await expectNoSidewaysScroll(page, 'filled sheet');
    } else {
      for (const [row, each] of lines.entries()) for (const [name, text] of each) await (name === 'paa_aftale' ? cell(row, name).selectOption(text) : cell(row, name).fill(text));
    }
    await page.getByRole('button', { name: w.saveAndCheck }).click();
    await page.locator('main', { hasText: w.notANumber }).waitFor();
    if (script) await expectNoAxeFindings(page, 'faulty sheet');
    await page.getByRole('link', { name: w.notANumber }).click();
    expect(await cell(1, 'antal').inputValue()).toBe('fyrre');
    if (script) {
      // Fetched from the line above with the keyboard alone, then one more line and back.
      await cell(1, 'antal').focus();
      await page.keyboard.press('Control+d');
      await page.keyboard.press('Enter');
      expect(await page.evaluate('document.activeElement.id')).toBe(`c-2-${columnNames.indexOf('antal')}`);
      await page.keyboard.press('ArrowUp');
      expect(await page.evaluate('document.activeElement.value')).toBe('40');
    } else await cell(1, 'antal').fill('40');
    await page.getByRole('button', { name: w.saveAndCheck }).click();
    await page.locator('main', { hasText: w.fine }).waitFor();
    expect((await page.textContent(file))?.replaceAll('\u00a0', ' ')).toBe(w.button);
    await page.click(file);
    await page.locator('h1', { hasText: w.received }).waitFor();
  });

  test('a quarter without sales is filed by ticking a box', async () => {
    const { id } = await salesTask(server.database);
    const page = await open();
    await page.goto(pathTo('task', lang, { id }));
    await page.getByLabel(w.none).check();
    await page.click(file);
    await page.locator('h1', { hasText: w.received }).waitFor();
  });
});
