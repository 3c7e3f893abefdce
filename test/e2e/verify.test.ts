import { createHash } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { Page } from 'playwright';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { auditCompareCommand } from '../../src/commands/audit-compare.ts';
import { keysIn } from '../../src/commands/receipt.ts';
import { canonical, type Receipt, verifyReceipt } from '../../src/documents/receipts/verify.ts';
import { signCheckpoint } from '../../src/platform/audit/checkpoint.ts';
import { signerFrom } from '../../src/platform/audit/signing.ts';
import { expectNoAxeFindings, expectNoSidewaysScroll, logIn, useBrowser } from '../support/browser.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { Visitor, visibleText } from '../support/visitor.ts';

const browser = useBrowser();
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'portal-verify-'));
afterAll(() => fs.rmSync(folder, { recursive: true, force: true }));
const inFolder = (name: string, content: string | Uint8Array): string => {
  const file = path.join(folder, name);
  fs.writeFileSync(file, content);
  return file;
};

let server: TestServer;
let visitor: Visitor;
let receiptPage: string;
const files = { json: '', pdf: '', answers: '', listed: '', forged: '', stranger: '', cut: '' };
let number = '';
beforeAll(async () => {
  server = await startServer();
  visitor = new Visitor(server.base);
  await visitor.logIn('leverandoer@demo.example');
  for (const [task] of (await visitor.text('/leverandoer')).matchAll(/\/leverandoer\/opgaver\/[0-9a-f-]{36}/g)) {
    receiptPage = /\/leverandoer\/kvitteringer\/[0-9a-f-]{36}/.exec(await visitor.text(task))?.[0] ?? '';
    if (receiptPage && (await visitor.text(receiptPage)).includes('SHA-256:')) break;
  }
  const json = await (await visitor.get(`${receiptPage}/kvittering.json`)).text();
  const { statement } = JSON.parse(json) as Receipt;
  const [listed] = statement.files;
  number = statement.number;
  if (!listed) throw new Error('no receipt with a file');
  files.listed = inFolder('min fil.csv', fs.readFileSync(path.join(server.dataDir, 'files', listed.sha256.slice(0, 2), listed.sha256.slice(2, 4), listed.sha256)));
  files.json = inFolder('kvittering.json', json);
  files.pdf = inFolder('kvittering.pdf', new Uint8Array(await (await visitor.get(`${receiptPage}/kvittering.pdf`)).arrayBuffer()));
  files.answers = inFolder('svar.json', await (await visitor.get(`${receiptPage}/svar.json`)).text());
  files.forged = inFolder(
    'falsk.json',
    json.replaceAll(
      number,
      number.replace(/.$/, (digit) => (digit === '9' ? '8' : '9')),
    ),
  );
  files.cut = inFolder('afbrudt.json', json.slice(0, -60));
  files.stranger = inFolder('noget andet.csv', 'noget;andet\n');
});

/** The page with what it asked the network for, and everything that the browser complained of. */
async function opened(address = '/verificer', options: Parameters<typeof browser.open>[1] = {}) {
  const page = await browser.open(server.base, options);
  const asked: string[] = [];
  const complaints: string[] = [];
  await page.goto(address, { waitUntil: 'networkidle' });
  page.on('request', (request) => asked.push(`${request.method()} ${new URL(request.url()).pathname}`));
  page.on('console', (message) => complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(String(error)));
  return { page, asked, complaints };
}

async function choose(page: Page, ...chosen: string[]): Promise<string> {
  await page.setInputFiles('#filer', chosen);
  await page.waitForFunction(() => !/^(|Kontrollerer …|Checking …)$/.test(document.querySelector('[data-result-status]')?.textContent ?? ''));
  return (await page.locator('[data-result]').textContent()) ?? '';
}

