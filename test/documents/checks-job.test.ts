import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { examplePdf } from '../../db/seed/example-file.ts';
import { requireScanner } from '../../src/app.ts';
import { fileChecks } from '../../src/documents/checking/clock.ts';
import type { Content } from '../../src/documents/checking/context.ts';
import { checkStored } from '../../src/documents/checking/job.ts';
import { clamd, type Scanner } from '../../src/documents/scanner/clamd.ts';
import { decideHeld, filesForStaff } from '../../src/documents/staff/held.ts';
import { mayBeOpened } from '../../src/documents/stored.ts';
import { attach } from '../../src/followup/draft.ts';
import { caseOf, queueFor } from '../../src/followup/queries.ts';
import { submit } from '../../src/followup/submit.ts';
import { hours, minutes } from '../../src/platform/clock.ts';
import { readConfig, SettingError } from '../../src/platform/config.ts';
import { asAccount } from '../../src/platform/db.ts';
import { InvalidInput, Refusal } from '../../src/platform/refusal.ts';
import { fakeClamd } from '../support/clamd.ts';
import { actorOf } from '../support/database.ts';
import { testNow, testToday } from '../support/known.ts';
import { fullAnswers, obligationOf } from '../support/obligations.ts';
import { checkingDesk } from './desk.ts';

type Desk = Awaited<ReturnType<typeof checkingDesk>>;
let desk: Desk;
/** Part of a submission, once the test of filing has run. */
let filed: Content;
/** Text that no other test brings. */
const honest = (): string => `Hej ${randomUUID()}`;
const hostile = (): string => `<html>${randomUUID()}`;
const doubtful = (): string => `Straffeattest\nAnna Eksempel, 010190-1234, ${randomUUID()}`;
const saying = (scan: Awaited<ReturnType<Scanner['scan']>>): Scanner => ({ version: async () => ('signatures' in scan ? scan.signatures : null), scan: async () => scan });
const finds = saying({ verdict: 'clean', signatures: 'ClamAV 1' });

beforeAll(async () => {
  desk = await checkingDesk();
});

const mailsAbout = async (content: Content): Promise<string[]> =>
  (await desk.mails()).filter(({ reason }) => reason.includes(content.sha256)).map(({ to_address, subject }) => `${to_address}: ${subject}`);

