import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { expectNoAxeFindings, useBrowser } from '../support/browser.ts';
import { atEnd } from '../support/clean-up.ts';
import { freshDatabase } from '../support/database.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { Visitor, visibleText } from '../support/visitor.ts';

/** A municipality that does not exist, on the same code: another content folder and a database of its own. */
const folder = path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'portal-second-')), 'content');
atEnd(() => fs.rmSync(path.dirname(folder), { recursive: true, force: true }));
const municipality = `
name: { da: "Fjordby Kommune", en: "Fjordby Municipality" }
shortName: FJB
cvr: "12345674"
team: { da: "Indkøbskontoret", en: "Purchasing Office" }
department: { da: "Økonomi", en: "Finance" }
address: { street: "Havnegade 1", postcode: "9999", city: "Fjordby" }
phone: "12 34 56 78"
email: "indkoeb@fjordby.example"
nuts: DK050
tagline: { da: "Fjordby køber ind, så alle kan se det.", en: "Fjordby buys so that everyone can see." }
colours: { light: "#7a1f5c", dark: "#f0a8d8" }
receiptPrefix: FJB
`;
const own = (text: string): string =>
  text
    .replace(/Høje-Taastrup Kommunes?/g, 'Fjordby Kommune')
    .replace(/Høje-Taastrup Municipality/g, 'Fjordby Municipality')
    .replaceAll('Høje-Taastrup', 'Fjordby');

const browser = useBrowser();
let server: TestServer;
beforeAll(async () => {
  fs.cpSync('content', folder, { recursive: true });
  for (const entry of fs.readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const file = path.join(entry.parentPath, entry.name);
    if (entry.isFile() && /\.(md|yaml)$/.test(file)) fs.writeFileSync(file, own(fs.readFileSync(file, 'utf8')));
  }
  fs.writeFileSync(path.join(folder, 'municipality/municipality.yaml'), municipality);
  fs.writeFileSync(path.join(folder, 'municipality/logo.svg'), '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 10 10"><circle cx="5" cy="5" r="5" fill="#7a1f5c"/></svg>');
  server = await startServer({ database: await freshDatabase('migrated'), env: { CONTENT_DIR: folder } });
});

const pages = [
  '/',
  '/strategi',
  '/krav',
  '/krav/arbejdsklausul',
  '/aftaler',
  '/udbud',
  '/kontakt',
  '/privatliv',
  '/tilgaengelighed',
  '/cookies',
  '/soeg',
  '/log-ind',
  '/findes-ikke',
  '/en',
  '/en/contact',
  '/en/privacy',
];

describe('another municipality on the same code', () => {
  test('has its own name, mark, colours, contact and pages everywhere, and the first one’s nowhere', async () => {
    const visitor = new Visitor(server.base);
    for (const address of [...pages, '/feeds/nyt.atom', '/sitemap.xml', '/.well-known/security.txt']) {
      const text = await visitor.text(address);
      expect([address, /taastrup|htk/i.exec(text)?.[0]]).toEqual([address, undefined]);
    }
    for (const address of pages) {
      const html = await visitor.text(address);
      expect([address, visibleText(html).includes('Fjordby'), html.includes('light-dark(#7a1f5c,#f0a8d8)'), html.includes('<circle cx="5" cy="5" r="5" fill="#7a1f5c"/>')]).toEqual(
        [address, true, true, true],
      );
    }
    expect(visibleText(await visitor.text('/kontakt'))).toContain('indkoeb@fjordby.example');
    expect(await visitor.text('/.well-known/security.txt')).toContain('indkoeb@fjordby.example');
  });

  test.each(['light', 'dark'] as const)('can be read in its colours, %s, and every list says that it is empty', async (colorScheme) => {
    const page = await browser.open(server.base, { colorScheme });
    for (const address of pages) {
      await page.goto(address);
      await expectNoAxeFindings(page, address);
    }
    await page.goto('/aftaler');
    expect(await page.locator('main').textContent()).toContain('Der er ingen aftaler endnu');
  });

  test('an edit by its editors shows within a second of being written', async () => {
    const visitor = new Visitor(server.base);
    const file = path.join(folder, 'pages/da/cookies.md');
    expect(await visitor.text('/cookies')).not.toContain('Helt ny sætning');
    fs.appendFileSync(file, '\nHelt ny sætning.\n');
    const writtenAt = performance.now();
    await vi.waitUntil(async () => (await visitor.text('/cookies')).includes('Helt ny sætning'), { timeout: 5_000, interval: 20 });
    console.log(`an edit shows after ${Math.round(performance.now() - writtenAt)} ms`);
  });
});