describe('the page that checks receipts', () => {
  test('without a connection tells a genuine receipt from a forged one, as JSON and as PDF, and compares files; nothing is sent', async () => {
    const { page, asked, complaints } = await opened();
    await page.context().setOffline(true);
    const good = await choose(page, files.json, files.listed, files.answers);
    expect(good).toContain('Kvitteringen er ægte og uændret');
    expect(good).toContain(number);
    expect(good.match(/Din fil er den samme/g)).toHaveLength(2);
    expect(await choose(page, files.stranger)).toMatch(/Kvitteringen er ægte[\s\S]*noget andet\.csv[\s\S]*Står ikke på kvitteringen/);
    expect(await choose(page, files.pdf)).toMatch(/Kvitteringen er ægte[\s\S]*Sammenlign det med det, du kan læse i PDF-filen/);
    expect(await choose(page, files.forged)).toMatch(/Kvitteringen er ændret[\s\S]*falsk\.json[\s\S]*Stol ikke på den/);
    expect(await choose(page, files.cut)).toContain('Kvitteringen er ikke hel');
    expect(asked).toEqual([]);
    expect(complaints).toEqual([]);
    // Only a file alone needs somebody to ask.
    const { page: other } = await opened();
    await other.context().setOffline(true);
    expect(await choose(other, files.listed)).toMatch(/Filen er ikke en kvittering[\s\S]*ingen forbindelse/);
  });

  test('gives each of several receipts its own result, in whatever order they come, and the worst of it on top', async () => {
    const { page } = await opened();
    const headline = (): Promise<string | null> => page.locator('[data-result-blocks] .notice').first().textContent();
    for (const order of [
      [files.json, files.forged],
      [files.forged, files.json],
    ]) {
      const text = await choose(page, ...order, files.listed);
      expect(await headline()).toContain('1 af 2 kvitteringer er ikke i orden');
      expect(text).toMatch(/Kvitteringen er ægte og uændret[\s\S]*kvittering\.json/);
      expect(text).toMatch(/Kvitteringen er ændret[\s\S]*falsk\.json/);
      expect([text.includes('Dine andre filer'), text.match(/Din fil er den samme/g)?.length]).toEqual([false, 1]);
    }
    await choose(page, files.json, files.pdf);
    expect(await headline()).toContain('Alle 2 kvitteringer er ægte og uændrede');
    await choose(page, files.json);
    expect(await headline()).toContain('Kvitteringen er ægte og uændret');
    await choose(page, files.stranger);
    expect(await headline()).toContain('Kvitteringen er ægte, men en af dine filer står ikke på den');
    expect(await page.locator('[data-result-status]').textContent()).toMatch(/^Kvitteringen er ægte, men en af dine filer står ikke på den/);
  });

  test('tells a PDF that lacks its end from one that is whole, since the receipt inside may be whole', async () => {
    const { page } = await opened();
    const bytes = fs.readFileSync(files.pdf);
    const cut = inFolder('afkortet.pdf', bytes.subarray(0, bytes.length - 1_100));
    const text = await choose(page, cut);
    expect(text).toMatch(/Kvitteringens oplysninger er ægte, men PDF-filen er ikke hel[\s\S]*Slutningen af PDF-filen mangler/);
    expect(text).not.toContain('Kvitteringen er ægte og uændret');
  });

  test('takes what is dropped on it, and says the result in a place that is read aloud', async () => {
    const { page, complaints } = await opened('/en/verify');
    const text = fs.readFileSync(files.json, 'utf8');
    const dropped = await page.evaluateHandle((content) => {
      const transfer = new DataTransfer();
      transfer.items.add(new File([content], 'receipt.json', { type: 'application/json' }));
      return transfer;
    }, text);
    // Beside the form, which the browser would answer by opening the file.
    await page.dispatchEvent('h1', 'drop', { dataTransfer: dropped });
    await page.waitForFunction(() => document.querySelector('[role="status"][data-result-status]')?.textContent?.startsWith('The receipt is genuine and unchanged'));
    expect(await page.locator('[data-result]').textContent()).toContain('Issued by');
    expect(complaints).toEqual([]);
  });

  test('works with the keyboard alone, and asks for a file when there is none', async () => {
    const { page } = await opened();
    await page.focus('#filer');
    await page.keyboard.press('Tab');
    // The browser’s own field may hold two stops.
    if ((await page.evaluate(() => document.activeElement?.tagName)) !== 'BUTTON') await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.waitForSelector('text=Der er ikke valgt en fil');
    expect(page.url()).toMatch(/\/verificer$/);
  });

  test('asks about a file alone by its hash only, and learns the day it was received and nothing more', async () => {
    const { page, asked } = await opened();
    const hash = createHash('sha256').update(fs.readFileSync(files.listed)).digest('hex');
    expect(await choose(page, files.listed)).toMatch(/Kommunen har modtaget filen[\s\S]*Modtaget første gang \d+\. \S+ 2026/);
    expect(asked).toEqual([`GET /api/v1/receipts/files/${hash}`]);
    expect(await choose(page, files.stranger)).toContain('Ikke modtaget');
    const answer = await visitor.get(`/api/v1/receipts/files/${hash}`);
    expect([answer.headers.get('cache-control'), answer.headers.get('access-control-allow-origin')]).toEqual(['no-store', null]);
    expect(await answer.json()).toEqual({ known: true, receivedOn: expect.stringMatching(/^2026-\d\d-\d\d$/) });
    expect(await (await visitor.get(`/api/v1/receipts/files/${'0'.repeat(64)}`)).json()).toEqual({ known: false });
    for (const wrong of ['x', 'A'.repeat(64), '0'.repeat(65)]) expect((await visitor.get(`/api/v1/receipts/files/${wrong}`)).status).toBe(400);
  });

  test('has no axe finding and no sideways scroll, whatever came of the check', { timeout: 120_000 }, async () => {
    for (const [width, colorScheme, address] of [
      [320, 'light', '/verificer'],
      [1280, 'dark', '/en/verify'],
    ] as const) {
      const { page } = await opened(address, { colorScheme, viewport: { width, height: 900 } });
      for (const chosen of [[files.listed], [files.forged], [files.pdf, files.listed, files.stranger]]) {
        await choose(page, ...chosen);
        await expectNoAxeFindings(page, `${address} ${chosen.length}`);
        await expectNoSidewaysScroll(page, `${address} ${chosen.length}`);
      }
    }
  });

  test('where the browser cannot check signatures says so, and the form asks the server instead', async () => {
    const { page } = await opened();
    await page.evaluate(() => {
      crypto.subtle.importKey = () => Promise.reject(new DOMException('no Ed25519', 'NotSupportedError'));
    });
    expect(await choose(page, files.json)).toContain('Din browser kan ikke kontrollere underskrifter');
    await page.click('form.drop button');
    await page.waitForSelector('text=Kvitteringen er ægte og uændret');
    expect(await page.locator('[data-result]').textContent()).toMatch(/Kvitteringen er ægte og uændret[\s\S]*Kvitteringsnummer/);
  });
});

