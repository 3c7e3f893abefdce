import { beforeAll, describe, expect, test } from 'vitest';
import { problemSchema } from '../../src/opendata/lists/schemas.ts';
import { xlsxStream } from '../../src/spreadsheet/write.ts';
import { keptLines } from '../support/obligations.ts';
import { type Program, programOf, returnTask } from '../support/program.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { Visitor, visibleText } from '../support/visitor.ts';
import { csvOf, rightLine } from './support.ts';

let server: TestServer;
let visitor: Visitor;
let program: Program;
beforeAll(async () => {
  server = await startServer();
  visitor = new Visitor(server.base);
  await visitor.logIn('leverandoer@demo.example');
  program = await programOf(server, visitor);
});

const db = () => server.database.owner.db;
const linesOf = (id: string) => keptLines(server.database, id);
const submissionsOf = (id: string) =>
  db().selectFrom('submission').select(['id', 'answers', 'number', 'submitted_by_name', 'receipt_number']).where('obligation_id', '=', id).orderBy('number').execute();
/** The right line by the keys of its columns, with numbers and booleans as JSON has them. */
const line = (over: Record<string, unknown> = {}) => ({
  ...{ period: '2026-Q3', agreementNumber: '2024-031', supplierCvr: '90000004', customerGln: '5798999900016', customerName: 'Eksempelskolen', orderNumber: 4_500_012_345 },
  ...{ invoiceNumber: 'F-1', invoiceDate: '2026-07-14', itemNumber: '712345', gtin: '5700000000011', itemText: 'Kopipapir A4 80 g', unspsc: 14_111_507, cpv: '30197643' },
  ...{ unit: 'pakke', quantity: 40, unitPriceExVat: 23.5, amountExVat: 940, onContract: true, ecolabel: ['svanemaerket', 'fsc'], organic: false, recycledContentPct: 100 },
  ...{ deliveryDate: '2026-07-10', deliveryMode: 'el', remark: null, ...over },
});
interface Told {
  filed: boolean;
  draft: { id: string; state: string; canBeFiled: boolean; totals: { totalOere: number }; errors: { row: number; index?: number; code: string }[] };
  submission: { id: string; receiptNumber: string; receipt: string; totals: { rows: number; totalOere: number }; nothing: boolean; answers: Record<string, unknown> };
}
const told = async (response: Response): Promise<Told> => (await response.json()) as Told;
const problemOf = async (response: Response) => {
  expect([response.headers.get('content-type'), response.headers.get('cache-control'), response.headers.get('access-control-allow-origin')]).toEqual([
    'application/problem+json',
    'no-store',
    null,
  ]);
  const problem = problemSchema.parse(await response.json());
  expect(problem.status).toBe(response.status);
  return { ...problem, kind: problem.type.split('#')[1] };
};

