import { createHash } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { answersFile } from '../../src/documents/receipts/issue.ts';
import { canonical, type Receipt, type ReceiptKey, sha256, verifyReceipt } from '../../src/documents/receipts/verify.ts';
import { issueMissing } from '../../src/followup/receipts/issue-missing.ts';
import { issuedReceipt } from '../../src/followup/receipts/queries.ts';
import type { Actor } from '../../src/identity/actor.ts';
import { audit } from '../../src/platform/audit.ts';
import { asAccount, connect } from '../../src/platform/db.ts';
import { createLog } from '../../src/platform/log.ts';
import { signerFrom } from '../../src/platform/signing.ts';
import { actorOf, testApp } from '../support/database.ts';
import { obligationOf } from '../support/obligations.ts';
import { bytesOf, fileObligation, receiptOfSubmission } from '../support/receipts.ts';

let app: Awaited<ReturnType<typeof testApp>>;
let actor: Actor;
let json: string;
let receipt: Receipt;
let keys: ReceiptKey[];
let submissionId: string;
beforeAll(async () => {
  app = await testApp();
  actor = await actorOf(app, 'leverandoer@demo.example');
  submissionId = await fileObligation(app, actor, await obligationOf(app.database, '90000004', 'open', 'miljoemaerke-andel'));
  ({ json, receipt, keys } = await receiptOfSubmission(app, actor, submissionId));
});

describe('the receipt of a filing', () => {
  test('says what was filed, for which obligation, by whom and when, and is signed by the municipality', async () => {
    const content = createHash('sha256').update('%PDF-1.4 bilag').digest('hex');
    expect(receipt.statement).toMatchObject({
      number: expect.stringMatching(/^HTK-2026-\d{6}$/),
      municipality: { cvr: '19501817' },
      supplier: { cvr: '90000004' },
      obligation: { type: 'miljoemaerke-andel' },
      round: 1,
      submittedBy: actor.name,
      submittedAt: '2026-11-23T09:00:00.000Z',
      submittedAtDanish: '2026-11-23T10:00:00+01:00',
      files: [{ name: 'bilag æøå.pdf', sizeBytes: 14, sha256: content }],
    });
    expect(await verifyReceipt(bytesOf(json), keys)).toEqual({ fault: null, receipt });
  });

  test('does not show what was answered; the file of answers, which the supplier can fetch, fits it', async () => {
    const kept = await issuedReceipt(app.db, actor, submissionId);
    const answers = kept?.answers as Record<string, unknown>;
    expect(Object.keys(answers).length).toBeGreaterThan(0);
    for (const name of Object.keys(answers)) expect(json).not.toContain(name);
    const file = answersFile(receipt.statement.number, answers, kept?.answers_salt ?? '');
    expect({ sha256: await sha256(file), sizeBytes: Buffer.byteLength(file) }).toEqual(receipt.statement.answers);
  });

  test('its entry in the log holds the hash of what it says, and nothing of it that a person wrote', async () => {
    const [, , by, event, subject, , detail] = JSON.parse(receipt.log.entry) as unknown[];
    expect([by, event, subject]).toEqual([actor.accountId, 'submission.filed', submissionId]);
    expect(detail).toMatchObject({ statement: await sha256(canonical(receipt.statement)) });
    expect(receipt.log.entry).not.toContain(actor.name);
    expect(receipt.log.entry).not.toContain('bilag');
  });

  test('stays valid when the log grows, word for word', async () => {
    for (let entry = 0; entry < 20; entry += 1) await asAccount(app.db, null, (tx) => audit(tx, 'thing.happened', 'subject'));
    const again = await receiptOfSubmission(app, actor, submissionId);
    expect(again.json).toBe(json);
    expect((await verifyReceipt(bytesOf(again.json), again.keys)).fault).toBeNull();
  });

  test('is read by its supplier and by staff, and by nobody else, and nobody who serves pages can change it', async () => {
    for (const [email, sees] of [
      ['kollega@demo.example', true],
      ['sagsbehandler@demo.example', true],
      ['revision@demo.example', true],
      ['anden@demo.example', false],
      ['redaktoer@demo.example', false],
    ] as const)
      expect([email, (await issuedReceipt(app.db, await actorOf(app, email), submissionId)) !== undefined]).toEqual([email, sees]);
    expect(await asAccount(app.db, null, (tx) => tx.selectFrom('receipt').selectAll().execute())).toEqual([]);
    for (const change of [
      () => asAccount(app.db, actor.accountId, (tx) => tx.updateTable('receipt').set({ body: '{}' }).execute()),
      () => asAccount(app.db, actor.accountId, (tx) => tx.deleteFrom('receipt').execute()),
    ])
      await expect(change()).rejects.toThrow(/permission denied/);
  });

  test('fifty filings at once each get one, each with a place of its own in the log', async () => {
    const own = await testApp();
    const { db } = own.database.owner;
    const supplier = await actorOf(own, 'leverandoer@demo.example');
    const model = await db
      .selectFrom('obligation')
      .selectAll()
      .where('supplier_id', '=', supplier.suppliers[0]?.id ?? '')
      .where('state', '=', 'open')
      .executeTakeFirstOrThrow();
    const rows = Array.from({ length: 50 }, (_, index) => ({ ...model, id: crypto.randomUUID(), period: `${2030 + index}` }));
    await db.insertInto('obligation').values(rows).execute();
    const ids = await Promise.all(rows.map((row) => fileObligation(own, supplier, row)));
    const receipts = await Promise.all(ids.map((id) => receiptOfSubmission(own, supplier, id)));
    for (const each of receipts) expect((await verifyReceipt(bytesOf(each.json), each.keys)).fault).toBeNull();
    expect(new Set(receipts.map((each) => each.receipt.log.treeSize)).size).toBe(50);
    expect(new Set(receipts.map((each) => each.receipt.statement.number)).size).toBe(50);
  });

  test('what was filed before there were receipts gets one from the worker: of today, about the day it was filed', async () => {
    const own = await testApp();
    const supplier = await actorOf(own, 'leverandoer@demo.example');
    const { db } = own.database.owner;
    const before = await db.selectFrom('receipt').select(['submission_id', 'body']).execute();
    expect(before.length).toBeGreaterThan(20);
    await db.deleteFrom('receipt').execute();
    const worker = connect(
      own.database.workerUrl,
      createLog('error', () => {}),
    );
    const counts = await Promise.all([issueMissing(worker.db, own.followup), issueMissing(worker.db, own.followup)]);
    expect((counts[0] ?? 0) + (counts[1] ?? 0)).toBe(before.length);
    expect(await issueMissing(worker.db, own.followup)).toBe(0);
    await worker.close();
    const said = (receiptOf: Receipt) => ({ ...receiptOf.statement, salt: '', answers: receiptOf.statement.answers.sizeBytes });
    let ours = 0;
    for (const { submission_id, body } of before) {
      const made = await receiptOfSubmission(own, supplier, submission_id).catch(() => null);
      if (!made) continue;
      ours += 1;
      expect((await verifyReceipt(bytesOf(made.json), made.keys)).fault).toBeNull();
      expect(said(made.receipt)).toEqual(said(JSON.parse(body) as Receipt));
      expect(made.receipt.log.entry).toContain('"receipt.issued"');
    }
    expect(ours).toBeGreaterThan(5);
  });
});

