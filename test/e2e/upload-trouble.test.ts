import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { Page } from 'playwright';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { pathTo } from '../../src/i18n/routes.ts';
import { xlsxParts, zip } from '../documents/made-zip.ts';
import { expectNoAxeFindings, expectNoSidewaysScroll, logIn, useBrowser } from '../support/browser.ts';
import { obligationOf } from '../support/obligations.ts';
import { startServer, type TestServer } from '../support/server.ts';

/** What the page says and does when a file is not simply taken: refused, in doubt, stuck, or put in the wrong place. */
const browser = useBrowser();
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'portal-trouble-'));
afterAll(() => fs.rmSync(folder, { recursive: true, force: true }));
const inFolder = (name: string, content: string | Uint8Array): string => {
  const file = path.join(folder, name);
  fs.writeFileSync(file, content);
  return file;
};
let server: TestServer;
let task: string;
beforeAll(async () => {
  server = await startServer();
  task = pathTo('task', 'da', { id: (await obligationOf(server.database, '90000004', 'open', 'miljoemaerke-andel')).id });
});

async function opened(width = 1280): Promise<Page> {
  const page = await browser.open(server.base, { viewport: { width, height: 900 } });
  await logIn(page, 'leverandoer@demo.example');
  await page.goto(task);
  return page;
}
const choose = (page: Page, ...files: string[]): Promise<void> => page.setInputFiles('#files', files);
const state = (page: Page) => page.locator('[data-list] .upload__state').last();
const says = (page: Page, text: string | RegExp): Promise<void> => state(page).filter({ hasText: text }).waitFor({ timeout: 30_000 });
const focused = (page: Page): Promise<string> => page.evaluate(() => document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.tagName ?? '');
/** A list that no other test has sent. */
const list = (): string => `varenr;antal\r\n${Math.random()};20\r\n`;

describe('what becomes of a file is said at once, as the page says it later', () => {
  test('why it was refused, and what to do', async () => {
    const page = await opened();
    await choose(page, inFolder('makro.xlsx', zip(xlsxParts([list()], [{ name: 'xl/vbaProject.bin', data: 'a' }]))));
    await says(page, 'Afvist: Filen indeholder makroer. Gem den som .docx eller .xlsx uden makroer eller som PDF, og send den igen.');
  });

  test('that it is held, once; that it holds a number, before and after; the keyboard is never lost', async () => {
    const page = await opened();
    await choose(page, inFolder('attest.csv', `Straffeattest\nAnna Eksempel, 010190-1234\n${list()}`));
    await says(page, 'Filen ser ud til at indeholde et CPR-nummer');
    const anyway = page.getByRole('button', { name: 'Send den alligevel' });
    expect(await anyway.getAttribute('aria-label')).toContain('attest.csv');
    await anyway.press('Enter');
    expect(await focused(page)).not.toBe('BODY');
    await says(page, 'Modtaget. Filen kan være');
    const words = (await state(page).textContent()) ?? '';
    expect(words.match(/En medarbejder ser på den/g)).toHaveLength(1);
    expect(words).toContain('CPR-nummer. Fjern den, hvis nummeret ikke skal med');
    expect(await focused(page)).not.toBe('BODY');
  });

  test.each(['010190-1234 police.csv', 'police-010190-1234.csv', '0101901234.csv'])('%s is asked about, not refused, and warned of afterwards', async (name) => {
    const page = await opened();
    await choose(page, inFolder(name, list()));
    await says(page, 'Filens navn ser ud til at indeholde et CPR-nummer');
    await page.getByRole('button', { name: 'Send den alligevel' }).click();
    await says(page, /^Modtaget og kontrolleret\. Filens navn ser ud til/);
    await page.reload();
    await page.locator('.file-list > li', { hasText: name }).filter({ hasText: 'Filens navn ser ud til at indeholde et CPR-nummer' }).waitFor();
  });
});