describe('a return that a program sends as lines', () => {
  test('is checked without a trace, kept as a draft, and filed with a receipt that names person and key', async () => {
    const task = await returnTask(server);
    const lines = [line(), line({ invoiceNumber: 'F-2', quantity: -2, amountExVat: -47, onContract: 'nej', ecolabel: null })];
    const dry = await program.send(`${task.returns}?dryRun=true`, { lines });
    expect([dry.status, await dry.json()]).toMatchObject([200, { dryRun: true, canBeFiled: true, rows: 2, totals: { totalOere: 89_300, currency: 'DKK' }, agreementKnown: true }]);
    expect(await db().selectFrom('document').select('id').where('obligation_id', '=', task.id).execute()).toEqual([]);

    const kept = await program.send(task.returns, { lines });
    const draft = await told(kept);
    expect([kept.status, kept.headers.get('cache-control'), draft.filed, draft.draft.state, draft.draft.canBeFiled]).toEqual([200, 'no-store', false, 'read', true]);
    expect(await submissionsOf(task.id)).toEqual([]);

    const filed = await program.send(`${task.returns}?file=true`, { draft: draft.draft.id });
    const { submission } = await told(filed);
    expect([filed.status, filed.headers.get('location')]).toEqual([201, submission.receipt]);
    expect(submission.totals).toEqual({ rows: 2, totalOere: 89_300, ecolabelOere: 94_000, offContractOere: -4_700, uniqueGln: 1, currency: 'DKK' });
    expect(await submissionsOf(task.id)).toMatchObject([{ id: submission.id, receipt_number: submission.receiptNumber, submitted_by_name: 'Leverandør (eksempel) (nøgle »ERP«)' }]);
    expect((await linesOf(task.id))[1]?.cells).toEqual([
      ...['2026-Q3', '2024-031', '90000004', '5798999900016', 'Eksempelskolen', '4500012345', 'F-2', '2026-07-14', '712345', '5700000000011', 'Kopipapir A4 80 g'],
      ...['14111507', '30197643', 'pakke', '-2', '23.5', '-47', 'false', null, 'false', '100', '2026-07-10', 'el', null],
    ]);
    expect(visibleText(await visitor.text(new URL(submission.receipt).pathname))).toContain('Leverandør (eksempel) (nøgle »ERP«)');
    const { detail } = await db().selectFrom('audit_entry').select('detail').where('event', '=', 'submission.filed').orderBy('seq', 'desc').limit(1).executeTakeFirstOrThrow();
    const { id } = await db().selectFrom('supplier_key').select('id').where('name', '=', 'ERP').executeTakeFirstOrThrow();
    expect(detail).toMatchObject({ obligation: task.id, key: id });
    const after = (await (await program.ask(task.returns)).json()) as { submissions: unknown[]; draft: { lines: unknown[] }; obligation: { state: string } };
    expect([after.submissions.length, after.draft.lines, after.obligation.state]).toEqual([1, [], 'submitted']);
  });

  test('may use the Danish names of its columns and cells as a file has them', async () => {
    const task = await returnTask(server);
    const response = await program.send(task.returns, { lines: [{ ...rightLine, aftalenummer: task.agreement }] });
    expect(await told(response)).toMatchObject({ draft: { canBeFiled: true, totals: { totalOere: 94_000 } } });
  });

  test('with errors is not filed but kept, and each error says its line in the file and among those that were sent', async () => {
    const task = await returnTask(server);
    const response = await program.send(`${task.returns}?file=true`, {
      lines: [line(), line({ invoiceNumber: 'F-2', quantity: 'ti' }), line({ invoiceNumber: 'F-3', amountExVat: 1e308 })],
    });
    const problem = await problemOf(response);
    expect([problem.status, problem.kind, problem.errorCount, new URL(problem.draft ?? '').pathname]).toEqual([422, 'cannot-be-filed', 2, task.returns]);
    expect(problem.errors.map(({ row, index, column, code, severity, found }) => [row, index, column, code, severity, found])).toEqual([
      [3, 1, 'antal', 'not-a-number', 'error', 'ti'],
      [4, 2, 'beloeb_ekskl_moms', 'number-too-large', 'error', expect.stringContaining('e+308')],
    ]);
    for (const error of problem.errors) expect(error.message_da).not.toBe(error.message_en);
    expect(await submissionsOf(task.id)).toEqual([]);
    const draft = (await (await program.ask(task.returns)).json()) as { draft: { lines: { state: string; errorCount: number }[] } };
    expect(draft.draft.lines).toMatchObject([{ state: 'read', errorCount: 2 }]);
    const mended = await program.send(`${task.returns}?file=true`, { lines: [line()] });
    expect([mended.status, (await submissionsOf(task.id)).length]).toEqual([201, 1]);
  });

  test('may be that there is nothing to report, which takes the place of lines that were sent before', async () => {
    const task = await returnTask(server);
    await program.send(task.returns, { lines: [line()] });
    expect((await problemOf(await program.send(task.returns, { nothing: true }))).errors[0]?.code).toBe('nothing-is-filed');
    const { submission } = await told(await program.send(`${task.returns}?file=true`, { nothing: true }));
    expect([submission.nothing, submission.totals]).toEqual([true, null]);
    expect((await submissionsOf(task.id))[0]?.answers).toEqual({ noLines: true });
  });

  test('must be there, and those that are meant must be those in the draft', async () => {
    const task = await returnTask(server);
    const empty = await problemOf(await program.send(`${task.returns}?file=true`, {}));
    expect([empty.status, empty.errors[0]?.code]).toEqual([422, 'lines-required']);
    await program.send(task.returns, { lines: [line()] });
    const other = await problemOf(await program.send(`${task.returns}?file=true`, { draft: '00000000-0000-4000-8000-000000000000' }));
    expect([other.status, other.errors[0]?.code]).toEqual([422, 'lines-changed']);
    expect(await submissionsOf(task.id)).toEqual([]);
  });
});