/** Every place in a receipt that holds a value, with the way to it. */
function placesIn(value: unknown, path: readonly (string | number)[] = []): (readonly (string | number)[])[] {
  if (Array.isArray(value)) return value.flatMap((each, index) => placesIn(each, [...path, index]));
  if (typeof value === 'object' && value !== null) return Object.entries(value).flatMap(([name, each]) => placesIn(each, [...path, name]));
  return [path];
}

/** The same receipt with the value at one place replaced. */
function forged(path: readonly (string | number)[], change: (before: unknown) => unknown): string {
  const copy = JSON.parse(json) as Record<string | number, unknown>;
  let at = copy;
  for (const step of path.slice(0, -1)) at = at[step] as typeof at;
  const last = path.at(-1) ?? '';
  at[last] = change(at[last]);
  return JSON.stringify(copy, null, 2);
}

const faultOf = async (text: string, with_ = keys) => (await verifyReceipt(bytesOf(text), with_)).fault;

describe('a forged receipt', () => {
  test('is refused in whatever place it was changed', async () => {
    const places = placesIn(JSON.parse(json));
    expect(places.length).toBeGreaterThan(35);
    const changes: Record<string, (before: unknown) => unknown> = {
      'another last character': (before) => (typeof before === 'string' ? `${before.slice(0, -1)}${before.endsWith('0') ? '1' : '0'}` : Number(before ?? 0) + 1),
      'another first character': (before) => (typeof before === 'string' ? `${before.startsWith('0') ? '1' : '0'}${before.slice(1)}` : Number(before ?? 0) - 1),
      'something added': (before) => (typeof before === 'string' ? `${before} ` : [before]),
      'nothing left': () => '',
      'another type': (before) => (typeof before === 'string' ? 7 : 'x'),
      nothing: (before) => (before === null ? 'x' : null),
      'letters in capitals': (before) => (typeof before === 'string' && before.toUpperCase() !== before ? before.toUpperCase() : `${before}A`),
    };
    const accepted: string[] = [];
    for (const path of places)
      for (const [name, change] of Object.entries(changes)) if ((await faultOf(forged(path, change))) === null) accepted.push(`${path.join('.')}: ${name}`);
    expect(accepted).toEqual([]);
    // The control: nothing changed, by the same way, is accepted.
    expect(await faultOf(forged(['statement', 'number'], (same) => same))).toBeNull();
    console.log(`${places.length * Object.keys(changes).length} forgeries in ${places.length} places, all refused`);
  });

  test('is refused with a file, a hash on the path or anything else added, left out or in another order', async () => {
    const copies: ((copy: { statement: { files: unknown[]; number?: string; extra?: string }; log: { path: unknown[] }; more?: string }) => void)[] = [
      (copy) => void copy.statement.files.push({ name: 'mere.pdf', sizeBytes: 1, sha256: 'ab'.repeat(32) }),
      (copy) => void copy.statement.files.pop(),
      (copy) => void copy.log.path.push('ab'.repeat(32)),
      (copy) => void copy.log.path.pop(),
      (copy) => void copy.log.path.reverse(),
      (copy) => {
        copy.statement.extra = '';
      },
      (copy) => {
        copy.more = '';
      },
      (copy) => {
        delete copy.statement.number;
      },
    ];
    for (const change of copies) {
      const copy = JSON.parse(json) as Parameters<typeof change>[0];
      change(copy);
      expect(await faultOf(JSON.stringify(copy))).not.toBeNull();
    }
  });

  test('is told what is wrong: which part was changed, another’s key, cut off, newer, no receipt', async () => {
    expect(await faultOf(forged(['statement', 'submittedAt'], () => '2020-01-01T00:00:00.000Z'))).toBe('changed-statement');
    expect(await faultOf(forged(['log', 'root'], () => 'ab'.repeat(32)))).toBe('changed-proof');
    expect(await faultOf(forged(['signature'], () => 'ab'.repeat(64)))).toBe('changed-proof');
    expect(await faultOf(forged(['keyId'], () => '0123456789abcdef'))).toBe('unknown-key');
    expect(await faultOf(forged(['version'], () => 2))).toBe('newer');
    for (const part of [0.3, 0.6, 0.99]) expect(await faultOf(json.slice(0, Math.floor(json.length * part)))).toBe('cut-off');
    for (const other of ['', '{}', '[]', 'null', 'ikke JSON', '{"kind":"noget andet"}', '\u0000']) expect([other, await faultOf(other)]).toEqual([other, 'not-a-receipt']);
    expect(await faultOf('{"kind":"receipt-of-filing"}')).toBe('newer');
    expect(await faultOf(json, [])).toBe('unknown-key');
  });

  test('is refused when another municipality signed it, also under our key’s name, and when our key signed what is not in the log', async () => {
    const stranger = signerFrom(Buffer.alloc(32, 9).toString('base64'));
    const signedBy = (signer: typeof stranger, body: object): string => JSON.stringify({ ...body, signature: signer.sign(canonical(body)).toString('hex') });
    expect(await faultOf(signedBy(stranger, { ...receipt, keyId: stranger.keyId }))).toBe('unknown-key');
    expect(await faultOf(signedBy(stranger, receipt))).toBe('changed-proof');
    const ours = app.config.signer;
    expect(await faultOf(signedBy(ours, receipt))).toBeNull();
    const notLogged = [
      { ...receipt, statement: { ...receipt.statement, submittedBy: 'En anden' } },
      { ...receipt, log: { ...receipt.log, treeSize: receipt.log.treeSize + 1 } },
      { ...receipt, log: { ...receipt.log, previousHash: 'ab'.repeat(32) } },
      { ...receipt, log: { ...receipt.log, entry: receipt.log.entry.replace('"submission.filed"', '"submission.returned"') } },
      { ...receipt, log: { ...receipt.log, path: [...receipt.log.path, 'ab'.repeat(32)] } },
      { ...receipt, log: { ...receipt.log, path: ['zz'] } },
      { ...receipt, log: { ...receipt.log, entry: 'intet' } },
    ];
    for (const body of notLogged) expect(await faultOf(signedBy(ours, body))).toBe('not-in-log');
  });

  test('a new key signs from now on; what the old one signed still verifies, and the log tells of the new one', async () => {
    const next = signerFrom(Buffer.alloc(32, 5).toString('base64'));
    const changed = { ...app, types: app.types, followup: { ...app.followup, signer: next } };
    const id = await fileObligation(changed, actor, await obligationOf(app.database, '90000004', 'open'));
    const made = await receiptOfSubmission(app, actor, id);
    expect(made.receipt.keyId).toBe(next.keyId);
    expect(await faultOf(made.json, made.keys)).toBeNull();
    expect(await faultOf(json, made.keys)).toBeNull();
    const noted = await app.database.owner.db.selectFrom('audit_entry').select('subject').where('event', '=', 'receipt-key.noted').execute();
    expect(noted.map(({ subject }) => subject)).toContain(next.keyId);
  });
});
