import { beforeAll, describe, expect, test } from 'vitest';
import { createLog } from '../../src/platform/log.ts';
import { sweepLines } from '../../src/returns/kept/read.ts';
import { asWorker } from '../support/alerts.ts';
import { testNow } from '../support/known.ts';
import { keptLines, salesTask, whenRead } from '../support/obligations.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { fieldValue, Visitor, visibleText } from '../support/visitor.ts';
import { csvOf } from './support.ts';

let server: TestServer;
let visitor: Visitor;
beforeAll(async () => {
  server = await startServer();
  visitor = new Visitor(server.base);
  await visitor.logIn('leverandoer@demo.example');
});

const db = () => server.database.owner.db;

async function openTask(): Promise<{ id: string; address: string; agreement: string }> {
  const task = await salesTask(server.database);
  return { ...task, address: `/leverandoer/opgaver/${task.id}` };
}

interface Posted {
  readonly file?: string;
  readonly intent?: string;
  readonly nothing?: boolean;
  readonly lines?: string;
  readonly word?: string;
}

/** Posts the form of a task as its page stands, and gives the page that follows. */
async function post(address: string, { file, intent = 'file', nothing, lines, word }: Posted): Promise<{ status: number; location: string; html: string; text: string }> {
  const before = await visitor.text(address);
  const form = new FormData();
  for (const name of ['form-key', 'round', 'version']) form.set(name, fieldValue(before, name));
  form.set('lines', lines ?? fieldValue(before, 'lines'));
  form.set('intent', intent);
  if (nothing) form.set('nothing', 'true');
  if (word !== undefined) form.set('word', word);
  if (file !== undefined) form.set('files', new Blob([file]), 'salg 3. kvartal.csv');
  const answer = await visitor.post(address, form);
  const location = answer.headers.get('location') ?? '';
  const html = answer.status === 303 ? await whenRead(visitor, location) : await answer.text();
  return { status: answer.status, location, html, text: visibleText(html) };
}

const submissionOf = (id: string) => db().selectFrom('submission').select(['id', 'answers', 'number']).where('obligation_id', '=', id).orderBy('number', 'desc').executeTakeFirst();
const linesOf = (id: string) => keptLines(server.database, id);

