import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { examplePdf } from '../../db/seed/example-file.ts';
import type { Language } from '../../src/i18n/language.ts';
import { pathTo } from '../../src/i18n/routes.ts';
import { expectNoAxeFindings, expectNoSidewaysScroll, logIn, useBrowser } from '../support/browser.ts';
import { startServer, type TestServer } from '../support/server.ts';

/** A supplier puts a certificate into the library, files it for two tasks in one step, and withdraws it; a case officer sees that. */
const browser = useBrowser();
let server: TestServer;
beforeAll(async () => {
  server = await startServer({ env: { WORKER: 'off' } });
});

async function openTasks(requirements: readonly string[]): Promise<void> {
  const { db } = server.database.owner;
  const place = await db
    .selectFrom('agreement_supplier as s')
    .innerJoin('supplier as p', 'p.id', 's.supplier_id')
    .select(['s.agreement_id', 's.supplier_id'])
    .where('p.cvr', '=', '90000004')
    .executeTakeFirstOrThrow();
  await db
    .insertInto('obligation')
    .values(
      requirements.map((requirement) => ({
        ...place,
        requirement_id: requirement,
        type: 'iso-certifikat',
        opens_on: '2026-11-01',
        due_on: '2026-12-15',
        state: 'open',
        shown_publicly: true,
      })),
    )
    .execute();
}

describe.each([
  { lang: 'da', script: false, width: 390 },
  { lang: 'en', script: true, width: 1280 },
] as { lang: Language; script: boolean; width: number }[])('in $lang, script $script, $width px wide', ({ lang, script, width }) => {
  test('a certificate is sent once and filed twice', async () => {
    const requirements = [`krav-et-${lang}`, `krav-to-${lang}`];
    await openTasks(requirements);
    const file = path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'portal-e2e-')), 'certifikat.pdf');
    fs.writeFileSync(file, examplePdf([`Certifikat ${lang}`]));
    const page = await browser.open(server.base, { javaScriptEnabled: script, viewport: { width, height: 900 } });
    const look = async (what: string): Promise<void> => {
      if (!script) return;
      await expectNoAxeFindings(page, what);
      await expectNoSidewaysScroll(page, what);
    };
    await logIn(page, 'leverandoer@demo.example');
    await page.goto(pathTo('library', lang));
    await look('library');
    await page.click('main a.button');
    await page.selectOption('#type', 'iso-certifikat');
    await page.click('main form button');
    // Nothing filled in: every fault is named, at the top and at its field.
    await page.click('main form button[type=submit]');
    expect(await page.locator('#fejl li').count()).toBe(6);
    await look('faults');
    await page.selectOption('#answer-standard', 'iso-9001');
    await page.fill('#answer-certificateNumber', `Q-${lang}`);
    await page.fill('#answer-certifier', 'Prøvecert');
    await page.fill('#answer-scope', 'Alt');
    await page.fill('#answer-validTo', '2027-06-30');
    await page.setInputFiles('#files', file);
    await page.click('main form button[type=submit]');
    await page.waitForURL(/gjort=gemt/);
    for (const requirement of requirements) await page.getByLabel(requirement).check();
    await look('certificate');
    await page.click('button[value=use]');
    await page.waitForURL(/gjort=2/);
    expect(await page.locator('main .rows > li').count()).toBe(2);
    await look('used');

    // The same file again is not taken twice.
    await page.goto(`${pathTo('newEvidence', lang)}?type=iso-certifikat`);
    await page.selectOption('#answer-standard', 'iso-9001');
    for (const key of ['certificateNumber', 'certifier', 'scope']) await page.fill(`#answer-${key}`, 'igen');
    await page.fill('#answer-validTo', '2027-06-30');
    await page.setInputFiles('#files', file);
    await page.click('main form button[type=submit]');
    expect(await page.locator('#fejl').textContent()).toMatch(/sendt før|sent this file before/);
  });
});

test('what is withdrawn is told to the case officer with the reason', async () => {
  const supplier = await browser.open(server.base, { javaScriptEnabled: false });
  await logIn(supplier, 'leverandoer@demo.example');
  await supplier.goto(pathTo('library', 'da'));
  await supplier
    .getByRole('link', { name: /ISO 9001/ })
    .first()
    .click();
  await supplier.locator('summary').click();
  expect(await supplier.locator('details').textContent()).toContain('2 indsendte opgaver');
  await supplier.fill('#reason', 'Udstederen har trukket det.');
  await supplier.click('button[value=withdraw]');
  await supplier.waitForURL(/gjort=trukket/);
  const { db } = server.database.owner;
  const { obligation_id } = await db
    .selectFrom('document as d')
    .innerJoin('evidence_version as v', 'v.id', 'd.evidence_version_id')
    .innerJoin('evidence as e', 'e.id', 'v.evidence_id')
    .select('d.obligation_id')
    .where('e.withdrawn_at', 'is not', null)
    .executeTakeFirstOrThrow();
  const officer = await browser.open(server.base, { javaScriptEnabled: false });
  await logIn(officer, 'sagsbehandler@demo.example');
  await officer.goto(pathTo('case', 'da', { id: obligation_id }));
  expect(await officer.locator('main').textContent()).toContain('Udstederen har trukket det.');
});
