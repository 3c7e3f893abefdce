import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { BrowserContextOptions, Locator, Page } from 'playwright';
import { beforeAll } from 'vitest';
import { pathTo } from '../../src/i18n/routes.ts';
import { logIn, useBrowser } from './browser.ts';
import { atEnd } from './clean-up.ts';
import { obligationOf } from './obligations.ts';
import { startServer, type TestServer } from './server.ts';

/** A supplier at the page of a task that takes CSV and Excel files, on a server of its own. */
export function useUploadPage() {
  const browser = useBrowser();
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'portal-files-'));
  atEnd(() => fs.rmSync(folder, { recursive: true, force: true }));
  const desk = {} as { server: TestServer; task: string };
  beforeAll(async () => {
    desk.server = await startServer();
    desk.task = pathTo('task', 'da', { id: (await obligationOf(desk.server.database, '90000004', 'open', 'miljoemaerke-andel')).id });
  });
  const state = (page: Page): Locator => page.locator('[data-list] .upload__state').last();
  return {
    desk,
    state,

    async opened(options: BrowserContextOptions = {}): Promise<Page> {
      const page = await browser.open(desk.server.base, { viewport: { width: 1280, height: 900 }, ...options });
      await logIn(page, 'leverandoer@demo.example');
      await page.goto(desk.task);
      return page;
    },

    inFolder(name: string, content: string | Uint8Array): string {
      const file = path.join(folder, name);
      fs.writeFileSync(file, content);
      return file;
    },

    choose: (page: Page, ...files: string[]): Promise<void> => page.setInputFiles('#files', files),

    /** Waits until the line of the file chosen last says so. */
    says: (page: Page, text: string | RegExp): Promise<void> => state(page).filter({ hasText: text }).waitFor({ timeout: 30_000 }),

    /** A list that no other test has sent. */
    list: (): string => `varenr;antal\r\n${Math.random()};20\r\n`,
  };
}

/** What has the keyboard: its label, else its element. */
export const focused = (page: Page): Promise<string> => page.evaluate(() => document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.tagName ?? '');

/** Makes the line of a page slow, in bytes a second upwards. */
export async function slowLine(page: Page, speed: number): Promise<void> {
  const session = await page.context().newCDPSession(page);
  await session.send('Network.emulateNetworkConditions', { offline: false, latency: 0, downloadThroughput: -1, uploadThroughput: speed });
}
