import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { CDPSession, Page } from 'playwright';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { typeOf } from '../../src/followup/obligation-type.ts';
import { pathTo } from '../../src/i18n/routes.ts';
import { expectNoAxeFindings, expectNoSidewaysScroll, logIn, useBrowser } from '../support/browser.ts';
import { testApp } from '../support/database.ts';
import { fullAnswers, obligationOf } from '../support/obligations.ts';
import { freePort, startServer, type TestServer } from '../support/server.ts';

/** A supplier loses the connection in the middle of a file, goes on, files, and holds a receipt that page and command confirm. */
const browser = useBrowser();
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'portal-upload-'));
afterAll(() => fs.rmSync(folder, { recursive: true, force: true }));
const inFolder = (name: string, content: string | Uint8Array): string => {
  const file = path.join(folder, name);
  fs.writeFileSync(file, content);
  return file;
};
let server: TestServer;
let place: { dataDir: string; env: { PORT: string; SITE_URL: string } };
beforeAll(async () => {
  const port = String(await freePort());
  place = { dataDir: fs.mkdtempSync(path.join(os.tmpdir(), 'portal-data-')), env: { PORT: port, SITE_URL: `http://localhost:${port}` } };
  fs.cpSync(inject('files'), path.join(place.dataDir, 'files'), { recursive: true });
  server = { ...(await startServer(place)), base: place.env.SITE_URL };
});
afterAll(() => fs.rmSync(place.dataDir, { recursive: true, force: true }));

const large = Buffer.from(`varenr;antal\r\n${'712345;20\r\n'.repeat(700_000)}`);

const sessions = new WeakMap<Page, CDPSession>();
/** The line of this page only, in bytes a second upwards. */
async function line(page: Page, speed: number | 'full'): Promise<void> {
  const session = sessions.get(page) ?? (await page.context().newCDPSession(page));
  sessions.set(page, session);
  await session.send('Network.emulateNetworkConditions', {
    offline: false,
    latency: 0,
    downloadThroughput: -1,
    uploadThroughput: speed === 'full' ? -1 : speed,
  });
}

/** Waits until the line of the file chosen last says so. */
const stateSays = (page: Page, text: string | RegExp): Promise<void> => page.locator('.upload__state').last().filter({ hasText: text }).waitFor({ timeout: 30_000 });

async function fillIn(page: Page, typeId: string): Promise<void> {
  const app = await testApp(server.database);
  const type = typeOf(app.types, typeId);
  const values = fullAnswers(type);
  for (const field of type.fields) {
    const place = page.locator(`#answer-${field.key}`);
    if (field.type === 'enum') await place.selectOption(values[field.key] ?? '');
    else if (field.type === 'boolean') await place.check();
    else await place.fill(values[field.key] ?? '');
  }
}

/** A command as an operator gives it; what it said, and its exit code. */
function portal(...words: string[]): { code: number; said: string } {
  try {
    return { code: 0, said: execFileSync(process.execPath, ['src/cli.ts', ...words], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }) };
  } catch (error) {
    const { status, stdout, stderr } = error as { status: number; stdout: string; stderr: string };
    return { code: status, said: stdout + stderr };
  }
}

