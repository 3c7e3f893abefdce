import { beforeAll, describe, expect, test } from 'vitest';
import { pathTo } from '../../src/i18n/routes.ts';
import { csvOf } from '../returns/support.ts';
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
  },
  en: {
    faulty: 'Mend one error before you file',
    fine: 'The file can be filed',
    button: 'File 2 lines, DKK 1,880.00',
    received: 'We have received what you sent',
    none: 'We sold nothing',
  },
};

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

  test('a quarter without sales is filed by ticking a box', async () => {
    const { id } = await salesTask(server.database);
    const page = await open();
    await page.goto(pathTo('task', lang, { id }));
    await page.getByLabel(w.none).check();
    await page.click(file);
    await page.locator('h1', { hasText: w.received }).waitFor();
  });
});
