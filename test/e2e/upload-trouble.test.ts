import type { Page } from 'playwright';
import { describe, expect, test } from 'vitest';
import { pathTo } from '../../src/i18n/routes.ts';
import { xlsxParts, zip } from '../documents/made-zip.ts';
import { expectNoAxeFindings, expectNoSidewaysScroll } from '../support/browser.ts';
import { focused, useUploadPage } from '../support/upload-page.ts';

/** What the page says and does when a file is not simply taken: refused, in doubt, or put in the wrong place. */
const { opened, choose, says, state, list, inFolder } = useUploadPage();

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
    const page = await opened({ viewport: { width: 390, height: 900 } });
    const accepted = async (): Promise<string> => (await page.getAttribute('#files', 'accept')) ?? '';
    expect(await accepted()).toBe('.csv,.xlsx');
    await page.goto(`${pathTo('newEvidence', 'da')}?type=forsikring`);
    expect(await accepted()).toBe('.pdf,.jpg,.jpeg,.png,.heic,image/*');
  });

  test('a finger is told nothing of dragging and Ctrl+V; “Fjern” stands at one place, whatever became of a file', async () => {
    const page = await opened({ viewport: { width: 390, height: 900 }, hasTouch: true, isMobile: true });
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
    const page = await opened({ viewport: { width: 390, height: 900 } });
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