test('a connection that is lost in the middle costs nothing, and ends with a receipt that page and command confirm and of which both refuse a forgery', async () => {
  const { id } = await obligationOf(server.database, '90000004', 'open', 'miljoemaerke-andel');
  const file = inFolder('salg.csv', large);
  const page = await browser.open(server.base, { viewport: { width: 390, height: 900 } });
  await logIn(page, 'leverandoer@demo.example');
  await page.goto(pathTo('task', 'da', { id }));
  await fillIn(page, 'miljoemaerke-andel');
  // What cannot be used is told before it is sent, beside its name.
  await page.setInputFiles('#files', inFolder('billede.gif', 'GIF89a'));
  await stateSays(page, 'Filtypen kan ikke bruges her');
  await page.getByRole('button', { name: 'Fjern billede.gif' }).click();
  await line(page, 500_000);
  await page.setInputFiles('#files', file);
  await stateSays(page, /Sender: [1-9]\d? %/);
  // The server dies; for the browser that is a line that is dead.
  await server.stop('SIGKILL');
  await stateSays(page, 'Forbindelsen er væk');
  await expectNoAxeFindings(page, 'a line that is lost');
  await expectNoSidewaysScroll(page, 'a line that is lost');
  const sent = await server.database.owner.db.selectFrom('upload').select(['received_bytes', 'size_bytes']).where('obligation_id', '=', id).executeTakeFirstOrThrow();
  expect(Number(sent.received_bytes)).toBeLessThan(large.length);
  // The button is pressed before the file is there: the page goes on by itself when it is.
  await page.getByRole('button', { name: 'Indsend til kommunen' }).click();
  await line(page, 'full');
  server = { ...(await startServer({ ...place, database: server.database })), base: place.env.SITE_URL };
  await page.waitForURL(/kvitteringer/, { timeout: 60_000 });
  const sha256 = createHash('sha256').update(large).digest('hex');
  expect(await page.locator('main').textContent()).toContain(sha256);
  const documents = await server.database.owner.db.selectFrom('document').select('id').where('obligation_id', '=', id).execute();
  expect(documents).toHaveLength(1);

  const fetched = await page.evaluate(async (address) => (await fetch(`${address}/kvittering.json`)).text(), page.url());
  const receipt = inFolder('kvittering.json', fetched);
  const forged = inFolder('falsk.json', fetched.replace(sha256, createHash('sha256').update('noget andet').digest('hex')));
  const keys = inFolder('keys.json', await (await fetch(`${server.base}/.well-known/receipt-keys.json`)).text());
  expect(portal('receipt', 'verify', receipt, file, '--keys', keys)).toMatchObject({ code: 0 });
  expect(portal('receipt', 'verify', forged, file, '--keys', keys)).toMatchObject({ code: 1 });
  expect(portal('receipt', 'verify', receipt, inFolder('rettet.csv', `${large}x`), '--keys', keys)).toMatchObject({ code: 1 });

  await page.goto('/verificer');
  const verified = async (...chosen: string[]): Promise<string> => {
    await page.setInputFiles('#filer', chosen);
    await page.waitForFunction(() => !/^(|Kontrollerer …)$/.test(document.querySelector('[data-result-status]')?.textContent ?? ''));
    return (await page.locator('[data-result]').textContent()) ?? '';
  };
  expect(await verified(receipt, file)).toContain('Kvitteringen er ægte og uændret');
  await page.reload();
  expect(await verified(forged)).not.toContain('Kvitteringen er ægte og uændret');
});

test('a file can be paused, resumed, and taken out again; the keyboard does all of it', async () => {
  const { id } = await obligationOf(server.database, '90000004', 'returned').catch(() => obligationOf(server.database, '90000004', 'open'));
  const { evidence } = typeOf(
    (await testApp(server.database)).types,
    (await server.database.owner.db.selectFrom('obligation').select('type').where('id', '=', id).executeTakeFirstOrThrow()).type,
  );
  expect(evidence).toEqual(expect.arrayContaining([expect.stringMatching(/pdf|csv/)]));
  const isText = evidence.includes('csv');
  const file = inFolder(isText ? 'lang.csv' : 'lang.pdf', Buffer.concat([Buffer.from(isText ? 'a;b\r\n' : '%PDF-1.4\n'), Buffer.alloc(6_000_000, 'x')]));
  const page = await browser.open(server.base);
  await logIn(page, 'leverandoer@demo.example');
  await page.goto(pathTo('task', 'da', { id }));
  await line(page, 1_000_000);
  await page.setInputFiles('#files', file);
  await stateSays(page, /Sender: [1-9]\d? %/);
  await page.getByRole('button', { name: /Sæt .* på pause/ }).press('Enter');
  await stateSays(page, /Sat på pause ved \d+ %/);
  const focused = await page.evaluate(() => document.activeElement?.getAttribute('aria-label') ?? '');
  expect(focused).toMatch(/^Fortsæt med/);
  await page.keyboard.press('Enter');
  await stateSays(page, /Sender: \d+ %/);
  await page.getByRole('button', { name: /^Fjern lang/ }).press('Enter');
  await page.locator('[data-list] li').waitFor({ state: 'detached' });
  await expect
    .poll(async () => (await server.database.owner.db.selectFrom('upload').select('id').where('obligation_id', '=', id).where('finished_at', 'is', null).execute()).length)
    .toBe(0);
});
