import fs from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { checkStore } from '../../src/documents/keeping/nightly.ts';
import { eraseDue } from '../../src/documents/retention/erase.ts';
import { rulesOf } from '../../src/documents/retention/schedule.ts';
import { days, standingClock } from '../../src/platform/clock.ts';
import { connect } from '../../src/platform/db.ts';
import { filesOnDisk } from '../../src/platform/files/disk.ts';
import { createLog } from '../../src/platform/log.ts';
import { expectNoAxeFindings, expectNoSidewaysScroll, logIn, useBrowser } from '../support/browser.ts';
import { atEnd } from '../support/clean-up.ts';
import { writtenContent } from '../support/content.ts';
import { testNow } from '../support/known.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { Visitor, visibleText } from '../support/visitor.ts';

const browser = useBrowser();
const { retention } = writtenContent();
const place = '/forvaltning/opbevaring';

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});

async function officer(email = 'sagsbehandler@demo.example'): Promise<Visitor> {
  const visitor = new Visitor(server.base);
  await visitor.logIn(email);
  return visitor;
}

/** Erases as the worker does, years later. */
async function erase(years: number) {
  const worker = connect(
    server.database.workerUrl,
    createLog('error', () => {}),
    3,
  );
  atEnd(() => worker.close());
  const owner = server.database.owner.db;
  await owner
    .insertInto('retention_rules')
    .values({ rules: rulesOf(retention), since: '2020-01-01' })
    .execute();
  const files = filesOnDisk(path.join(server.dataDir, 'files'));
  const clock = standingClock(new Date(testNow.getTime() + years * days(365.25)));
  const done = await eraseDue({ db: worker.db, files, retention, clock });
  return { ...done, worker, files, clock };
}

describe('the page of retention', () => {
  test('is for those who read cases, and only those who decide can hold', async () => {
    for (const email of ['leverandoer@demo.example', 'redaktoer@demo.example']) expect((await (await officer(email)).get(place)).status).toBeGreaterThanOrEqual(403);
    expect((await new Visitor(server.base).get(place)).status).toBe(303);
    const auditor = await officer('revision@demo.example');
    expect(await auditor.text(place)).not.toContain('<form method="post"');
    expect((await auditor.post(place, { on: 'agreement', which: '2024-031', reason: 'x' })).status).toBe(403);
  });

  test('says how long each class is kept, from when and why, in both languages', async () => {
    const visitor = await officer();
    const [danish, english] = [visibleText(await visitor.text(place)), visibleText(await visitor.text('/en/administration/retention'))];
    for (const { title, reason } of retention.classes) {
      expect(danish).toContain(title.da);
      expect(danish).toContain(reason.da);
      expect(english).toContain(title.en);
    }
    expect(danish).toContain('5 år efter aftalens sidst mulige udløb');
    expect(danish).toContain('1 time efter begyndelsen, hvis vi intet fik, ellers 24 timer efter det sidste, vi modtog');
    expect(danish).toContain('Udkast');
    expect(visibleText(await visitor.text('/forvaltning'))).toContain('Opbevaring og sletning af dokumenter');
  });

  test('sets and lifts a hold, and says what is wrong with what was typed, which stays in the form', async () => {
    const visitor = await officer();
    const wrong = await visitor.post(place, { on: 'agreement', which: '1999-999', reason: 'Retssag' });
    expect(wrong.status).toBe(400);
    const html = await wrong.text();
    expect(html).toContain('Der er ingen aftale med det nummer.');
    expect(html).toContain('value="1999-999"');
    expect((await visitor.post(place, { on: 'supplier', which: '90 00 00 04', reason: 'Konkursbo' })).headers.get('location')).toBe(`${place}?gemt=bero`);
    expect((await visitor.post(place, { on: 'supplier', which: '90000004', reason: 'Konkursbo' })).status).toBe(422);
    const [hold] = await server.database.owner.db.selectFrom('legal_hold').select('id').execute();
    expect((await visitor.post(place, { lift: hold?.id ?? '', liftReason: '' })).status).toBe(400);
    expect((await visitor.post(place, { lift: hold?.id ?? '', liftReason: 'Boet er sluttet' })).headers.get('location')).toBe(`${place}?gemt=ophaevet`);
    expect((await visitor.post(place, { lift: hold?.id ?? '', liftReason: 'igen' })).status).toBe(422);
    expect(visibleText(await visitor.text(place))).toContain('Boet er sluttet');
  });

  test('has no finding of axe and does not scroll sideways, empty and filled, in both languages and widths, with a wrong form', async () => {
    const page = await browser.open(server.base);
    await logIn(page, 'sagsbehandler@demo.example');
    const look = async (what: string): Promise<void> => {
      for (const width of [1280, 390]) {
        await page.setViewportSize({ width, height: 900 });
        await expectNoAxeFindings(page, `${what} ${width}`);
        await expectNoSidewaysScroll(page, `${what} ${width}`);
      }
    };
    for (const address of [place, '/en/administration/retention']) {
      await page.goto(address);
      await look(`${address}, empty`);
    }
    await page.goto(place);
    await page.click('summary:has-text("Sæt sletning i bero")');
    await page.click('text=Sæt sletning i bero >> nth=-1');
    await look('a hold without anything typed');
    expect(await page.locator('#fejl li').count()).toBe(2);
  });
});

