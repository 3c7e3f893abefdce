import fs from 'node:fs';
import { chromium, type Page } from 'playwright';
import { chromiumOptions } from './chromium.ts';

/**
 * Takes pictures of pages to look at: node test/support/screenshots.ts <folder> <base> [--dark] [--as e-mail:password] <path…>
 * Each page at 1280 and 390 pixels.
 */
const [folder = 'screenshots', base = 'http://localhost:4321', ...rest] = process.argv.slice(2);
const dark = rest.includes('--dark');
const as = rest[rest.indexOf('--as') + 1]?.split(':');
const paths = rest.filter((word, index) => !word.startsWith('--') && rest[index - 1] !== '--as');
fs.mkdirSync(folder, { recursive: true });
const browser = await chromium.launch(chromiumOptions());
for (const width of [1280, 390]) {
  const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme: dark ? 'dark' : 'light', javaScriptEnabled: false });
  const page: Page = await context.newPage();
  if (rest.includes('--as') && as) {
    await page.goto(`${base}/log-ind`);
    await page.fill('#email', as[0] ?? '');
    await page.fill('#password', as[1] ?? '');
    await page.click('button');
  }
  for (const path of paths) {
    await page.goto(base + path);
    await page.screenshot({ path: `${folder}/${path.replace(/\W+/g, '_') || 'home'}-${width}${dark ? '-dark' : ''}.png`, fullPage: true });
  }
}
await browser.close();