describe('without script', () => {
  const sent = async (address: string, ...names: string[]) => {
    const form = new FormData();
    for (const name of names) form.append('filer', new Blob([new Uint8Array(fs.readFileSync(name))]), path.basename(name));
    const response = await new Visitor(server.base).post(address, form);
    return { status: response.status, cache: response.headers.get('cache-control'), text: visibleText(await response.text()) };
  };

  test('the same form gets the same answer from the server, in both languages, and nothing that was sent is kept', async () => {
    const page = await browser.open(server.base, { javaScriptEnabled: false });
    await page.goto('/verificer');
    expect(await page.locator('body').textContent()).toContain('Vi svarer med det samme og gemmer dem ikke');
    expect(await page.locator('[data-private]').isVisible()).toBe(false);
    await page.setInputFiles('#filer', [files.pdf, files.listed]);
    await page.click('form.drop button');
    expect(await page.locator('[data-result]').textContent()).toMatch(/Kvitteringen er ægte og uændret[\s\S]*Din fil er den samme/);

    const before = fs.readdirSync(server.dataDir, { recursive: true }).length;
    expect(await sent('/en/verify', files.json)).toMatchObject({ status: 200, text: expect.stringContaining('The receipt is genuine and unchanged') });
    expect(await sent('/verificer', files.json, files.forged)).toMatchObject({
      status: 200,
      text: expect.stringMatching(/1 af 2 kvitteringer er ikke i orden.*ægte og uændret.*ændret.*falsk\.json/s),
    });
    expect(await sent('/verificer', files.forged)).toMatchObject({ status: 200, text: expect.stringContaining('Kvitteringen er ændret') });
    expect(await sent('/verificer', files.stranger)).toMatchObject({ status: 200, text: expect.stringContaining('Ikke modtaget') });
    expect(await sent('/verificer')).toMatchObject({ status: 400, text: expect.stringContaining('Der er ikke valgt en fil') });
    expect(await sent('/verificer', inFolder('stor.bin', Buffer.alloc(2_100_000)))).toMatchObject({ status: 413, text: expect.stringContaining('Filerne er for store') });
    expect(fs.readdirSync(server.dataDir, { recursive: true }).length).toBe(before);
  });
});