describe('after documents have been erased', () => {
  test('the pages say so instead of linking to them, nobody can fetch them, the receipt keeps its checksums, and the proof can be followed', async () => {
    const owner = server.database.owner.db;
    const filed = await owner
      .selectFrom('document as d')
      .innerJoin('submission as s', 's.id', 'd.submission_id')
      .innerJoin('supplier as p', 'p.id', 'd.supplier_id')
      .innerJoin('obligation as o', 'o.id', 'd.obligation_id')
      .select(['d.id', 'd.name', 'd.sha256', 'd.submission_id', 'd.obligation_id'])
      .where('p.cvr', '=', '90000004')
      .where('o.state', '=', 'accepted')
      .executeTakeFirstOrThrow();
    await owner.updateTable('stored_file').set({ verdict: 'clean' }).execute();
    await owner.updateTable('mail').set({ sent_at: testNow }).execute();
    const [staff, supplier] = [await officer(), new Visitor(server.base)];
    await supplier.logIn('leverandoer@demo.example');
    expect((await supplier.get(`/leverandoer/filer/${filed.id}`)).status).toBe(200);

    const { erased, bytesRemoved, worker, files, clock } = await erase(30);
    expect(erased).toBeGreaterThan(10);
    expect(bytesRemoved).toBeGreaterThan(3);
    expect((await supplier.get(`/leverandoer/filer/${filed.id}`)).status).toBe(404);
    expect((await staff.get(`/forvaltning/filer/${filed.id}`)).status).toBe(404);
    const receipt = await supplier.text(`/leverandoer/kvitteringer/${filed.submission_id}`);
    expect(visibleText(receipt)).toContain('Slettet efter reglerne for opbevaring (22. november 2056)');
    expect(receipt).toContain(filed.sha256);
    expect(receipt).not.toContain(filed.name);
    for (const html of [await staff.text(`/forvaltning/sager/${filed.obligation_id}`), await supplier.text(`/leverandoer/opgaver/${filed.obligation_id}`)]) {
      expect(visibleText(html)).toContain('Slettet efter reglerne for opbevaring');
      expect(html).not.toContain(filed.name);
    }
    const mail = await owner.selectFrom('mail').select(['body', 'to_address']).where('reason', '=', `receipt:${filed.submission_id}`).executeTakeFirst();
    expect(mail).toEqual({ body: '', to_address: '' });

    const row = await owner.selectFrom('erasure').select(['audit_seq', 'sha256']).where('subject_id', '=', filed.id).executeTakeFirstOrThrow();
    expect(await files.stat(filed.sha256)).toBeNull();
    expect(fs.existsSync(path.join(server.dataDir, 'files', filed.sha256.slice(0, 2), filed.sha256.slice(2, 4), filed.sha256))).toBe(false);
    await checkStore(
      worker.db,
      files,
      clock,
      createLog('error', () => {}),
    );
    const shown = visibleText(await staff.text(place));
    expect(shown).toContain('Fjernet fra fillageret');
    expect(shown).toContain('Alle filer er, som de skal være.');
    expect(await owner.selectFrom('audit_entry').select(['event', 'subject']).where('seq', '=', row.audit_seq).executeTakeFirst()).toEqual({
      event: 'document.erased',
      subject: filed.id,
    });

    const page = await browser.open(server.base);
    await logIn(page, 'sagsbehandler@demo.example');
    for (const width of [1280, 390]) {
      await page.setViewportSize({ width, height: 900 });
      for (const address of [place, '/en/administration/retention', `/forvaltning/sager/${filed.obligation_id}`]) {
        await page.goto(address);
        await expectNoAxeFindings(page, `${address} ${width}`);
        await expectNoSidewaysScroll(page, `${address} ${width}`);
      }
    }
  });
});
