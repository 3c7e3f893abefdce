import { execFile, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { auditVerifyCommand } from '../../src/commands/audit-verify.ts';
import { keysIn, receiptVerifyCommand } from '../../src/commands/receipt.ts';
import { receiptPdf } from '../../src/documents/receipts/pdf/receipt-pdf.ts';
import { type Receipt, type ReceiptKey, receiptsIn, verifyReceipt } from '../../src/documents/receipts/verify.ts';
import type { Actor } from '../../src/identity/actor.ts';
import { keepCheckpoint, signCheckpoint } from '../../src/platform/audit/checkpoint.ts';
import { signerFrom } from '../../src/platform/audit/signing.ts';
import { actorOf, testApp } from '../support/database.ts';
import { testNow } from '../support/known.ts';
import { obligationOf } from '../support/obligations.ts';
import { bytesOf, fileObligation, receiptOfSubmission } from '../support/receipts.ts';

const siteUrl = new URL('https://indkoeb.example.dk');
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'portal-receipts-'));
afterAll(() => fs.rmSync(folder, { recursive: true, force: true }));
const inFolder = (name: string, content: string | Uint8Array): string => {
  const file = path.join(folder, name);
  fs.writeFileSync(file, content);
  return file;
};

let app: Awaited<ReturnType<typeof testApp>>;
let actor: Actor;
let json: string;
let receipt: Receipt;
let keys: ReceiptKey[];
let pdf: Uint8Array<ArrayBuffer>;
beforeAll(async () => {
  app = await testApp();
  actor = await actorOf(app, 'leverandoer@demo.example');
  const id = await fileObligation(app, actor, await obligationOf(app.database, '90000004', 'open', 'miljoemaerke-andel'));
  ({ json, receipt, keys } = await receiptOfSubmission(app, actor, id));
  pdf = await receiptPdf(receipt, json, 'da', siteUrl);
});

describe('a receipt as a file', () => {
  test('is refused with any one bit of it changed, as JSON and inside the PDF', async () => {
    const start = Buffer.from(pdf).indexOf(json.slice(0, 20));
    expect(receiptsIn(pdf).map((found) => found.trimEnd())).toEqual([json.trimEnd()]);
    const bytes = bytesOf(json);
    for (const [what, whole, from] of [
      ['JSON', bytes, 0],
      ['PDF', pdf, start],
    ] as const) {
      expect((await verifyReceipt(whole, keys)).fault).toBeNull();
      const accepted: number[] = [];
      for (let at = 0; at < bytes.length; at += 1) {
        const changed = Uint8Array.from(whole);
        changed[from + at] = (changed[from + at] ?? 0) ^ (1 << (at % 8));
        // The line end after the receipt is not part of it.
        if ((await verifyReceipt(changed, keys)).fault === null && at < bytes.length - 1) accepted.push(at);
      }
      expect([what, accepted]).toEqual([what, []]);
    }
    console.log(`${bytes.length} bits changed one by one in the JSON and in the PDF, all refused`);
  });

  test('says so when its end is missing, when there are two receipts in a PDF, and when there is none', async () => {
    const faultOf = async (bytes: Uint8Array) => (await verifyReceipt(bytes, keys)).fault;
    const start = Buffer.from(pdf).indexOf(json.slice(0, 20));
    expect(await faultOf(pdf.subarray(0, start + json.length - 20))).toBe('cut-off');
    expect(await faultOf(Buffer.concat([pdf, Buffer.from(`\n9 0 obj\n<<>>\nstream\n${json}endstream\n`)]))).toBe('several');
    expect(await faultOf(pdf.subarray(0, 200))).toBe('not-a-receipt');
    expect(await faultOf(Buffer.from('%PDF-1.4\nstream\n{"noget": "andet"}\nendstream'))).toBe('not-a-receipt');
  });

  test('survives being printed anew by a mail program: other spaces, other order, a mark at the beginning', async () => {
    const { signature, ...rest } = JSON.parse(json) as Record<string, unknown>;
    for (const text of [JSON.stringify({ signature, ...rest }), `\ufeff${json.replaceAll('\n', '\r\n')}`, `${JSON.stringify(JSON.parse(json), null, '\t')}\n\n`])
      expect((await verifyReceipt(bytesOf(text), keys)).fault).toBeNull();
  });
});