describe('a file that was brought', () => {
  test('calls for its check in the same commit, ahead of what can be opened already', async () => {
    await desk.emptyQueue();
    const file = await desk.bring('txt', honest());
    expect(await desk.jobs()).toEqual([{ key: `file-check ${file.sha256} txt`, priority: 0 }]);
    expect(await desk.rowOf(file)).toMatchObject({ verdict: 'waiting', tries: 0 });
    expect(await desk.isServed(file)).toBe(false);
  });

  test('is clean when both our checks and the scanner found nothing, and says with which signatures', async () => {
    const file = await desk.bring('txt', `${honest()} 010190-1234`);
    await checkStored(desk.context(finds), file);
    expect(await desk.rowOf(file)).toMatchObject({ verdict: 'clean', reason: null, signatures: 'ClamAV 1', mentions_cpr: true, checked_at: testNow, next_try_at: null });
    expect(await desk.auditOf(file)).toEqual([{ event: 'file.checked', actor: null, detail: { kind: 'txt', verdict: 'clean', reason: null, signatures: 'ClamAV 1' } }]);
    expect(await mailsAbout(file)).toEqual([]);
  });

  test('without a scanner can be opened in the demonstration only, and is scanned when there is one', async () => {
    const file = await desk.bring('txt', honest());
    await checkStored(desk.context(null), file);
    expect(await desk.rowOf(file)).toMatchObject({ verdict: 'unscanned', signatures: null });
    expect([mayBeOpened('unscanned', true), mayBeOpened('unscanned', false), mayBeOpened('held', true), mayBeOpened('waiting', true), mayBeOpened('refused', true)]).toEqual([
      true,
      false,
      false,
      false,
      false,
    ]);
    await checkStored(desk.context(saying({ verdict: 'waiting', reason: 'scanner-away', said: '' })), file);
    expect(await desk.rowOf(file)).toMatchObject({ verdict: 'unscanned' });
    await checkStored(desk.context(finds), file);
    expect(await desk.rowOf(file)).toMatchObject({ verdict: 'clean', signatures: 'ClamAV 1' });
    expect((await desk.auditOf(file)).map(({ event }) => event)).toEqual(['file.checked', 'file.checked']);
  });

  test('is judged once, however often and however much at once its job runs', async () => {
    const file = await desk.bring('txt', hostile());
    await Promise.all(Array.from({ length: 4 }, () => checkStored(desk.context(finds), file)));
    await checkStored(desk.context(finds), file);
    expect(await desk.rowOf(file)).toMatchObject({ verdict: 'refused', reason: 'not-the-kind' });
    expect((await desk.auditOf(file)).map(({ event }) => event)).toEqual(['file.refused']);
    expect(await mailsAbout(file)).toEqual(['leverandoer@demo.example: Filen »fil.txt« kan ikke bruges']);
  });

  test('is told about with its name, why, what to do and where, to each person who brought it', async () => {
    const text = hostile();
    const file = await desk.bring('txt', text, 'udtræk.txt');
    await checkStored(desk.context(null), file);
    const colleague = await actorOf(desk.app, 'kollega@demo.example');
    await attach(desk.app.db, desk.app.types, colleague, desk.obligation.id, [{ name: 'samme.txt', kind: 'txt', sha256: file.sha256, sizeBytes: text.length }], testNow);
    await checkStored(desk.context(null), file);
    expect(await mailsAbout(file)).toEqual(['leverandoer@demo.example: Filen »udtræk.txt« kan ikke bruges', 'kollega@demo.example: Filen »samme.txt« kan ikke bruges']);
    const mail = (await desk.mails()).find(({ reason }) => reason.includes(file.sha256));
    expect(mail?.body).toContain('Indholdet passer ikke til filens navn. Åbn filen i det program, den er lavet i, gem den igen, og send den nye fil.');
    expect(mail?.body).toContain(`/leverandoer/opgaver/${desk.obligation.id}`);
  });

  test('is told about in the language of the person', async () => {
    await desk.app.database.owner.db.updateTable('account').set({ language: 'en' }).where('email', '=', 'leverandoer@demo.example').execute();
    const file = await desk.bring('txt', hostile());
    await checkStored(desk.context(null), file);
    await desk.app.database.owner.db.updateTable('account').set({ language: 'da' }).where('email', '=', 'leverandoer@demo.example').execute();
    expect(await mailsAbout(file)).toEqual(['leverandoer@demo.example: The file “fil.txt” cannot be used']);
  });

  test('that the store does not give is waited for, and said to be so', async () => {
    const file = await desk.bring('txt', honest());
    await desk.app.files.remove(file.sha256);
    await checkStored(desk.context(finds), file);
    expect(await desk.rowOf(file)).toMatchObject({ verdict: 'waiting', reason: 'not-in-store', tries: 1 });
    expect(desk.said.filter(({ event }) => event === 'file cannot be fetched from the store')).toHaveLength(1);
  });

  test('of the demonstration passes', async () => {
    const file = await desk.bring('pdf', examplePdf(['Certifikat', 'Eksempel']));
    await checkStored(desk.context(null), file);
    expect(await desk.rowOf(file)).toMatchObject({ verdict: 'unscanned', reason: null, mentions_cpr: false });
  });
});

