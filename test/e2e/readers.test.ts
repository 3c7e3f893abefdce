import fs from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { pathTo } from '../../src/i18n/routes.ts';
import { danish, english } from '../support/addresses.ts';
import { expectNoSidewaysScroll, useBrowser } from '../support/browser.ts';
import { writtenContent } from '../support/content.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { Visitor, visibleText } from '../support/visitor.ts';

const browser = useBrowser();
let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});

describe('what readers look for', () => {
  test('late actions say so, and progress that is computed says from what and when', async () => {
    const text = visibleText(await new Visitor(server.base).text('/strategi/handlingsplan'));
    expect(text).toContain('Forsinket. Skulle være færdig 30. september 2026');
    expect(text).toMatch(/\d+ af \d+ krav om dokumentation er opfyldt \(\d+ %\) Beregnet 23. november 2026/);
  });

  test('a comparison marks what went and what came in words too', async () => {
    const html = await new Visitor(server.base).text('/strategi/versioner/sammenlign?fra=indkoebspolitik-2007&til=1-udkast');
    expect(html).toMatch(/<del><span class="visually-hidden">fjernet: <\/span>/);
    expect(html).toMatch(/<ins><span class="visually-hidden">tilføjet: <\/span>/);
    expect((await new Visitor(server.base).get('/strategi/versioner/sammenlign?fra=x&til=1-udkast')).status).toBe(404);
  });

  test('the list for a seller of hygiene articles can be kept by its address', async () => {
    const text = visibleText(await new Visitor(server.base).text('/krav/for-mig?salg=hygiejneartikler&stoerrelse=small'));
    expect(text).toContain('Krav til dig, der sælger: Hygiejneartikler og papir');
    expect(text).toContain('Miljømærkede varer');
    expect(text).not.toContain('Arbejdsklausul');
  });

  test('odd questions get a helpful page, never an error', async () => {
    const visitor = new Visitor(server.base);
    for (const question of ["' or 1=1 --", '"', '😀', 'مناقصة', 'a'.repeat(1_000), '<script>alert(1)</script>']) {
      const response = await visitor.get(`/soeg?q=${encodeURIComponent(question)}`);
      const html = await response.text();
      expect([question, response.status, /<script>alert/.test(html.replace(/="[^"]*"/g, ''))]).toEqual([question, 200, false]);
    }
    expect(visibleText(await visitor.text('/soeg?q=zzzz'))).toContain('Prøv et andet ord');
  });

  test.each(['da', 'en'] as const)('from every focus area to a documented result in two clicks, and back in one (%s)', async (lang) => {
    const page = await browser.open(server.base);
    await page.goto(pathTo('strategy', lang));
    const chapters = await page.locator('.card--door h3 a').evaluateAll((links) => links.map((link) => link.getAttribute('href') ?? ''));
    expect(chapters).toHaveLength(3);
    for (const chapter of chapters) {
      await page.goto(chapter);
      await page.locator('.thread li:has(> .thread__kind:text-matches("^(Krav|Requirement)")) a').first().click();
      await page.locator('.thread li:has(> .thread__kind:text-matches("^(Aftale|Agreement)")) a').first().click();
      expect(new URL(page.url()).pathname).toMatch(/\/(aftaler|agreements)\//);
      const documented = page.locator('#krav .tag--good');
      expect(await documented.count()).toBeGreaterThan(0);
      await page.locator(`.thread a[href="${chapter}"]`).first().click();
      expect(new URL(page.url()).pathname).toBe(chapter);
    }
  });

  test('keyboard alone: through the catalogue of requirements and its list for one’s own goods', async () => {
    const page = await browser.open(server.base);
    const tabTo = async (selector: string): Promise<void> => {
      for (let presses = 0; presses < 120; presses += 1) {
        await page.keyboard.press('Tab');
        if (await page.evaluate(`document.activeElement.matches(${JSON.stringify(selector)})`)) return;
      }
      throw new Error(`the keyboard never reached ${selector}`);
    };
    await page.goto('/krav');
    await page.keyboard.press('Tab');
    expect(await page.evaluate('document.activeElement.className')).toBe('skip');
    await page.keyboard.press('Enter');
    await tabTo('main a[href="/krav/arbejdsklausul"]');
    await page.keyboard.press('Enter');
    await page.waitForURL('**/krav/arbejdsklausul');
    await page.goto('/krav');
    await tabTo('main a[href="/krav/for-mig"]');
    await page.keyboard.press('Enter');
    await page.waitForURL('**/krav/for-mig');
    await tabTo('#salg');
    await page.keyboard.type('Rengøring');
    await tabTo('main form button');
    await page.keyboard.press('Enter');
    await page.waitForURL('**/krav/for-mig?salg=rengoering*');
    expect(await page.locator('main').textContent()).toContain('Krav til dig, der sælger: Rengøring');
  });

  test('with the layout off every page reads in order: the way past the menu first, one heading at the top, no level left out', async () => {
    const page = await browser.open(server.base);
    for (const address of [...danish, ...english]) {
      await page.goto(address);
      await page.evaluate('document.querySelectorAll("style").forEach((style) => style.remove())');
      const levels = (await page.evaluate('[...document.querySelectorAll("main h1, main h2, main h3, main h4")].map((h) => Number(h.tagName[1]))')) as number[];
      const jumps = levels.filter((level, index) => level > (levels[index - 1] ?? 0) + 1);
      const first = await page.evaluate('document.querySelector("a[href]").getAttribute("href")');
      expect([address, levels[0], levels.filter((level) => level === 1).length, jumps, first]).toEqual([address, 1, 1, [], '#indhold']);
    }
    const css = fs
      .readdirSync('src/ui/styles')
      .map((name) => fs.readFileSync(`src/ui/styles/${name}`, 'utf8'))
      .join('');
    expect(css.match(/[{;\s](order:|grid-template-areas|flex-direction:\s*\w+-reverse)/)).toBeNull();
  });

  test('with the spacing of WCAG 1.4.12 no text is cut off', async () => {
    const page = await browser.open(server.base, { viewport: { width: 320, height: 900 }, bypassCSP: true });
    for (const address of danish) {
      await page.goto(address);
      await page.addStyleTag({
        content: '* { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important } p { margin-bottom: 2em !important }',
      });
      const cut = await page.evaluate(
        `[...document.querySelectorAll('main *')].filter((e) => ['hidden', 'clip'].includes(getComputedStyle(e).overflowX) && !e.closest('.visually-hidden') && (e.scrollHeight > e.clientHeight + 1 || e.scrollWidth > e.clientWidth + 1)).map((e) => e.outerHTML.slice(0, 80))`,
      );
      expect([address, cut]).toEqual([address, []]);
      await expectNoSidewaysScroll(page, address);
    }
  });

  test('the self-assessment names all 55 criteria, and its numbers come from the axe that we use', async () => {
    const { accessibility } = writtenContent();
    expect(accessibility.criteria.map(({ level }) => level).sort()).toEqual([...Array(31).fill('A'), ...Array(24).fill('AA')]);
    const { version } = JSON.parse(fs.readFileSync('node_modules/axe-core/package.json', 'utf8')) as { version: string };
    expect(accessibility.measured?.tool, 'run node test/support/measure-accessibility.ts anew').toBe(`axe-core ${version}`);
    const measured = new Set(Object.keys(accessibility.measured?.criteria ?? {}));
    expect(accessibility.criteria.filter(({ id, checked, result }) => result !== 'not-relevant' && checked.includes('axe') !== measured.has(id)).map(({ id }) => id)).toEqual([]);
    const text = visibleText(await new Visitor(server.base).text('/tilgaengelighed/selvevaluering'));
    expect(text).toMatch(/De automatiske prøver er kørt \d+\. \w+ \d{4} med axe-core/);
  });
});