describe('a line that is gone', () => {
  test('is waited for as long as the page says so', async () => {
    const page = await opened();
    await page.clock.install();
    await page.route('**/api/uploads**', (route) => route.abort());
    let asked = 0;
    page.on('requestfailed', () => (asked += 1));
    await choose(page, inFolder('taalmodig.csv', list()));
    await says(page, 'Forbindelsen er væk. Vi fortsætter selv');
    for (let minute = 0; minute < 10; minute += 1) {
      const before = asked;
      await page.clock.runFor(31_000);
      await expect.poll(() => asked, { timeout: 5_000 }).toBeGreaterThan(before);
    }
    await says(page, 'Forbindelsen er væk. Vi fortsætter selv');
    await page.unroute('**/api/uploads**');
    await page.clock.runFor(31_000);
    await expect
      .poll(
        async () => {
          await page.clock.runFor(2_000);
          return state(page).textContent();
        },
        { timeout: 20_000 },
      )
      .toContain('Modtaget og kontrolleret');
  });

  test('that comes back starts what is running once', async () => {
    const page = await opened();
    const session = await page.context().newCDPSession(page);
    await session.send('Network.emulateNetworkConditions', { offline: false, latency: 0, downloadThroughput: -1, uploadThroughput: 300_000 });
    const requests: string[] = [];
    page.on('request', (request) => /api\/uploads/.test(request.url()) && requests.push(request.method()));
    await choose(page, inFolder('en-gang.csv', `${list()}${'712345;20\r\n'.repeat(80_000)}`));
    await says(page, /Sender: [1-9]\d? %/);
    for (let time = 0; time < 3; time += 1) {
      await page.evaluate(() => window.dispatchEvent(new Event('online')));
      await page.waitForTimeout(200);
    }
    await says(page, 'Modtaget og kontrolleret');
    expect(requests.filter((method) => method !== 'GET').sort()).toEqual(['PATCH', 'POST']);
    expect(await page.getByRole('button', { name: 'Fjern en-gang.csv' }).count()).toBe(1);
  });

  test('is not what a server that is busy, or has had enough, is called', async () => {
    const page = await opened();
    let answer = { status: 429, seconds: '1', detail: 'Du sender for mange filer på samme tid. Vent, til nogle af dem er modtaget, og prøv igen.' };
    await page.route('**/api/uploads**', (route) =>
      route.request().method() === 'GET'
        ? route.continue()
        : route.fulfill({
            status: answer.status,
            headers: { 'retry-after': answer.seconds, 'content-type': 'application/problem+json' },
            body: JSON.stringify({ detail: answer.detail }),
          }),
    );
    await choose(page, inFolder('travl.csv', list()));
    await says(page, 'Du sender for mange filer på samme tid. Vent, til nogle af dem er modtaget, og prøv igen. Vi prøver selv igen.');
    answer = { status: 423, seconds: '', detail: 'Filen er allerede ved at blive sendt, måske fra en anden fane. Vent et øjeblik, og prøv igen.' };
    await says(page, 'måske fra en anden fane');
    answer = { status: 429, seconds: '3600', detail: 'I har sendt så meget i det seneste døgn, at vi ikke kan tage imod mere nu. Prøv igen senere.' };
    await says(page, /^Kunne ikke sendes: I har sendt så meget i det seneste døgn/);
  });

  test('and a log-in that has ended are two things: log in, go on', async () => {
    const page = await opened();
    let isOut = true;
    await page.route('**/api/uploads/*', (route) => (isOut && route.request().method() !== 'GET' ? route.fulfill({ status: 401, body: '{}' }) : route.continue()));
    await choose(page, inFolder('udlogget.csv', list()));
    await says(page, 'Du er logget ud. Log ind igen, og tryk så på Fortsæt her.');
    expect(await page.locator('[data-list] a').getAttribute('href')).toBe('/log-ind');
    await expectNoAxeFindings(page, 'logged out');
    isOut = false;
    await page.getByRole('button', { name: 'Fortsæt med udlogget.csv' }).click();
    await says(page, 'Modtaget og kontrolleret');
  });
});

