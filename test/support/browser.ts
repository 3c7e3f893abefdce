import fs from 'node:fs';
import { createRequire } from 'node:module';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright';
import { afterAll, beforeAll, expect, inject } from 'vitest';
import { demoPassword } from './known.ts';

const axe = fs.readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** The browser of this run; pages opened through it are closed at the end of the file. */
export function useBrowser(): { open: (base: string, options?: BrowserContextOptions) => Promise<Page> } {
  let browser: Browser;
  beforeAll(async () => {
    browser = await chromium.connect(inject('browser'));
  });
  afterAll(() => browser.close());
  return {
    async open(base, options = {}) {
      const context = await browser.newContext({ baseURL: base, locale: 'da-DK', ...options });
      const page = await context.newPage();
      page.setDefaultTimeout(15_000);
      return page;
    },
  };
}

export async function logIn(page: Page, email: string, address = '/log-ind'): Promise<void> {
  await page.goto(address);
  await page.fill('#email', email);
  await page.fill('#password', demoPassword);
  await page.click('main form button');
}

interface AxeResult {
  violations: { id: string; nodes: { target: string[]; failureSummary?: string }[] }[];
}

/** Runs every rule of axe for WCAG 2.2 AA and good practice, none switched off (target-size is off by default: switched on), and expects no finding. Also where the page's own script is off: the HTML is checked in a page with script. */
export async function expectNoAxeFindings(page: Page, what: string): Promise<void> {
  const scripted = (await page.evaluate('typeof window').catch(() => null)) !== null;
  if (!scripted) throw new Error('axe needs a page with script');
  await page.evaluate(axe);
  const result = (await page.evaluate('axe.run(document, { resultTypes: ["violations"], rules: { "target-size": { enabled: true } } })')) as AxeResult;
  const found = result.violations.flatMap(({ id, nodes }) => nodes.map((node) => `${what}: ${id} at ${node.target.join(' ')}: ${node.failureSummary ?? ''}`));
  expect(found.join('\n')).toBe('');
}

/** The page must not be wider than the window: nobody scrolls sideways to read. */
export async function expectNoSidewaysScroll(page: Page, what: string): Promise<void> {
  const over = (await page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth')) as number;
  expect([what, over]).toEqual([what, 0]);
}