describe('a task', () => {
  test('cannot be filed with a refused file in its draft, and can with one that is still being checked', async () => {
    const other = await actorOf(desk.app, 'anden@demo.example');
    const obligation = await obligationOf(desk.app.database, '90002740', 'open');
    const type = desk.app.types.get(obligation.type);
    if (!type) throw new Error('unexpected');
    const brought = async (text: string): Promise<Content> => {
      const content = await desk.bring('txt', text);
      await attach(desk.app.db, desk.app.types, other, obligation.id, [{ name: 'a.txt', kind: 'txt', sha256: content.sha256, sizeBytes: text.length }], testNow);
      return content;
    };
    const filing = () => submit(desk.app.db, desk.app.followup, other, obligation.id, { answers: fullAnswers(type), formKey: randomUUID(), round: 0, lang: 'da' }, testNow);
    const bad = await brought(hostile());
    await checkStored(desk.context(null), bad);
    const refused = await filing().catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(InvalidInput);
    expect((refused as InvalidInput).faults).toEqual([{ field: 'files', code: 'file-refused' }]);
    await desk.app.database.owner.db.deleteFrom('document').where('sha256', '=', bad.sha256).where('obligation_id', '=', obligation.id).execute();
    filed = await brought(honest());
    expect(await filing()).toMatch(/^[0-9a-f-]{36}$/);
  });
});