/** A command that may not be there; what it says, or null. */
const said = (command: string, ...args: string[]): string | null => {
  const { error, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8' });
  if (!error) return stdout + stderr;
  console.log(`not shown: ${command} is not installed`);
  return null;
};

describe('the receipt as a PDF', () => {
  test('is the same to the last byte each time it is made, and another in the other language', async () => {
    expect(Buffer.from(await receiptPdf(receipt, json, 'da', siteUrl)).equals(Buffer.from(pdf))).toBe(true);
    const english = await receiptPdf(receipt, json, 'en', siteUrl);
    expect(Buffer.from(english).equals(Buffer.from(pdf))).toBe(false);
    expect((await verifyReceipt(english, keys)).fault).toBeNull();
  });

  test('is marked and built as PDF/A-3 and PDF/UA ask: tags, language, title, colours, fonts inside, nothing that acts', () => {
    const text = Buffer.from(pdf).toString('latin1');
    for (const part of [
      '%PDF-1.7',
      '/Marked true',
      '/Lang (da-DK)',
      '/DisplayDocTitle true',
      '/StructTreeRoot',
      '/OutputIntents',
      '/AFRelationship /Source',
      '/Subtype /application#2Fjson',
      '<pdfaid:part>3</pdfaid:part>',
      '<pdfaid:conformance>B</pdfaid:conformance>',
      '<pdfuaid:part>1</pdfuaid:part>',
      '/S /H1',
      '/S /H2',
      '/S /Lbl',
      '/S /LBody',
    ])
      expect([part, text.includes(part)]).toEqual([part, true]);
    for (const part of ['/JavaScript', '/OpenAction', '/Launch', '/Encrypt', '/URI']) expect([part, text.includes(part)]).toEqual([part, false]);
    const fonts = text.match(/\/Type \/FontDescriptor/g) ?? [];
    expect(text.match(/\/FontFile2/g)).toHaveLength(fonts.length);
    expect(text.match(/\/ToUnicode/g)).toHaveLength(2);
  });

  test('every word and line on its pages is either read aloud or marked as decoration', () => {
    const text = Buffer.from(pdf).toString('latin1');
    const pages = [...text.matchAll(/stream\n(1 0 0 -1[\s\S]*?)\nendstream/g)].map((found) => found[1] ?? '');
    expect(pages.length).toBeGreaterThan(0);
    for (const page of pages) {
      let depth = 0;
      let outside = 0;
      let drawn = 0;
      for (const line of page.split('\n')) {
        if (/BDC$|BMC$/.test(line)) depth += 1;
        if (/^EMC$/.test(line)) depth -= 1;
        if (/\sTJ$|\sTj$|^S$|^f$/.test(line)) {
          drawn += 1;
          if (depth !== 1) outside += 1;
        }
      }
      expect({ depth, outside, some: drawn > 20 }).toEqual({ depth: 0, outside: 0, some: true });
    }
  });

  test('holds thirty files with long and foreign names, on pages with numbers, all of it found by tools that are not ours', async () => {
    const names = Array.from({ length: 30 }, (_, index) => `bilag ${index + 1} til opgørelsen.pdf`);
    names[3] = `${'Et-langt-navn-uden-mellemrum-'.repeat(6)}.pdf`;
    names[5] = '中文 Łukasz Ωμέγα Жук 😀.pdf';
    const many: Receipt = {
      ...receipt,
      statement: {
        ...receipt.statement,
        submittedBy: 'Łukasz Brzęczyszczykiewicz-Sørensen & <Søn>',
        files: names.map((name) => ({ name, sizeBytes: 1_234_567, sha256: 'ab'.repeat(32) })),
      },
    };
    for (const lang of ['da', 'en'] as const) {
      const file = inFolder(`long-${lang}.pdf`, await receiptPdf(many, JSON.stringify({ ...many, signature: 'cd'.repeat(64) }), lang, siteUrl));
      const checked = said('qpdf', '--check', file);
      if (checked !== null) expect(checked).toContain('No syntax or stream encoding errors found');
      const info = said('pdfinfo', file);
      if (info !== null) expect(info).toMatch(/Tagged:\s+yes[\s\S]*Pages:\s+3/);
      const read = said('pdftotext', file, '-')?.replace(/\s+/g, ' ');
      if (!read) continue;
      for (const name of names.filter((_, index) => index !== 3 && index !== 5)) expect([name, read.includes(name)]).toEqual([name, true]);
      expect(read).toContain('[U+4E2D][U+6587] Łukasz Ωμέγα Жук [U+1F600].pdf');
      expect(read).toContain('Łukasz Brzęczyszczykiewicz-Sørensen & <Søn>');
      expect(read).toContain(lang === 'da' ? 'Side 3 af 3' : 'Page 3 of 3');
      // The tool takes a hyphen at the end of a line for one that was not there.
      expect(read.replace(/[ -]/g, '')).toContain('Etlangtnavnudenmellemrum'.repeat(6));
    }
  });
});

/** What a command says, and its exit code. */
async function heard(command: () => Promise<number>): Promise<{ code: number; text: string }> {
  const lines: string[] = [];
  const spy = vi.spyOn(console, 'log').mockImplementation((line: string) => void lines.push(line));
  try {
    return { code: await command(), text: lines.join('\n') };
  } finally {
    spy.mockRestore();
  }
}

/** Runs a program of ours and returns its exit code and what it said. */
function run(args: readonly string[], env: Record<string, string> = {}): Promise<{ code: number; text: string }> {
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [...args],
      { env: { PATH: process.env['PATH'], NO_COLOR: '1', DATA_DIR: path.join(folder, 'none'), ...env } as NodeJS.ProcessEnv },
      (error, stdout, stderr) => resolve({ code: Number(error?.code ?? 0), text: stdout + stderr }),
    );
  });
}

