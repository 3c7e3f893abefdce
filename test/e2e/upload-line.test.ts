import { describe, expect, test } from 'vitest';
import { expectNoAxeFindings } from '../support/browser.ts';
import { obligationOf } from '../support/obligations.ts';
import { slowLine, useUploadPage } from '../support/upload-page.ts';

/** Files that are stuck on their way, or were left half sent. */
const { desk, opened, choose, says, state, list, inFolder } = useUploadPage();

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
    await slowLine(page, 300_000);
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

  test('is not what an upload that another tab sends is called, also where the answer has no words', async () => {
    const page = await opened();
    await page.route('**/api/uploads/*', (route) =>
      /PATCH|HEAD/.test(route.request().method())
        ? route.fulfill({ status: 423, body: route.request().method() === 'HEAD' ? '' : '{"detail":"Filen er allerede ved at blive sendt."}' })
        : route.continue(),
    );
    await choose(page, inFolder('optaget.csv', list()));
    await says(page, 'Filen er allerede ved at blive sendt. Vi prøver selv igen.');
    await says(page, 'Vi kan ikke tage imod filen lige nu. Vi prøver selv igen.');
    await page.unroute('**/api/uploads/*');
    await says(page, 'Modtaget og kontrolleret');
  });

  test('that comes back takes the place of a request that went with it', async () => {
    const page = await opened();
    let held = 0;
    await page.route('**/api/uploads/*', async (route) => {
      if (route.request().method() === 'PATCH' && held === 0) held += 1;
      else await route.continue();
    });
    await choose(page, inFolder('haenger.csv', list()));
    await expect.poll(() => held).toBe(1);
    await page.waitForTimeout(5_500);
    await page.evaluate(() => window.dispatchEvent(new Event('online')));
    await says(page, 'Modtaget og kontrolleret');
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

describe('a page that is opened again', () => {
  test('lists what was not sent to the end; it is gone on with, or removed without script', async () => {
    const page = await opened();
    await slowLine(page, 500_000);
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

    const plain = await opened({ javaScriptEnabled: false });
    await plain.locator('[data-unfinished] button').click();
    await plain.waitForURL(/gemt=afbrudt/);
    expect(await plain.locator('[data-unfinished]').count()).toBe(0);
    expect(await desk.server.database.owner.db.selectFrom('upload').select('id').where('name', '=', 'halv.csv').execute()).toEqual([]);
  });

  test('without script, a name that looks like a number is told of before it is filed, and two files of one name can be told apart', async () => {
    const { id } = await obligationOf(desk.server.database, '90000004', 'open', 'miljoemaerke-andel');
    const plain = await opened({ javaScriptEnabled: false });
    await plain.setInputFiles('#files', inFolder('010190-1234 police.csv', list()));
    await plain.getByRole('button', { name: 'Gem kladde' }).click();
    await plain.waitForURL(/gemt=kladde/);
    await plain.setInputFiles('#files', inFolder('010190-1234 police.csv', `${list()}en til\r\n`));
    await plain.getByRole('button', { name: 'Indsend til kommunen' }).click();
    await plain.waitForURL(/gemt=navn/);
    const text = (await plain.locator('main').textContent()) ?? '';
    expect(text).toContain('Der er ikke indsendt endnu. Navnet på en af dine filer');
    expect(text).toContain('Filens navn ser ud til at indeholde et CPR-nummer');
    const twins = await plain.locator('[aria-label="Filer i kladden"] li', { hasText: '010190-1234 police.csv' }).allTextContents();
    expect(twins.length).toBeGreaterThan(1);
    expect(twins.every((each) => /\d+ byte, modtaget /.test(each))).toBe(true);
    expect((await desk.server.database.owner.db.selectFrom('submission').select('id').where('obligation_id', '=', id).execute()).length).toBe(0);
  });
});