describe('a file that nobody but a person can judge', () => {
  test('is scanned all the same, kept, and its owner is told', async () => {
    const file = await desk.bring('txt', doubtful());
    await checkStored(desk.context(finds), file);
    expect(await desk.rowOf(file)).toMatchObject({ verdict: 'held', reason: 'perhaps-record-certificate', signatures: 'ClamAV 1', mentions_cpr: true });
    expect(await mailsAbout(file)).toEqual(['leverandoer@demo.example: En medarbejder ser på filen »fil.txt«']);
    const bad = await desk.bring('txt', doubtful());
    await checkStored(desk.context(saying({ verdict: 'refused', reason: 'malware', signature: 'X', signatures: 'ClamAV 1' })), bad);
    expect(await desk.rowOf(bad)).toMatchObject({ verdict: 'refused', reason: 'malware' });
  });

  test('is let through or refused by those who decide cases, once, and its owner is told', async () => {
    const officer = await actorOf(desk.app, 'sagsbehandler@demo.example');
    const [scanned, unscanned, bad] = [await desk.bring('txt', doubtful()), await desk.bring('txt', doubtful()), await desk.bring('txt', doubtful())];
    await checkStored(desk.context(finds), scanned);
    for (const file of [unscanned, bad]) await checkStored(desk.context(null), file);
    const decide = (file: Content, decision: 'release' | 'refuse', who = officer) => decideHeld(desk.app.db, desk.app.followup, who, file, decision, testNow);
    await decide(scanned, 'release');
    await decide(unscanned, 'release');
    await decide(bad, 'refuse');
    expect(await desk.rowOf(scanned)).toMatchObject({ verdict: 'clean', reason: null, decided_by_name: officer.name });
    expect(await desk.rowOf(unscanned)).toMatchObject({ verdict: 'unscanned', reason: null });
    expect(await desk.rowOf(bad)).toMatchObject({ verdict: 'refused', reason: 'refused-by-staff' });
    expect((await desk.auditOf(scanned)).map(({ event, actor }) => [event, actor])).toEqual([
      ['file.checked', null],
      ['file.released', officer.accountId],
    ]);
    expect((await desk.auditOf(bad)).map(({ event }) => event)).toEqual(['file.checked', 'file.refused']);
    expect((await mailsAbout(scanned)).at(-1)).toBe('leverandoer@demo.example: Filen »fil.txt« kan bruges');
    expect((await mailsAbout(bad)).at(-1)).toBe('leverandoer@demo.example: Filen »fil.txt« kan ikke bruges');
    await expect(decide(scanned, 'refuse')).rejects.toMatchObject({ code: 'file-decided-already' });
    // New signatures are tried on it too, but the person's decision about our own checks stands.
    await checkStored(desk.context(saying({ verdict: 'clean', signatures: 'ClamAV 2' })), unscanned);
    expect(await desk.rowOf(unscanned)).toMatchObject({ verdict: 'clean', signatures: 'ClamAV 2' });
  });

  test('is not decided by those who may not, whichever way they try', async () => {
    const file = await desk.bring('txt', doubtful());
    await checkStored(desk.context(null), file);
    for (const email of ['revision@demo.example', 'leverandoer@demo.example', 'redaktoer@demo.example']) {
      const actor = await actorOf(desk.app, email);
      await expect(decideHeld(desk.app.db, desk.app.followup, actor, file, 'release', testNow)).rejects.toBeInstanceOf(Refusal);
      const changed = await asAccount(desk.app.db, actor.accountId, (tx) =>
        tx.updateTable('stored_file').set({ verdict: 'clean' }).where('sha256', '=', file.sha256).executeTakeFirst(),
      );
      expect(changed.numUpdatedRows).toBe(0n);
    }
    const officer = await actorOf(desk.app, 'sagsbehandler@demo.example');
    const waiting = await desk.bring('txt', honest());
    const changed = await asAccount(desk.app.db, officer.accountId, (tx) =>
      tx.updateTable('stored_file').set({ verdict: 'clean' }).where('sha256', '=', waiting.sha256).executeTakeFirst(),
    );
    expect(changed.numUpdatedRows).toBe(0n);
    expect(await desk.rowOf(file)).toMatchObject({ verdict: 'held' });
  });

  test('stands in the list of staff with what it takes to judge it; so does what waits too long, without its name while it is the supplier’s own', async () => {
    const officer = await actorOf(desk.app, 'sagsbehandler@demo.example');
    const [file, late] = [await desk.bring('txt', doubtful()), await desk.bring('txt', honest())];
    await checkStored(desk.context(null), file);
    await checkStored(desk.context(saying({ verdict: 'waiting', reason: 'scanner-slow', said: '' })), late);
    const listed = async (now: Date) => {
      const { held, waiting } = await filesForStaff(desk.app.db, officer, now);
      return [held.find(({ sha256 }) => sha256 === file.sha256), waiting.find(({ sha256 }) => sha256 === late.sha256)];
    };
    expect(await listed(testNow)).toEqual([
      expect.objectContaining({
        name: 'fil.txt',
        is_filed: false,
        supplier: expect.any(String),
        sent_by: desk.supplier.name,
        obligation_id: desk.obligation.id,
        agreement_number: desk.obligation.agreement,
      }),
      undefined,
    ]);
    expect((await listed(new Date(testNow.getTime() + hours(1) + 1)))[1]).toMatchObject({ name: null, reason: 'scanner-slow', tries: 1 });
    const { figures } = await queueFor(desk.app.db, officer, testNow, testToday);
    expect(Number(figures.stuck)).toBeGreaterThan(0);
    const supplier = await filesForStaff(desk.app.db, await actorOf(desk.app, 'anden@demo.example'), testNow);
    expect(supplier.held.filter(({ sha256 }) => sha256 === file.sha256)).toEqual([]);
  });
});

