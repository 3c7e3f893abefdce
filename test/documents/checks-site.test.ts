import fs from 'node:fs';
import path from 'node:path';
import { sql } from 'kysely';
import { beforeAll, describe, expect, test } from 'vitest';
import { expectNoAxeFindings, expectNoSidewaysScroll, logIn, useBrowser } from '../support/browser.ts';
import { fakeClamd } from '../support/clamd.ts';
import { writtenContent } from '../support/content.ts';
import { fullAnswers, obligationOf } from '../support/obligations.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { fieldValue, Visitor, visibleText } from '../support/visitor.ts';
import { textPdf } from './made-pdf.ts';
import { xlsxParts, zip } from './made-zip.ts';

/** The whole way through the site and its worker, with a scanner that is away first. */
let server: TestServer;
let supplier: Visitor;
let officer: Visitor;
let task: string;
let answers: Record<string, string>;
let answer = 'hang up';
const browser = useBrowser();
const honest = 'vare;mærke\nsæbe;Svanemærket\n';

beforeAll(async () => {
  const { address } = await fakeClamd(() => answer);
  server = await startServer({ env: { CLAMD: address, CLAMD_REQUIRED: 'true' } });
  const obligation = await obligationOf(server.database, '90000004', 'open', 'miljoemaerke-andel');
  task = `/leverandoer/opgaver/${obligation.id}`;
  const type = writtenContent().types.get(obligation.type);
  answers = Object.fromEntries(Object.entries(type ? fullAnswers(type) : {}).map(([key, value]) => [`answer-${key}`, value]));
  [supplier, officer] = [new Visitor(server.base), new Visitor(server.base)];
  await supplier.logIn('leverandoer@demo.example');
  await officer.logIn('sagsbehandler@demo.example');
});

async function post(intent: string, files: Record<string, string | Uint8Array> = {}): Promise<Response> {
  const page = await supplier.text(task);
  const form = new FormData();
  for (const [name, value] of Object.entries({
    ...answers,
    intent,
    'form-key': fieldValue(page, 'form-key'),
    version: fieldValue(page, 'version'),
    round: fieldValue(page, 'round'),
  }))
    form.set(name, value);
  for (const [name, content] of Object.entries(files)) form.append('files', new Blob([content as BlobPart]), name);
  return supplier.post(task, form);
}

const idOf = async (name: string): Promise<string> =>
  (await server.database.owner.db.selectFrom('document').select('id').where('name', '=', name).orderBy('stored_at', 'desc').executeTakeFirstOrThrow()).id;
/** What the clock does when the time has come. */
const tryAgain = () =>
  sql`select jobs.enqueue('file-check', json_build_object('sha256', sha256, 'kind', kind), 'file-check ' || sha256 || ' ' || kind) from stored_file where verdict = 'waiting'`.execute(
    server.database.owner.db,
  );
const shows = (visitor: Visitor, path: string, words: string) =>
  expect.poll(async () => visibleText(await visitor.text(path)), { timeout: 30_000, interval: 200 }).toContain(words);