/** Gives the page a file as the hand does, on an element. */
const hand = (page: Page, kind: 'paste' | 'drop' | 'dragover', on: string, name: string, text = ''): Promise<boolean> =>
  page.evaluate(
    ([kind, on, name, text]) => {
      const data = new DataTransfer();
      data.items.add(new File(['a;b\n1;2\n'], name));
      if (text) data.setData('text/plain', text);
      const options = { bubbles: true, cancelable: true };
      const event = kind === 'paste' ? new ClipboardEvent(kind, { ...options, clipboardData: data }) : new DragEvent(kind, { ...options, dataTransfer: data });
      document.querySelector(on)?.dispatchEvent(event);
      return event.defaultPrevented;
    },
    [kind, on, name, text] as const,
  );

describe('where a file is put', () => {
  test('a phone offers its camera where a photograph is proof, and nowhere else', async () => {
    const page = await opened(390);
    const accepted = async (): Promise<string> => (await page.getAttribute('#files', 'accept')) ?? '';
    expect(await accepted()).toBe('.csv,.xlsx');
    await page.goto(`${pathTo('newEvidence', 'da')}?type=forsikring`);
    expect(await accepted()).toBe('.pdf,.jpg,.jpeg,.png,.heic,image/*');
  });

  test('a finger is told nothing of dragging and Ctrl+V; “Fjern” stands at one place, whatever became of a file', async () => {
    const page = await browser.open(server.base, { viewport: { width: 390, height: 900 }, hasTouch: true, isMobile: true });
    await logIn(page, 'leverandoer@demo.example');
    await page.goto(task);
    await choose(page, inFolder('kort.csv', list()));
    await says(page, 'Modtaget og kontrolleret');
    await choose(page, inFolder('kort.gif', 'GIF89a'));
    await says(page, 'Filtypen kan ikke bruges her');
    expect(await page.locator('.upload__drop').isVisible()).toBe(false);
    const [field, ...boxes] = await page.evaluate(() =>
      [...document.querySelectorAll('#files, [data-list], [data-list] .button--link')].map((each) => each.getBoundingClientRect().toJSON() as DOMRect),
    );
    const [place, received, failed] = boxes;
    expect(received?.right).toBe(failed?.right);
    expect((place?.top ?? 0) - (field?.bottom ?? 0)).toBeGreaterThanOrEqual(8);
    const mouse = await opened();
    expect(await mouse.locator('.upload__drop').isVisible()).toBe(true);
  });

  test('what is pasted into a field, or comes with text, is left to the field', async () => {
    const page = await opened();
    const field = 'main input[id^="answer-"]';
    expect(await hand(page, 'paste', field, 'i-felt.csv')).toBe(false);
    expect(await hand(page, 'paste', 'main', 'med-tekst.csv', 'Rengøringsmidler')).toBe(false);
    expect(await hand(page, 'paste', 'main', 'paa-siden.csv')).toBe(true);
    expect(await page.locator('[data-list] li').count()).toBe(1);
    await says(page, 'Modtaget');
  });

  test('what is dropped beside the only box goes into it, and never opens in place of the form', async () => {
    const page = await opened();
    expect(await hand(page, 'dragover', 'h1', 'ved-siden-af.csv')).toBe(true);
    expect(await hand(page, 'drop', 'h1', 'ved-siden-af.csv')).toBe(true);
    await page.locator('[data-list] li', { hasText: 'ved-siden-af.csv' }).waitFor();
    await says(page, 'Modtaget');
  });
});

