import { execFile } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import type { SearchEntry } from '../../src/search/collect.ts';
import { currentIndex, writeIndex } from '../../src/search/pagefind.ts';
import { expectNoAxeFindings, useBrowser } from '../support/browser.ts';
import { atEnd } from '../support/clean-up.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { Visitor } from '../support/visitor.ts';

const browser = useBrowser();
let server: TestServer;
beforeAll(async () => {
  server = await startServer();
  await vi.waitUntil(() => server.log.some((line) => line['event'] === 'search rebuilt'), { timeout: 30_000 });
});

describe('searching while one types', () => {
  test.each([
    ['/soeg', 'vådservietter', '/aftaler/2024-031', 'resultater for »vådservietter«'],
    ['/soeg', 'vaadserv', '/aftaler/2024-031', 'resultater for »vaadserv«'],
    ['/soeg', 'leverandørernes', '/', 'resultater for »leverandørernes«'],
    ['/en/search', 'wipes', '/en/agreements/2024-031', 'results for “wipes”'],
  ])('%s: %s finds %s first and says how many', async (address, question, wanted, words) => {
    const page = await browser.open(server.base);
    const complaints: string[] = [];
    page.on('console', (message) => void (message.type() !== 'info' && complaints.push(message.text())));
    page.on('pageerror', (error) => void complaints.push(String(error)));
    await page.goto(address);
    await page.locator('#soegeord').pressSequentially(question, { delay: 10 });
    await page.locator(`[data-live] h2:has-text("${words}")`).waitFor();
    expect(await page.locator('[data-live] a').first().getAttribute('href')).toMatch(new RegExp(`^${wanted}`));
    expect(await page.locator('[role="status"]').textContent()).toContain(words);
    expect(await page.locator('[data-live] h2').textContent()).toContain(words);
    expect(complaints).toEqual([]);
    await expectNoAxeFindings(page, `${address} ${question}`);
  });

  test('keyboard alone: from the field to a result and on, and Enter asks the server', async () => {
    const page = await browser.open(server.base);
    await page.goto('/soeg');
    while ((await page.evaluate('document.activeElement.id')) !== 'soegeord') await page.keyboard.press('Tab');
    await page.keyboard.type('arbejdsklausul');
    await page.locator('[data-live] a[href="/krav/arbejdsklausul"]').waitFor();
    while ((await page.evaluate('document.activeElement.getAttribute("href")')) !== '/krav/arbejdsklausul') await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.waitForURL('**/krav/arbejdsklausul');
    await page.goBack();
    await page.locator('#soegeord').fill('sæbe');
    await page.keyboard.press('Enter');
    await page.waitForURL('**/soeg?q=s%C3%A6be');
    expect(await page.locator('h2').first().textContent()).toMatch(/resultat/);
  });

  test('a question with markup is shown as text, and clearing the field clears the list', async () => {
    const page = await browser.open(server.base);
    await page.goto('/soeg');
    await page.fill('#soegeord', '<img src=x onerror=alert(1)>');
    await page.locator('[data-live] h2').waitFor();
    expect(await page.locator('[data-live] img').count()).toBe(0);
    await page.fill('#soegeord', '');
    await page.locator('[data-live] h2').waitFor({ state: 'detached' });
  });

  test('weighs at most 40 kB before anyone types, and at most 150 kB with the first answer', async () => {
    const page = await browser.open(server.base);
    const sizes: number[] = [];
    page.on('requestfinished', async (request) => {
      if (request.resourceType() !== 'font') sizes.push((await request.sizes()).responseBodySize);
    });
    await page.goto('/soeg', { waitUntil: 'networkidle' });
    const before = sizes.reduce((sum, size) => sum + size, 0);
    await page.fill('#soegeord', 'rengøring');
    await page.locator('[data-live] li').first().waitFor();
    await page.waitForLoadState('networkidle');
    const after = sizes.reduce((sum, size) => sum + size, 0);
    console.log(`search page: ${before} bytes at first, ${after} with the first answer`);
    expect(before).toBeLessThan(40_000);
    expect(after).toBeGreaterThan(before);
    expect(after).toBeLessThan(150_000);
  });

  test('without the index the page is the plain form', async () => {
    const bare = await startServer({ env: { WORKER: 'off' } });
    const html = await new Visitor(bare.base).text('/soeg');
    expect(html).not.toContain('<script');
    expect(html).toContain('name="q"');
  });
});

describe('the index for the browser', () => {
  const entry = (title: string): SearchEntry => ({ address: `/${title}`, lang: 'da', kind: 'page', title, body: 'Om børn & <rengøring>', words: '' });

  test('is replaced in one step, kept for pages that are open, and not written again when nothing has changed', async () => {
    const root = fs.mkdtempSync(path.join(os.tmpdir(), 'portal-index-'));
    atEnd(() => fs.rmSync(root, { recursive: true, force: true }));
    expect(await currentIndex(root)).toBeNull();
    const first = await writeIndex(root, [entry('a')]);
    const writtenAt = fs.statSync(path.join(root, first)).mtimeMs;
    expect(await writeIndex(root, [entry('a')])).toBe(first);
    expect(fs.statSync(path.join(root, first)).mtimeMs).toBe(writtenAt);
    const second = await writeIndex(root, [entry('b')]);
    expect([await currentIndex(root), fs.existsSync(path.join(root, first, 'pagefind.js'))]).toEqual([second, true]);
    for (const title of ['c', 'd', 'e']) await writeIndex(root, [entry(title)]);
    expect(fs.readdirSync(root).filter((name) => name !== 'current')).toHaveLength(3);
    expect(fs.existsSync(path.join(root, first))).toBe(false);
  });

  test('is written by the worker and the command, and one that is killed half-way leaves the old one', async () => {
    const root = fs.mkdtempSync(path.join(os.tmpdir(), 'portal-index-'));
    atEnd(() => fs.rmSync(root, { recursive: true, force: true }));
    const before = await writeIndex(root, [entry('a')]);
    fs.mkdirSync(path.join(root, 'ffffffffffffffff.unfinished-1'));
    expect(await currentIndex(root)).toBe(before);
    const { stdout } = await promisify(execFile)(process.execPath, ['src/cli.ts', 'search', 'rebuild'], {
      env: { ...process.env, DATABASE_URL: server.database.ownerUrl, DATA_DIR: server.dataDir, DEMO: 'true' },
    });
    expect(stdout).toMatch(/^\d+ pages can be found\.$/m);
  });
});