describe('a file on its way through the site', () => {
  test('is said to be refused, with why and what to do, and the task cannot be filed with it', async () => {
    const macros = zip(xlsxParts(['Hej'], [{ name: 'xl/vbaProject.bin', data: 'a' }]));
    expect((await post('save', { 'makro.xlsx': macros, 'tal.csv': honest, 'attest.csv': 'Straffeattest\nAnna Eksempel, 010190-1234\n' })).status).toBe(303);
    await shows(supplier, task, 'Afvist Filen indeholder makroer. Gem den som .docx eller .xlsx uden makroer eller som PDF, og send den igen.');
    const refused = await post('file');
    expect([refused.status, visibleText(await refused.text())]).toEqual([400, expect.stringContaining('En af filerne er afvist. Fjern den, og vælg en ny.')]);
    expect((await post(`remove:${await idOf('makro.xlsx')}`)).status).toBe(303);
  });

  test('is filed, kept and not served while the scanner is away, to nobody', async () => {
    await shows(supplier, task, 'Bliver kontrolleret Virusscanneren svarer ikke. Filen er gemt, og vi prøver igen af os selv.');
    const filed = await post('file');
    expect(filed.status).toBe(303);
    const receipt = filed.headers.get('location') ?? '';
    const html = await supplier.text(receipt);
    expect(visibleText(html)).toContain('tal.csv');
    expect(html).not.toContain('/leverandoer/filer/');
    const id = await idOf('tal.csv');
    for (const [visitor, path] of [
      [supplier, `/leverandoer/filer/${id}`],
      [supplier, `/en/supplier/files/${id}`],
      [officer, `/forvaltning/filer/${id}`],
    ] as const) {
      const response = await visitor.get(path);
      expect([response.status, await response.text()]).toEqual([404, expect.not.stringContaining('Svanemærket')]);
    }
    const caseHtml = await officer.text(task.replace('/leverandoer/opgaver/', '/forvaltning/sager/'));
    expect(caseHtml).not.toContain('/forvaltning/filer/');

    answer = 'stream: OK\0';
    await tryAgain();
    await shows(supplier, receipt, 'Kontrolleret');
    await expect.poll(async () => (await supplier.get(`/leverandoer/filer/${id}`)).status, { timeout: 30_000 }).toBe(200);
    expect(await (await officer.get(`/forvaltning/filer/${id}`)).text()).toBe(honest);
  });

  test('that a person must judge stands in the list of staff, and is let through only with a considered yes', async () => {
    await shows(officer, '/forvaltning/filer', 'Kommunen må ikke modtage den fra leverandøren.');
    const html = await officer.text('/forvaltning/filer');
    expect(visibleText(html)).toContain('attest.csv');
    expect(visibleText(html)).toMatch(/Opgave Andel af miljømærkede varer.* Aftale \S+ .* Afsender .*Der er intet billede af filen\./);
    expect(html).toContain(task.replace('/leverandoer/opgaver/', '/forvaltning/sager/'));
    expect(visibleText(await officer.text('/forvaltning'))).toContain('1 fil venter på en person eller på virusscanneren');
    expect(visibleText(await officer.text(task.replace('/leverandoer/opgaver/', '/forvaltning/sager/')))).toContain(
      'Venter på en person Filen kan være en børneattest eller straffeattest. Kommunen må ikke',
    );
    const decision = { sha256: fieldValue(html, 'sha256'), kind: fieldValue(html, 'kind'), decision: 'release' };
    const hasty = await officer.post('/forvaltning/filer', decision);
    const reminded = await hasty.text();
    expect([hasty.status, visibleText(reminded)]).toEqual([400, expect.stringContaining('attest.csv: Sæt flueben')]);
    expect(reminded).toMatch(/<a href="#confirm-0">/);
    expect(reminded).toMatch(/<input[^>]*id="confirm-0"[^>]*autofocus[^>]*aria-describedby="confirm-0-fault"/);
    const auditor = new Visitor(server.base);
    await auditor.logIn('revision@demo.example');
    expect(await auditor.text('/forvaltning/filer')).not.toContain('name="decision"');
    expect((await auditor.post('/forvaltning/filer', { ...decision, confirm: 'true' })).status).toBe(403);
    expect((await supplier.get('/forvaltning/filer')).status).toBe(403);
    const id = await idOf('attest.csv');
    expect((await officer.get(`/forvaltning/filer/${id}`)).status).toBe(404);
    const decided = await officer.post('/forvaltning/filer', { ...decision, confirm: 'true' });
    expect(visibleText(await officer.text(decided.headers.get('location') ?? ''))).toContain('Filen er frigivet.');
    expect((await officer.get(`/forvaltning/filer/${id}`)).status).toBe(200);
    const receipt = /\/leverandoer\/kvitteringer\/[0-9a-f-]{36}/.exec(await supplier.text(task))?.[0] ?? '';
    expect(visibleText(await supplier.text(receipt))).toMatch(/attest\.csv \([^)]*\) Set og frigivet af en medarbejder/);
    expect(visibleText(await officer.text(task.replace('/leverandoer/opgaver/', '/forvaltning/sager/')))).toMatch(/attest\.csv.{0,20} Set og frigivet af [A-ZÆØÅ]/);
    expect((await officer.post('/forvaltning/filer', { ...decision, confirm: 'true' })).status).toBe(422);
  });
});

describe('the list of files that wait', () => {
  test.each([
    ['/forvaltning/filer', 'Filer, der venter'],
    ['/en/administration/files', 'Files that wait'],
  ])('%s can be read by everybody, narrow and wide', async (path, title) => {
    await server.database.owner.db
      .updateTable('stored_file')
      .set({ verdict: 'held', reason: 'pdf-damaged' })
      .where('sha256', 'in', (eb) => eb.selectFrom('document').select('sha256').where('submission_id', 'is not', null).limit(2))
      .execute();
    const page = await browser.open(server.base);
    await logIn(page, 'sagsbehandler@demo.example');
    await page.goto(path);
    expect(await page.textContent('h1')).toBe(title);
    await expectNoAxeFindings(page, path);
    await page.setViewportSize({ width: 320, height: 800 });
    await expectNoSidewaysScroll(page, path);
    await page.context().close();
  });
});

test('a scanner that hangs keeps nobody’s receipt waiting, and does not keep the site from stopping', async () => {
  answer = 'say nothing';
  const obligation = await obligationOf(server.database, '90002740', 'open');
  const type = writtenContent().types.get(obligation.type);
  if (!type) throw new Error('unexpected');
  const other = new Visitor(server.base);
  await other.logIn('anden@demo.example');
  const form = new FormData();
  const kind = type.evidence.includes('csv') ? 'csv' : 'pdf';
  for (const [key, value] of Object.entries(fullAnswers(type))) form.set(`answer-${key}`, value);
  form.set('intent', 'file');
  form.set('files', new Blob([kind === 'csv' ? `a;b\n${Math.random()}` : textPdf(['Hej'])] as BlobPart[]), `ny.${kind}`);
  const filed = await other.post(`/leverandoer/opgaver/${obligation.id}`, form);
  expect(filed.status).toBe(303);
  const number = /HTK-2026-\d{6}/.exec(await other.text(filed.headers.get('location') ?? ''))?.[0] ?? 'none';
  const folder = path.join(server.dataDir, 'mail');
  await expect.poll(() => fs.readdirSync(folder).some((name) => fs.readFileSync(path.join(folder, name), 'utf8').includes(number)), { timeout: 20_000 }).toBe(true);
  expect((await server.database.owner.db.selectFrom('stored_file').select('verdict').where('verdict', '=', 'waiting').execute()).length).toBeGreaterThan(0);
  const began = performance.now();
  await server.stop();
  expect(performance.now() - began).toBeLessThan(30_000);
});