describe('a return that comes as a file', () => {
  test('is read and added up, mended and filed; its lines are kept as they were read', async () => {
    const task = await openTask();
    const own = { aftalenummer: task.agreement };
    const first = await post(task.address, { file: csvOf(own, { ...own, fakturanummer: 'F-2', antal: 'ti' }, { ...own, fakturanummer: 'F-3', kunde_gln: '5798999900017' }) });
    expect([first.status, first.location]).toEqual([303, `${task.address}?gemt=linjer`]);
    expect(first.text).toContain('Ret 2 fejl, før du indsender');
    expect(first.text).toContain('Det er ikke et tal');
    expect(fieldValue(first.html, 'lines')).toBe('');
    expect(await linesOf(task.id)).toEqual([]);

    const refused = await post(task.address, {});
    expect([refused.status, refused.text.includes('Der er fejl i linjerne')]).toEqual([400, true]);
    expect(await submissionOf(task.id)).toBeUndefined();

    const [marked, list] = [...first.html.matchAll(/href="([^"]*\/linjer\/[^"]*)"/g)].map(([, href]) => href ?? '');
    const back = await visitor.text(marked ?? '');
    expect(back.split('\r\n')[2]).toMatch(/antal: .*Det er ikke et tal/);
    expect((await visitor.text(list ?? '')).trim().split('\r\n')).toHaveLength(3);

    const removal = /value="(remove:[^"]+)"/.exec(first.html)?.[1] ?? '';
    await post(task.address, { intent: removal });
    const good = csvOf(own, { ...own, fakturanummer: 'F-2', antal: '-2', beloeb_ekskl_moms: '-47,00', paa_aftale: 'nej' });
    const second = await post(task.address, { file: good });
    expect(second.text).toContain('Filen kan indsendes');
    expect(second.text).toContain('Indsend 2 linjer, 893,00 kr.');
    expect(await submissionOf(task.id)).toBeUndefined();

    const filed = await post(task.address, {});
    expect(filed.text).toContain('Vi har modtaget det, du sendte');
    expect((await submissionOf(task.id))?.answers).toEqual({ lineCount: 2, totalOere: 89_300, ecolabelOere: 89_300, offContractOere: -4_700, buyers: 1 });
    const kept = await linesOf(task.id);
    expect(kept.map(({ line }) => line)).toEqual([2, 3]);
    expect(kept[1]?.cells).toEqual([
      ...['2026-Q3', task.agreement, '90000004', '5798999900016', 'Eksempelskolen', '4500012345', 'F-2', '2026-07-14', '712345', '5700000000011', 'Kopipapir A4 80 g'],
      ...['14111507', '30197643', 'pakke', '-2', '23.5', '-47', 'false', 'svanemaerket', 'false', '100', '2026-07-10', 'el', null],
    ]);
    expect(visibleText(await visitor.text(task.address))).toContain('Salg i alt uden moms 893,00 kr.');
  });

  test('may be that there is nothing to report, in one click, and not together with a file', async () => {
    const task = await openTask();
    const empty = await post(task.address, {});
    expect([empty.status, empty.text.includes('sæt flueben ved, at der ikke er noget at indberette')]).toEqual([400, true]);
    const both = await post(task.address, { file: csvOf({ aftalenummer: task.agreement }), nothing: true });
    expect([both.status, both.text.includes('Vælg ét af dem')]).toEqual([400, true]);
    await post(task.address, { intent: /value="(remove:[^"]+)"/.exec(await visitor.text(task.address))?.[1] ?? '' });
    const filed = await post(task.address, { nothing: true });
    expect(filed.text).toContain('Vi har modtaget det, du sendte');
    expect((await submissionOf(task.id))?.answers).toEqual({ noLines: true });
    expect(visibleText(await visitor.text(task.address))).toContain('Linjer Intet at indberette');
  });

  test('that cannot be read, is of another agreement, or comes as two files is told so, and the draft is kept', async () => {
    const task = await openTask();
    const removeAll = async (): Promise<void> => {
      for (const [, value] of (await visitor.text(task.address)).matchAll(/value="(remove:[^"]+)"/g)) await post(task.address, { intent: value ?? '' });
    };
    const quote = await post(task.address, { file: `periode;"${csvOf({})}` });
    expect(quote.text).toContain('kan ikke læses');
    expect((await post(task.address, {})).text).toContain('Filen kan ikke læses. Ved filen står');
    await removeAll();
    const other = await post(task.address, { file: csvOf({ aftalenummer: '1999-999' }) });
    expect(other.text).toContain('Ret én fejl, før du indsender');
    const two = await post(task.address, { file: csvOf({ aftalenummer: task.agreement }) });
    expect(two.text).toContain('Linjerne skal stå i én');
    expect(await submissionOf(task.id)).toBeUndefined();
    await removeAll();
    // What is filed is what was seen: lines that the form does not name are not filed.
    await post(task.address, { file: csvOf({ aftalenummer: task.agreement }), intent: 'save' });
    const unseen = await post(task.address, { lines: '00000000-0000-4000-8000-000000000000' });
    expect([unseen.status, unseen.text.includes('Linjerne er læst, siden du åbnede siden')]).toEqual([400, true]);
    expect((await post(task.address, {})).text).toContain('Vi har modtaget det, du sendte');
  });

  test('is seen by nobody else: not its lines, not its faults', async () => {
    const task = await openTask();
    const page = await post(task.address, { file: csvOf({ aftalenummer: '1999-999' }) });
    const [, faults = ''] = /href="([^"]*\/linjer\/[^"]*)"/.exec(page.html) ?? [];
    expect((await visitor.get(faults)).status).toBe(200);
    const stranger = new Visitor(server.base);
    await stranger.logIn('anden@demo.example');
    expect((await stranger.get(faults)).status).toBe(404);
    expect((await stranger.get(task.address)).status).toBe(404);
  });

  test('has its lines removed by the clock when its file was taken out of the draft or erased, and only then', async () => {
    const withLine = async () => {
      const task = await openTask();
      await post(task.address, { file: csvOf({ aftalenummer: task.agreement }), intent: 'save' });
      return task;
    };
    const [removed, erased, kept] = [await withLine(), await withLine(), await withLine()];
    const count = async () => Promise.all([removed, erased, kept].map(async ({ id }) => (await linesOf(id)).length));
    expect(await count()).toEqual([1, 1, 1]);
    const { run } = sweepLines(asWorker(server.database).db, createLog('error'));
    await run();
    expect(await count()).toEqual([1, 1, 1]);
    await post(removed.address, { intent: /value="(remove:[^"]+)"/.exec(await visitor.text(removed.address))?.[1] ?? '' });
    await db().updateTable('document').set({ erased_at: testNow }).where('obligation_id', '=', erased.id).execute();
    await run();
    expect(await count()).toEqual([0, 0, 1]);
    const left = await db().selectFrom('return_line').innerJoin('return_file as f', 'f.id', 'return_file_id').select('f.obligation_id').execute();
    expect(left.some(({ obligation_id }) => obligation_id === removed.id || obligation_id === erased.id)).toBe(false);
  });

  test('that is quite different from the last one asks for a word, which the case officer reads; a small difference does not', async () => {
    const [before, task, next] = [await openTask(), await openTask(), await openTask()];
    for (const [{ id }, period] of [
      [before, '2026-Q1'],
      [task, '2026-Q2'],
      [next, '2026-Q3'],
    ] as const)
      await db().updateTable('obligation').set({ period, requirement_id: before.id }).where('id', '=', id).execute();
    const line = (periode: string, fakturadato: string, antal: number) =>
      csvOf({ aftalenummer: before.agreement, periode, fakturadato, leveringsdato: '', antal: String(antal), beloeb_ekskl_moms: String(antal * 23.5).replace('.', ',') });
    expect((await post(before.address, { file: line('2026-Q1', '2026-02-03', 1000) })).text).not.toContain('anderledes end sidst');
    await post(before.address, {});
    const shown = await post(task.address, { file: line('2026-Q2', '2026-05-05', 4000) });
    expect(shown.text).toMatch(/Linjerne giver 94\.000,00.kr\. mod 23\.500,00.kr\. i 1\. kvartal 2026/);
    const refused = await post(task.address, { word: ' ' });
    expect([refused.status, refused.text.includes('Skriv kort, hvorfor salget er så anderledes')]).toEqual([400, true]);
    await post(task.address, { intent: 'save', word: 'En ny skole er åbnet.' });
    expect(await visitor.text(task.address)).toContain('En ny skole er åbnet.</textarea>');
    expect((await post(task.address, { word: 'En ny skole er åbnet.' })).location).toContain('/kvitteringer/');
    const officer = new Visitor(server.base);
    await officer.logIn('sagsbehandler@demo.example');
    expect(visibleText(await officer.text(`/forvaltning/sager/${task.id}`))).toContain('Hvorfor det er anderledes end sidst En ny skole er åbnet.');
    expect((await post(next.address, { file: line('2026-Q3', '2026-08-05', 4100) })).text).not.toContain('anderledes end sidst');
  });

  test('with nothing in it is filed for several tasks at once; one that cannot be keeps none of the others back', async () => {
    const [one, two, three] = [await openTask(), await openTask(), await openTask()];
    await post(three.address, { file: csvOf({ aftalenummer: three.agreement }), intent: 'save' });
    expect(visibleText(await visitor.text('/leverandoer'))).toContain('Sig det for flere på én gang');
    const page = await visitor.text('/leverandoer/intet');
    const send = async (...ids: string[]) => {
      const fields = ids.flatMap((id) => [
        [`task-${id}`, 'true'],
        [`key-${id}`, fieldValue(page, `key-${id}`)],
      ]);
      return visitor.post('/leverandoer/intet', Object.fromEntries(fields) as Record<string, string>);
    };
    const none = await send();
    expect([none.status, visibleText(await none.text()).includes('Sæt flueben ved mindst én opgave')]).toEqual([400, true]);
    const partly = await send(one.id, three.id);
    const words = visibleText(await partly.text());
    expect([partly.status, words.includes('Indsendt: 1. Ikke indsendt: 1.'), words.includes('både valgt en fil')]).toEqual([400, true, true]);
    const both = await send(one.id, two.id);
    expect(both.headers.get('location')).toBe('/leverandoer?indsendt=2');
    expect(visibleText(await visitor.text('/leverandoer?indsendt=2'))).toContain('2 opgaver er indsendt.');
    for (const { id } of [one, two]) expect(await submissionOf(id)).toMatchObject({ number: 1, answers: { noLines: true } });
    expect(await submissionOf(three.id)).toBeUndefined();
    const other = new Visitor(server.base);
    await other.logIn('anden@demo.example');
    expect((await other.post('/leverandoer/intet', { [`task-${three.id}`]: 'true' })).status).toBe(400);
  });
});
