import { createHash } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { Page } from 'playwright';
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
  await supplier.click('button[value=withdraw]');
  expect(await supplier.locator('#fejl li').textContent()).toBe('Hvorfor? Skriv, hvorfor det trækkes tilbage.');
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

describe('a file that is refused', () => {
  const type = `${pathTo('newEvidence', 'da')}?type=iso-certifikat`;
  const fillIn = async (page: Page): Promise<void> => {
    await page.goto(type);
    await page.selectOption('#answer-standard', 'iso-9001');
    for (const key of ['certificateNumber', 'certifier', 'scope']) await page.fill(`#answer-${key}`, 'Skrevet');
    await page.fill('#answer-validTo', '2027-06-30');
  };
  const fileIn = (name: string): string => {
    const file = path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'portal-e2e-')), name);
    fs.writeFileSync(file, examplePdf([name]));
    return file;
  };
  const judge = (name: string, verdict: string, reason: string | null) =>
    server.database.owner.db
      .updateTable('stored_file')
      .set({ verdict, reason })
      .where(
        'sha256',
        '=',
        createHash('sha256')
          .update(examplePdf([name]))
          .digest('hex'),
      )
      .execute();
  const kept = async (name: string): Promise<number> => (await server.database.owner.db.selectFrom('evidence_version').select('id').where('name', '=', name).execute()).length;

  test.each([true, false])('is not kept as a certificate, and the form says why; what was typed stays (script %s)', async (script) => {
    const name = `laast-${script}.pdf`;
    const page = await browser.open(server.base, { javaScriptEnabled: script });
    await logIn(page, 'leverandoer@demo.example');
    // The bytes are known to be bad: of this supplier's own upload, or of somebody else's.
    const sha256 = createHash('sha256')
      .update(examplePdf([name]))
      .digest('hex');
    if (!script)
      await server.database.owner.db
        .insertInto('stored_file')
        .values({ sha256, kind: 'pdf', size_bytes: 1, stored_at: new Date(), verdict: 'refused', reason: 'password' })
        .execute();
    await fillIn(page);
    await page.setInputFiles('#files', fileIn(name));
    if (script) {
      await page.locator('input[name=upload]').waitFor({ state: 'attached' });
      await judge(name, 'refused', 'password');
      await page.locator('.upload__state', { hasText: 'Afvist: Filen er låst med en adgangskode.' }).waitFor();
    }
    await page.click('main form button[type=submit]');
    expect(await page.locator('#fejl').textContent()).toContain('Filen er låst med en adgangskode. Gem den uden adgangskode, og send den igen.');
    expect(await page.inputValue('#answer-certifier')).toBe('Skrevet');
    expect([await page.locator('input[name=upload]').count(), await kept(name)]).toEqual([0, 0]);
    await page.setInputFiles('#files', fileIn(`god-${script}.pdf`));
    if (script) await page.locator('input[name=upload]').waitFor({ state: 'attached' });
    await page.click('main form button[type=submit]');
    await page.waitForURL(/gjort=gemt/);
    expect(await kept(`god-${script}.pdf`)).toBe(1);
  });

  test('or held, or not checked yet, is told of on its page and in the list', async () => {
    const page = await browser.open(server.base, { javaScriptEnabled: false });
    await logIn(page, 'leverandoer@demo.example');
    await fillIn(page);
    await page.setInputFiles('#files', fileIn('senere.pdf'));
    await page.click('main form button[type=submit]');
    await page.waitForURL(/gjort=gemt/);
    for (const [verdict, reason, words] of [
      ['waiting', 'scanner-away', 'Virusscanneren svarer ikke.'],
      ['held', 'pdf-damaged', 'PDF-filen er beskadiget'],
      ['refused', 'malware', 'Der er fundet virus i filen.'],
    ] as const) {
      await judge('senere.pdf', verdict, reason);
      await page.reload();
      expect(await page.locator('.timeline').textContent()).toContain(words);
      const address = page.url();
      await page.goto(pathTo('library', 'da'));
      expect(await page.locator('main .rows').first().textContent()).toContain(words);
      await page.goto(address);
    }
    expect(await page.locator('main').textContent()).toContain('Filen er afvist. Forny certifikatet med en fil, der kan bruges');
    expect(await page.locator('button[value=use]').count()).toBe(0);
  });
});