describe('a form', () => {
  test('does not leave out in silence what was not sent', async () => {
    const page = await opened(390);
    await choose(page, inFolder('billede.gif', 'GIF89a'));
    await says(page, 'Filtypen kan ikke bruges her. Gem filen som CSV eller Excel (.xlsx), og vælg den igen.');
    await page.getByRole('button', { name: 'Gem kladde' }).click();
    await page.locator('[data-status]', { hasText: '»billede.gif« er ikke sendt og kommer ikke med.' }).waitFor();
    await expectNoAxeFindings(page, 'not sent');
    await expectNoSidewaysScroll(page, 'not sent');
    await page.getByRole('button', { name: 'Gem kladde' }).click();
    await page.waitForURL(/gemt=kladde/);
  });

  test('waits for an answer to what the page asks, and says so', async () => {
    const page = await opened();
    await choose(page, inFolder('0101901234.csv', list()));
    await says(page, 'Filens navn');
    await page.getByRole('button', { name: 'Gem kladde' }).click();
    await page.locator('[data-status]', { hasText: 'Ved »0101901234.csv« skal du først vælge' }).waitFor();
    expect(await focused(page)).toBe('Send den alligevel: 0101901234.csv');
    const mismatch = await page.evaluate(
      () =>
        [...document.querySelectorAll('[data-list] button')].filter(
          (button) => !(button.getAttribute('aria-label') ?? '').toLowerCase().includes((button.textContent ?? '').toLowerCase()),
        ).length,
    );
    expect(mismatch).toBe(0);
    await page
      .locator('[data-list]')
      .getByRole('button', { name: /^Fjern 0101901234/ })
      .press('Enter');
    expect(await focused(page)).toBe('INPUT');
    expect(await page.locator('[data-status]').textContent()).toBe('0101901234.csv: Fjernet');
    await page.getByRole('button', { name: 'Gem kladde' }).click();
    await page.waitForURL(/gemt=kladde/);
  });
});

describe('a page that is opened again', () => {
  test('lists what was not sent to the end; it is gone on with, or removed without script', async () => {
    const page = await opened();
    const session = await page.context().newCDPSession(page);
    await session.send('Network.emulateNetworkConditions', { offline: false, latency: 0, downloadThroughput: -1, uploadThroughput: 500_000 });
    const half = inFolder('halv.csv', `${list()}${'712345;20\r\n'.repeat(400_000)}`);
    await choose(page, half);
    await says(page, /Sender: [2-9]\d %/);
    page.on('dialog', (dialog) => void dialog.accept());
    await page.reload();
    const row = page.locator('[data-unfinished]', { hasText: 'halv.csv' });
    await expect
      .poll(async () => {
        await page.reload();
        return row.textContent();
      })
      .toMatch(/[1-9]\d % er hos os\. Vælg filen igen for at fortsætte\./);
    await expectNoAxeFindings(page, 'not sent to the end');
    await choose(page, half);
    await row.waitFor({ state: 'detached' });
    await says(page, /Sender: \d+ %/);
    await page.reload();

    const plain = await browser.open(server.base, { javaScriptEnabled: false });
    await logIn(plain, 'leverandoer@demo.example');
    await plain.goto(task);
    await plain.locator('[data-unfinished] button').click();
    await plain.waitForURL(/gemt=afbrudt/);
    expect(await plain.locator('[data-unfinished]').count()).toBe(0);
    expect(await server.database.owner.db.selectFrom('upload').select('id').where('name', '=', 'halv.csv').execute()).toEqual([]);
  });

  test('without script, a name that looks like a number is told of before it is filed, and two files of one name can be told apart', async () => {
    const { id } = await obligationOf(server.database, '90000004', 'open', 'miljoemaerke-andel');
    const plain = await browser.open(server.base, { javaScriptEnabled: false });
    await logIn(plain, 'leverandoer@demo.example');
    await plain.goto(task);
    const answers = await plain.locator('main [id^="answer-"]').count();
    expect(answers).toBeGreaterThan(0);
    await plain.setInputFiles('#files', inFolder('010190-1234 police.csv', `${list()}en til\r\n`));
    await plain.getByRole('button', { name: 'Indsend til kommunen' }).click();
    await plain.waitForURL(/gemt=navn/);
    const text = (await plain.locator('main').textContent()) ?? '';
    expect(text).toContain('Der er ikke indsendt endnu. Navnet på en af dine filer');
    expect(text).toContain('Filens navn ser ud til at indeholde et CPR-nummer');
    const twins = await plain.locator('[aria-label="Filer i kladden"] li', { hasText: '010190-1234 police.csv' }).allTextContents();
    expect(twins.length).toBeGreaterThan(1);
    expect(twins.every((each) => /\d+ byte, modtaget /.test(each))).toBe(true);
    expect((await server.database.owner.db.selectFrom('submission').select('id').where('obligation_id', '=', id).execute()).length).toBe(0);
  });
});