describe('a return that a program sends as a file', () => {
  const csv = () => csvOf({ aftalenummer: '2024-031' });
  test('is taken as CSV, as a workbook, without a type and as the file of a form', async () => {
    const own: Record<string, string> = { ...rightLine, aftalenummer: '2024-031' };
    const sheet = xlsxStream(Object.keys(own), [Object.values(own)], { sheet: 'Linjer' });
    const workbook = new Uint8Array(await new Response(sheet).arrayBuffer());
    const form = new FormData();
    form.set('file', new Blob([csv()]), 'Salg æøå.csv');
    const xlsx = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';
    const bodies: [BodyInit, Record<string, string>, string][] = [
      [csv(), { 'content-type': 'text/csv; charset=utf-8' }, 'salgsstatistik-2026-Q3.csv'],
      [csv(), { 'content-type': 'application/octet-stream' }, 'salgsstatistik-2026-Q3.csv'],
      [form, {}, 'Salg æøå.csv'],
      [workbook, { 'content-type': xlsx }, 'salgsstatistik-2026-Q3.xlsx'],
      [workbook, { 'content-type': 'application/octet-stream' }, 'salgsstatistik-2026-Q3.xlsx'],
    ];
    for (const [body, headers, name] of bodies) {
      const task = await returnTask(server);
      const response = await program.post(task.returns, body, headers);
      expect([response.status, await response.json()]).toMatchObject([200, { draft: { file: name, state: 'read', rows: 1 } }]);
      expect((await program.post(`${task.returns}?file=true`, body, headers)).status).toBe(201);
    }
  });

  test('is checked without being kept, and refused in words when it cannot be read', async () => {
    const task = await returnTask(server);
    const headers = { 'content-type': 'text/csv' };
    const dry = await program.post(`${task.returns}?dryRun=true`, csvOf({ aftalenummer: '2024-031', antal: 'ti' }), headers);
    expect([dry.status, await dry.json()]).toMatchObject([200, { canBeFiled: false, errors: [{ row: 2, column: 'antal', code: 'not-a-number' }] }]);
    for (const query of ['?dryRun=true', '?file=true']) {
      const problem = await problemOf(await program.post(task.returns + query, `periode;"${csv()}`, headers));
      expect([query, problem.status, problem.errors[0]?.code]).toEqual([query, 422, 'open-quote']);
    }
    expect((await problemOf(await program.post(task.returns, '', headers))).errors[0]?.code).toBe('file-empty');
    expect((await problemOf(await program.post(task.returns, 'a;b\0c', headers))).errors[0]?.code).toBe('file-wrong-content');
  });
});

describe('a filing that is sent again', () => {
  test('with the same idempotency key gives the same receipt, at once and ten times over, also after the task came back', async () => {
    const task = await returnTask(server);
    const send = (key: string, lines = [line()]) => program.send(`${task.returns}?file=true`, { lines }, { 'idempotency-key': key });
    const answers = await Promise.all(Array.from({ length: 10 }, () => send('Q3 – first'.replace('–', '-'))));
    const receipts = await Promise.all(answers.map(async (response) => (response.status === 201 ? await told(response) : null)?.submission.receiptNumber ?? response.status));
    expect(new Set(receipts).size).toBe(1);
    expect(await submissionsOf(task.id)).toMatchObject([{ receipt_number: receipts[0] }]);
    expect((await problemOf(await send('another'))).errors[0]?.code).toBe('already-filed');
    await db().updateTable('obligation').set({ state: 'returned' }).where('id', '=', task.id).execute();
    expect((await told(await send('Q3 - first'))).submission.receiptNumber).toBe(receipts[0]);
    expect((await problemOf(await send('another'))).errors[0]?.code).toBe('nothing-changed');
    const second = await told(await send('another', [line(), line({ invoiceNumber: 'F-2' })]));
    expect([second.submission.receiptNumber === receipts[0], (await submissionsOf(task.id)).length]).toEqual([false, 2]);
  });

  test('is refused where the task cannot be filed, in words for programs', async () => {
    const planned = await returnTask(server, { state: 'planned' });
    const problem = await problemOf(await program.send(`${planned.returns}?file=true`, { lines: [line()] }));
    expect([problem.status, problem.kind, problem.errors[0]?.code]).toEqual([409, 'not-now', 'not-open-yet']);
    expect((await program.send(`${planned.returns}?dryRun=true`, { lines: [line()] })).status).toBe(200);
    const accepted = await returnTask(server, { state: 'accepted' });
    expect((await problemOf(await program.send(accepted.returns, { lines: [line()] }))).errors[0]?.code).toBe('already-filed');
  });
});