describe('the commands', () => {
  test('receipt verify says 0 for a receipt that holds and 1 for one that does not, and names each file', async () => {
    const good = inFolder('kvittering.json', json);
    const attached = inFolder('bilag.pdf', '%PDF-1.4 bilag');
    const verify = (...files: string[]) => heard(() => receiptVerifyCommand(files, keys));
    expect(await verify(good, attached)).toEqual({ code: 0, text: expect.stringMatching(/genuine and unchanged[\s\S]*bilag\.pdf: is on the receipt, unchanged/) });
    expect(await verify(inFolder('kvittering.pdf', pdf))).toEqual({ code: 0, text: expect.stringContaining(receipt.statement.number) });
    expect(await verify(inFolder('falsk.json', json.replace(actor.name, 'En anden')))).toEqual({ code: 1, text: expect.stringContaining('The receipt has been changed') });
    expect(await verify(good, inFolder('anden.pdf', '%PDF-1.4 bilaG'))).toEqual({ code: 1, text: expect.stringContaining('is not on the receipt') });
    expect(await verify(inFolder('afkortet.pdf', pdf.subarray(0, pdf.length - 1_100)))).toEqual({ code: 1, text: expect.stringContaining('The end of the PDF file is missing') });
    const strange = await heard(() => receiptVerifyCommand([good], [{ id: '0'.repeat(16), publicKey: '0'.repeat(64) }]));
    expect(strange).toEqual({ code: 1, text: expect.stringMatching(/a key that is not among those that were used\. Fetch (?!.*page)/) });
    expect(await verify(attached)).toEqual({ code: 1, text: expect.stringContaining('is not a receipt') });
    await expect(verify(path.join(folder, 'findes-ikke.json'))).rejects.toThrow(/cannot be read/);
    await expect(verify()).rejects.toThrow(/name a receipt/);
    await expect(heard(() => receiptVerifyCommand([good], []))).rejects.toThrow(/no public keys/);
    expect(() => keysIn(attached)).toThrow(/holds no keys/);
  });

  test('receipt verify needs no database where the keys are named, and ends with 2 where it cannot be done', async () => {
    const keysFile = inFolder('receipt-keys.json', JSON.stringify({ keys }));
    const [good, absent] = await Promise.all(
      ['kvittering.json', 'findes-ikke.json'].map((name) => run(['src/cli.ts', 'receipt', 'verify', path.join(folder, name), '--keys', keysFile])),
    );
    expect(good).toEqual({ code: 0, text: expect.stringContaining('genuine and unchanged') });
    expect(absent).toEqual({ code: 2, text: expect.stringContaining('cannot be read') });
    expect(fs.existsSync(path.join(folder, 'none'))).toBe(false);
  });

  test('the published program does the same on its own: one file, no library', async () => {
    const alone = inFolder('verify.ts', fs.readFileSync('src/documents/receipts/verify.ts', 'utf8'));
    const keysFile = inFolder('receipt-keys.json', JSON.stringify({ keys }));
    const good = await run([alone, inFolder('kvittering.pdf', pdf), keysFile]);
    expect(good).toMatchObject({ code: 0, text: expect.stringContaining(receipt.statement.number) });
    const bad = await run([alone, inFolder('falsk.json', json.replace(actor.name, 'En anden')), keysFile]);
    expect(bad).toMatchObject({ code: 1, text: expect.stringContaining('changed-statement') });
    const source = fs.readFileSync(alone, 'utf8');
    expect(source).not.toMatch(/^import /m);
    expect(source.split('\n').filter((line) => line.trim() && !/^\s*(\/\*\*|\*|\/\/)/.test(line)).length).toBeLessThanOrEqual(125);
  });

  test('audit verify says 0 for the log as it is, with a checkpoint and with a receipt that were kept, and 1 when it was changed', async () => {
    const { database, config } = app;
    await keepCheckpoint(database.owner.db, config.signer, 'prøve.example/revision', testNow);
    const { note } = await database.owner.db.selectFrom('audit_checkpoint').select('note').executeTakeFirstOrThrow();
    const kept = inFolder('kontrolpunkt.txt', note);
    const { db } = database.owner;
    const verify = (file?: string) => heard(() => auditVerifyCommand(db, file));
    const good = { code: 0, text: expect.stringMatching(/The chain holds: \d+ entries\. The tree over them holds, and all \d+ signed roots fit\./) };
    expect(await verify()).toEqual(good);
    expect(await verify(kept)).toEqual(good);
    expect(await verify(inFolder('kvittering.json', json))).toEqual(good);
    await expect(verify(inFolder('tom.txt', 'intet'))).rejects.toThrow(/holds no checkpoint/);
    const foreign = signCheckpoint(signerFrom(Buffer.alloc(32, 9).toString('base64')), 'prøve.example/revision', 5, Buffer.alloc(32));
    expect(await verify(inFolder('fremmed.txt', foreign))).toEqual({ code: 1, text: expect.stringContaining('is not signed with a key of this site') });
    expect(await run(['src/cli.ts', 'audit', 'verify', '--checkpoint', kept], { DATABASE_URL: database.ownerUrl, DEMO: 'true', DATA_DIR: config.dataDir })).toEqual(good);
    await database.owner.pool.query("set session_replication_role = replica; update audit_entry set detail = '{}' where seq = 5; set session_replication_role = default");
    expect(await verify(kept)).toEqual({ code: 1, text: expect.stringMatching(/Entry 5 is not as it was written[\s\S]*kontrolpunkt\.txt does not fit/) });
  });
});

test('a file made to keep the checker busy is answered at once', async () => {
  const hostile = [
    `%PDF-1.7\nstream\n{"keyId":${' '.repeat(2_000_000)}`,
    `%PDF-1.7\n${'stream\n{"keyId":'.repeat(120_000)}`,
    `%PDF-1.7\nstream\n{${'\n'.repeat(2_000_000)}`,
    `"kind":${' '.repeat(2_000_000)}`,
    `{"kind":"receipt-of-filing","version":1,"statement":${'['.repeat(1_000_000)}${']'.repeat(999_000)}`,
    `{"kind":"receipt-of-filing","version":1,"statement":${'['.repeat(900_000)}${']'.repeat(900_000)}}`,
  ];
  for (const text of hostile) {
    const before = process.cpuUsage();
    expect((await verifyReceipt(bytesOf(text), keys)).fault).not.toBeNull();
    // Of the processor's time, since the machine may be busy with other things.
    expect(process.cpuUsage(before).user / 1_000).toBeLessThan(2_000);
  }
});