describe('who gets what', () => {
  test('the supplier gets the receipt as PDF and JSON and its answers, staff the receipt alone, others nothing', async () => {
    const id = receiptPage.split('/').at(-1) ?? '';
    const statuses = async (who: Visitor) =>
      Promise.all(
        [
          `${receiptPage}/kvittering.pdf`,
          `/en/supplier/receipts/${id}/receipt.json`,
          `${receiptPage}/svar.json`,
          `/forvaltning/kvitteringer/${id}/kvittering.pdf`,
          `/en/administration/receipts/${id}/receipt.json`,
        ].map(async (address) => (await who.get(address)).status),
      );
    const as = async (email: string): Promise<Visitor> => {
      const who = new Visitor(server.base);
      await who.logIn(email);
      return who;
    };
    expect(await statuses(visitor)).toEqual([200, 200, 200, 403, 403]);
    expect(await statuses(await as('anden@demo.example'))).toEqual([404, 404, 404, 403, 403]);
    expect(await statuses(await as('sagsbehandler@demo.example'))).toEqual([403, 403, 403, 200, 200]);
    expect(await statuses(await as('redaktoer@demo.example'))).toEqual([403, 403, 403, 404, 404]);
    expect(await statuses(new Visitor(server.base))).toEqual([303, 303, 303, 303, 303]);
    const { headers } = await visitor.get(`${receiptPage}/kvittering.pdf`);
    expect(headers.get('content-disposition')).toContain(`filename="kvittering-${number}.pdf"`);
    expect(headers.get('content-security-policy')).toContain('sandbox');
    expect((await visitor.get('/leverandoer/kvitteringer/findes-ikke/kvittering.pdf')).status).toBe(404);
  });

  test('both find it on the page where they look for it, which has no axe finding', async () => {
    for (const [email, address, link] of [
      ['leverandoer@demo.example', receiptPage.replace('/leverandoer/kvitteringer', '/en/supplier/receipts'), '/en/supplier/receipts/'],
      ['sagsbehandler@demo.example', '', '/forvaltning/kvitteringer/'],
    ] as const) {
      const page = await browser.open(server.base, { viewport: { width: 390, height: 900 } });
      await logIn(page, email);
      if (address) await page.goto(address);
      else await page.click('main a[href^="/forvaltning/sager/"]');
      const href = await page.locator(`main a[href^="${link}"][download]`).first().getAttribute('href');
      expect((await page.request.get(href ?? '')).headers()['content-type']).toBe('application/pdf');
      await expectNoAxeFindings(page, email);
      await expectNoSidewaysScroll(page, email);
    }
  });

  test('keys, program and checkpoints are there for everybody', async () => {
    const anybody = new Visitor(server.base);
    const { keys } = (await (await anybody.get('/.well-known/receipt-keys.json')).json()) as { keys: { id: string; publicKey: string; verifierKey: string }[] };
    expect(keys.length).toBeGreaterThan(0);
    for (const { id, publicKey } of keys) expect(createHash('sha256').update(Buffer.from(publicKey, 'hex')).digest('hex').slice(0, 16)).toBe(id);
    expect(await anybody.text('/verificer/verify.ts')).toBe(fs.readFileSync('src/documents/receipts/verify.ts', 'utf8'));
    const note = await anybody.text('/revision/kontrolpunkt');
    const listed = (await (await anybody.get('/revision/kontrolpunkter.json')).json()) as { checkpoints: { size: number; note: string }[]; next: string | null };
    // One more is made when the clock strikes.
    expect(listed.next).toBeNull();
    expect(listed.checkpoints.map((each) => each.note)).toContain(note);
    expect((await anybody.get('/revision/kontrolpunkter.json?under=x')).status).toBe(400);
    expect(await (await anybody.get('/revision/kontrolpunkter.json?under=1')).json()).toEqual({ checkpoints: [], next: null });
    for (const [query, status] of [
      ['', 400],
      ['?fra=0&til=5', 400],
      ['?fra=5&til=5', 200],
      ['?fra=6&til=5', 404],
      ['?fra=1&til=999999999999', 404],
    ] as const)
      expect([query, (await anybody.get(`/revision/bevis.json${query}`)).status]).toEqual([query, status]);
  });

  test('whoever kept a checkpoint can tell from outside whether the log still begins with it', async () => {
    const keysFile = inFolder('receipt-keys.json', await visitor.text('/.well-known/receipt-keys.json'));
    const kept = inFolder('kontrolpunkt.txt', await visitor.text('/revision/kontrolpunkt'));
    const lines: string[] = [];
    const spy = vi.spyOn(console, 'log').mockImplementation((line: string) => void lines.push(line));
    try {
      expect(await auditCompareCommand(kept, server.base, keysFile)).toBe(0);
      for (const receipt of [files.json, files.pdf]) expect(await auditCompareCommand(receipt, server.base, keysFile)).toBe(0);
      expect(await auditCompareCommand(files.forged, server.base, keysFile)).toBe(1);
      // One that was signed with a key of ours over what the log never was: it must have been changed since.
      const signer = signerFrom(fs.readFileSync(path.join(server.dataDir, 'receipt-key'), 'utf8'));
      const origin = fs.readFileSync(kept, 'utf8').split('\n')[0] ?? '';
      for (const [size, words] of [
        [9, 'The log was changed, or never was so: its first 9 entries'],
        [99_999, 'some were cut off'],
      ] as const) {
        expect(await auditCompareCommand(inFolder('andet.txt', signCheckpoint(signer, origin, size, Buffer.alloc(32, 1))), server.base, keysFile)).toBe(1);
        expect(lines.at(-1)).toContain(words);
      }
      // Whoever stole the key can sign a receipt of a log of their own making; the published log gives it away.
      const { statement } = JSON.parse(fs.readFileSync(files.json, 'utf8')) as Receipt;
      const hash = (...parts: (string | Buffer)[]) =>
        createHash('sha256')
          .update(Buffer.concat(parts.map((part) => Buffer.from(part))))
          .digest();
      const entry = JSON.stringify([1, '2020-01-01T00:00:00Z', null, 'submission.filed', '', null, { statement: hash(canonical(statement)).toString('hex') }]);
      const root = hash(Buffer.from([0]), hash(Buffer.alloc(32), entry)).toString('hex');
      const body: Receipt = {
        kind: 'receipt-of-filing',
        version: 1,
        keyId: signer.keyId,
        statement,
        log: { entry, previousHash: '00'.repeat(32), treeSize: 1, root, path: [] },
      };
      const stolen = inFolder('stjaalet.json', JSON.stringify({ ...body, signature: signer.sign(canonical(body)).toString('hex') }));
      expect((await verifyReceipt(fs.readFileSync(stolen), keysIn(keysFile))).fault).toBeNull();
      expect(await auditCompareCommand(stolen, server.base, keysFile)).toBe(1);
      expect(lines.at(-1)).toContain('The log was changed, or never was so: its first 1 entries are not those of the receipt');
      const stranger = signerFrom(Buffer.alloc(32, 9).toString('base64'));
      expect(await auditCompareCommand(inFolder('fremmed.txt', signCheckpoint(stranger, origin, 9, Buffer.alloc(32, 1))), server.base, keysFile)).toBe(1);
      expect(lines.at(-1)).toContain('is not signed');
      await expect(auditCompareCommand(kept, 'http://127.0.0.1:9', keysFile)).rejects.toThrow(/cannot be reached/);
    } finally {
      spy.mockRestore();
    }
  });

  test('who asks about sixty files in a quarter of an hour must wait', async () => {
    const guesser = new Visitor(server.base);
    const statuses: number[] = [];
    for (let index = 0; index < 70; index += 1) statuses.push((await guesser.get(`/api/v1/receipts/files/${createHash('sha256').update(String(index)).digest('hex')}`)).status);
    expect(statuses.at(-1)).toBe(429);
    expect(statuses.filter((status) => status === 200).length).toBeLessThanOrEqual(60);
    const { page } = await opened();
    expect(await choose(page, files.stranger)).toMatch(/Kan ikke svare lige nu|Vent et kvarter/);
  });
});