describe('new signatures', () => {
  test('are tried on what could be opened, behind everything else; what they find is refused and told to the supplier and to the municipality', async () => {
    const officer = await actorOf(desk.app, 'sagsbehandler@demo.example');
    const document = await desk.app.database.owner.db
      .selectFrom('document')
      .select(['id', 'obligation_id', 'supplier_id'])
      .where('sha256', '=', filed.sha256)
      .where('submission_id', 'is not', null)
      .executeTakeFirstOrThrow();
    await checkStored(desk.context(finds), filed);
    expect(await desk.rowOf(filed)).toMatchObject({ verdict: 'clean' });
    await desk.app.database.owner.db
      .insertInto('document_read')
      .values({ document_id: document.id, supplier_id: document.supplier_id, account_id: officer.accountId, account_name: officer.name, what: 'download' })
      .execute();

    let version = 'ClamAV 1';
    const { address } = await fakeClamd('stream: Win.New FOUND\0', { version: () => version });
    const context = desk.context(clamd(address));
    const clock = fileChecks(context).clockWork[0];
    await desk.emptyQueue();
    await clock?.run();
    expect((await desk.jobs()).some(({ key }) => key.includes(filed.sha256))).toBe(false);

    version = `ClamAV 1.4.6/27501/${new Date(Date.now() - hours(72)).toString().slice(0, 24)}`;
    await desk.emptyQueue();
    await fileChecks(context).clockWork[0]?.run();
    expect((await desk.jobs()).find(({ key }) => key.includes(filed.sha256))).toMatchObject({ priority: 10 });
    expect(desk.said.at(-1)).toMatchObject({ level: 'warn', event: 'the signatures of the virus scanner are old' });

    await checkStored(context, filed);
    expect(await desk.rowOf(filed)).toMatchObject({ verdict: 'refused', reason: 'malware', signatures: version });
    const mails = (await desk.mails()).filter(({ reason }) => reason.includes(filed.sha256));
    expect(mails.find(({ to_address }) => to_address === desk.app.municipality.email)?.body).toContain(`Filen er hentet af ${officer.name}.`);
    expect(mails.map(({ to_address }) => to_address).sort()).toEqual(['anden@demo.example', desk.app.municipality.email, 'leverandoer@demo.example'].sort());
    const found = await caseOf(desk.app.db, officer, document.obligation_id);
    expect(found?.files.find(({ id }) => id === document.id)).toMatchObject({ verdict: 'refused', reason: 'malware' });
  });

  test('leave what they do not find as it was, and so does a scanner that is away', async () => {
    const file = await desk.bring('txt', honest());
    await checkStored(desk.context(finds), file);
    await checkStored(desk.context(saying({ verdict: 'waiting', reason: 'scanner-away', said: '' })), file);
    expect(await desk.rowOf(file)).toMatchObject({ verdict: 'clean', signatures: 'ClamAV 1' });
    const later = new Date(testNow.getTime() + minutes(5));
    await checkStored(desk.context(saying({ verdict: 'clean', signatures: 'ClamAV 2' }), later), file);
    expect(await desk.rowOf(file)).toMatchObject({ verdict: 'clean', signatures: 'ClamAV 2', checked_at: later });
    expect((await desk.auditOf(file)).map(({ event }) => event)).toEqual(['file.checked']);
  });
});

describe('the settings', () => {
  const demo = { DATA_DIR: '/tmp/portal-none', SECRET_KEY: 'a key for tests only, long enough to be one', DEMO_PASSWORD: 'prøve-adgang-2026' };

  test('name clamd by host and port or by the path of its socket', () => {
    expect(readConfig({ ...demo, CLAMD: '127.0.0.1:3310' }).clamd).toBe('127.0.0.1:3310');
    expect(readConfig({ ...demo, CLAMD: '/run/clamav/clamd.ctl' }).clamd).toBe('/run/clamav/clamd.ctl');
    expect(() => readConfig({ ...demo, CLAMD: 'clamd' })).toThrow('Setting CLAMD cannot be used: must be host:port or the path of a socket. See .env.example.');
  });

  test('that require a scanner are refused without one, and while none answers', async () => {
    expect(() => readConfig({ ...demo, CLAMD_REQUIRED: 'true' })).toThrow(SettingError);
    const config = (CLAMD: string) => readConfig({ ...demo, CLAMD, CLAMD_REQUIRED: 'true' });
    await expect(requireScanner(config('/nowhere/at-all'))).rejects.toThrow('Setting CLAMD_REQUIRED asks for a virus scanner, but none answers at /nowhere/at-all.');
    await requireScanner(config((await fakeClamd('')).address));
    await requireScanner(readConfig({ ...demo, CLAMD: '/nowhere/at-all' }));
  });
});