describe('a program that asks for much', () => {
  test('is told to come back while its lines are being read, and files them then by their id', async () => {
    const slow = await startServer({ env: { WORKER: 'off' } });
    const person = new Visitor(slow.base);
    await person.logIn('leverandoer@demo.example');
    const [task, sender] = [await returnTask(slow), await programOf(slow, person)];
    const response = await sender.send(`${task.returns}?file=true`, { lines: [line()] });
    expect([response.status, new URL(response.headers.get('location') ?? '').pathname, response.headers.get('retry-after')]).toEqual([202, task.returns, '2']);
    const { draft } = await told(response);
    expect([draft.state, draft.canBeFiled]).toEqual(['waiting', false]);
    await startServer({ database: slow.database, dataDir: slow.dataDir });
    const state = async () => ((await (await sender.ask(task.returns)).json()) as { draft: { lines: { state: string }[] } }).draft.lines[0]?.state;
    await expect.poll(state, { timeout: 20_000 }).toBe('read');
    expect((await sender.send(`${task.returns}?file=true`, { draft: draft.id })).status).toBe(201);
  });

  test('may send six hundred bodies in a quarter of an hour', async () => {
    const task = await returnTask(server);
    const { id } = await db().selectFrom('supplier_key').select('id').where('name', '=', 'ERP').executeTakeFirstOrThrow();
    const counted = db().updateTable('log_in_guess').where('key', '=', `key-sends:${id}`);
    expect((await program.send(task.returns, { lines: [line()] })).status).toBe(200);
    await counted.set({ count: 600 }).execute();
    const response = await program.send(task.returns, { lines: [line()] });
    expect([response.status, response.headers.get('retry-after')]).toEqual([429, '900']);
    await counted.set({ count: 1 }).execute();
  });
});

describe('a task without lines', () => {
  test('is filed by its answers when it needs no file, in the units of the interface', async () => {
    const task = await returnTask(server, { type: 'miljoemaerke-andel' });
    const answers = { turnoverTotal: 1_000_000, turnoverEcolabel: 500_050, sharePct: 50.005 };
    const dry = await program.send(`${task.returns}?dryRun=true`, { answers });
    expect([dry.status, await dry.json()]).toMatchObject([200, { canBeFiled: true }]);
    const response = await program.send(`${task.returns}?file=true`, { answers });
    const body = await response.json();
    expect([response.status, JSON.stringify(body)]).toEqual([201, expect.stringContaining('receiptNumber')]);
    expect((body as Told).submission.answers).toEqual(answers);
  });

  test('that needs a file says so and how, and takes no file itself', async () => {
    const task = await returnTask(server, { type: 'iso-certifikat' });
    const problem = await problemOf(await program.send(`${task.returns}?file=true`, { answers: {} }));
    const { message_en: words } = problem.errors.find(({ code }) => code === 'file-required') ?? { message_en: '' };
    expect([problem.status, words]).toEqual([422, expect.stringContaining('portal')]);
    expect((await problemOf(await program.post(task.returns, '%PDF-1.4', { 'content-type': 'application/pdf' }))).status).toBe(415);
    expect((await problemOf(await program.send(task.returns, { lines: [line()] }))).errors[0]).toMatchObject({ code: 'unknown-field', place: 'lines' });
  });
});
