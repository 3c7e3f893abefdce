import { beforeAll, describe, expect, test } from 'vitest';
import { plainName } from '../../src/returns/reading/columns.ts';
import { cellsOf, headerOf } from '../../src/returns/sheet/paste.ts';
import { demoPassword } from '../support/known.ts';
import { salesTask, whenRead } from '../support/obligations.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { fieldValue, Visitor, visibleText } from '../support/visitor.ts';
import { columnNames, csvOf, rightLine, table } from './support.ts';

describe('what is copied in a spreadsheet', () => {
  test('is cut into the cells that it was', () => {
    expect(cellsOf('a\tb\r\nc\td\r\n')).toEqual([
      ['a', 'b'],
      ['c', 'd'],
    ]);
    expect(cellsOf('a\t"to\nlinjer, ""citat"""\tc')).toEqual([['a', 'to linjer, "citat"', 'c']]);
    expect(cellsOf('7" skærm\t\n\tx\t')).toEqual([
      ['7" skærm', ''],
      ['', 'x', ''],
    ]);
    expect([cellsOf(''), cellsOf('"aldrig lukket\tb')]).toEqual([[], [['"aldrig lukket', 'b']]]);
  });

  test('is known by its header where it has one, in whatever order', () => {
    const names = table.columns.map(({ header, label, synonyms = [] }) => [header.da, label.da, ...synonyms].map(plainName));
    expect(headerOf(['Antal', 'EAN-nr.', 'noget andet', 'Varetekst', ''], names, plainName)).toEqual([14, 3, -1, 10, -1]);
    expect(headerOf(['40', '5798999900016', 'Eksempelskolen'], names, plainName)).toBeNull();
  });
});

let server: TestServer;
let visitor: Visitor;
beforeAll(async () => {
  server = await startServer();
  visitor = new Visitor(server.base);
  await visitor.logIn('leverandoer@demo.example');
});

const known = new Set(['periode', 'aftalenummer', 'leverandoer_cvr']);
/** A line as it is typed: what the task knows is left empty. */
const typed = (changed: Readonly<Record<string, string>> = {}): Record<string, string> => ({
  ...rightLine,
  ...Object.fromEntries([...known].map((name) => [name, ''])),
  ...changed,
});
const cells = (...rows: Readonly<Record<string, string>>[]): Record<string, string> =>
  Object.fromEntries(rows.flatMap((row, at) => columnNames.map((name, column) => [`c-${at}-${column}`, row[name] ?? ''])));
const cell = (html: string, row: number, name: string): string => fieldValue(html, `c-${row}-${columnNames.indexOf(name)}`);

async function openTask() {
  const task = await salesTask(server.database);
  const address = `/leverandoer/opgaver/${task.id}`;
  const sheet = `${address}/linjer`;
  const save = async (rows: Record<string, string>, { seen, intent = 'check' }: { seen?: string; intent?: string } = {}) => {
    const answer = await visitor.post(sheet, { ...rows, seen: seen ?? fieldValue(await visitor.text(sheet), 'seen'), intent });
    const location = answer.headers.get('location') ?? '';
    const html = answer.status === 303 ? await whenRead(visitor, location) : await answer.text();
    return { status: answer.status, location, html, text: visibleText(html) };
  };
  return { ...task, address, sheet, save };
}

const keptFor = (id: string) =>
  server.database.owner.db
    .selectFrom('return_line as l')
    .innerJoin('return_file as f', 'f.id', 'l.return_file_id')
    .innerJoin('document as d', 'd.id', 'f.document_id')
    .select(['l.line', 'l.cells', 'd.name'])
    .where('f.obligation_id', '=', id)
    .orderBy('l.line')
    .execute();

describe('lines that are typed on a page', () => {
  test('are kept with what the task knows of them, mended, and filed like those of a file', async () => {
    const { address, save, id, agreement } = await openTask();
    const first = await save(cells(typed(), {}, typed({ fakturanummer: 'F-2', antal: 'fyrre', fakturadato: '15-08-2026' })));
    expect([first.status, first.location]).toEqual([303, `${address}/linjer?gemt=linjer`]);
    expect(first.text).toContain('Antal, linje 3: Det er ikke et tal');
    expect([cell(first.html, 1, 'antal'), cell(first.html, 1, 'fakturadato'), cell(first.html, 0, 'aftalenummer')]).toEqual(['fyrre', '15-08-2026', agreement]);
    expect(await keptFor(id)).toEqual([]);

    const mended = await save(cells(typed(), typed({ fakturanummer: 'F-2', antal: '-2', beloeb_ekskl_moms: '-47,00', fakturadato: '15-08-2026' })));
    expect([mended.status, mended.location]).toEqual([303, `${address}?gemt=linjer`]);
    expect(mended.text).toContain('Filen kan indsendes');
    expect(mended.text).not.toContain('bemærkning');
    expect(mended.text.match(/linjer\.csv/g)?.length).toBe(2);
    const kept = await keptFor(id);
    expect(kept.map(({ line, name }) => [line, name])).toEqual([
      [2, 'linjer.csv'],
      [3, 'linjer.csv'],
    ]);
    expect(kept[1]?.cells.slice(0, 3)).toEqual(['2026-Q3', agreement, '90000004']);
    expect(kept[1]?.cells).toEqual(expect.arrayContaining(['-2', '-47', '2026-08-15']));

    const answers = {
      'form-key': fieldValue(mended.html, 'form-key'),
      round: '0',
      version: fieldValue(mended.html, 'version'),
      lines: fieldValue(mended.html, 'lines'),
      intent: 'file',
    };
    expect((await visitor.post(address, answers)).headers.get('location')).toContain('/leverandoer/kvitteringer/');
    expect((await visitor.get(`${address}/linjer`)).headers.get('location')).toBe(address);
  });

  test('of a file can be mended on the page, whatever its layout; sums and unknown columns are said to go', async () => {
    const { address, save, sheet, agreement } = await openTask();
    const form = new FormData();
    const page = await visitor.text(address);
    for (const name of ['form-key', 'round', 'version']) form.set(name, fieldValue(page, name));
    form.set('intent', 'save');
    const lines = csvOf({ aftalenummer: agreement, antal: 'ti' }, { aftalenummer: agreement, fakturanummer: 'F-2' }).split('\r\n');
    form.set('files', new Blob([`Vores salg\r\n\r\n${lines.map((line, at) => `${line};${at === 0 ? 'lager' : 'Hal 4'}`).join('\r\n')}\r\nI alt;;;1880\r\n`]), 'K3 salg.csv');
    await visitor.post(address, form);
    expect(await visitor.text(address)).toContain(`href="${sheet}"`);
    const html = await visitor.text(sheet);
    expect([cell(html, 0, 'antal'), cell(html, 1, 'fakturanummer'), cell(html, 2, 'antal')]).toEqual(['ti', 'F-2', '']);
    expect(visibleText(html)).toContain('Kolonnen kendes ikke');
    expect(visibleText(html)).toContain('Antal, linje 4');
    const saved = await save(cells(typed({ aftalenummer: agreement }), typed({ fakturanummer: 'F-2' })));
    expect(saved.location).toBe(`${address}?gemt=linjer`);
    expect(saved.text).toContain('K3 salg.csv');
    expect(saved.html.match(/value="remove:/g)).toHaveLength(1);
  });

  test('are not lost to a colleague who changed them meanwhile, nor to a session that ended', async () => {
    const { save, sheet, address } = await openTask();
    const seen = fieldValue(await visitor.text(sheet), 'seen');
    await save(cells(typed({ varetekst: 'Kollegas linje' })));
    const mine = cells(typed({ varetekst: 'Min linje' }));
    const refused = await save(mine, { seen });
    expect([refused.status, refused.text.includes('skiftet ud et andet sted'), cell(refused.html, 0, 'varetekst')]).toEqual([422, true, 'Min linje']);
    expect((await save(mine, { seen: fieldValue(refused.html, 'seen') })).location).toBe(`${address}?gemt=linjer`);

    const stranger = new Visitor(server.base);
    const many = cells(...Array.from({ length: 200 }, (_, at) => typed({ varetekst: `Vare nummer ${at}`, fakturanummer: `F-${at}` })));
    const asked = await stranger.post(sheet, { ...many, seen: '', intent: 'check' });
    expect(asked.status).toBe(401);
    const sealed = fieldValue(await asked.text(), 'interrupted');
    const resumed = await (await stranger.post('/log-ind', { email: 'leverandoer@demo.example', password: demoPassword, interrupted: sealed })).text();
    expect(resumed).toContain('Vare nummer 199');
  });

  test('can be none, too many or unreadable: each is said, and nothing is lost', async () => {
    const { save, sheet, address } = await openTask();
    const none = await save(cells({}, {}));
    expect([none.status, none.text.includes('Skriv mindst én linje')]).toEqual([400, true]);
    const more = await save(cells(typed({ varetekst: 'Bliver stående' })), { intent: 'add' });
    expect([more.status, cell(more.html, 0, 'varetekst'), (more.html.match(/data-row/g) ?? []).length]).toEqual([200, 'Bliver stående', 6]);

    const send = async (content: string): Promise<void> => {
      const page = await visitor.text(address);
      const form = new FormData();
      for (const name of ['form-key', 'round', 'version']) form.set(name, fieldValue(page, name));
      const old = /value="(remove:[^"]+)"/.exec(page)?.[1];
      form.set('intent', old ?? 'save');
      form.set('files', new Blob([content]), `${content.length}.csv`);
      await visitor.post(address, form);
    };
    await send(csvOf(...Array.from({ length: 201 }, (_, at) => ({ fakturanummer: `F-${at}` }))));
    expect(visibleText(await visitor.text(sheet))).toContain('flere end 200 linjer');
    expect(await visitor.text(address)).not.toContain(`href="${sheet}"`);
    await send('"aldrig lukket;\r\nx;y');
    expect(visibleText(await visitor.text(sheet))).toContain('kan ikke læses som linjer');
    expect((await save(cells(typed()))).location).toBe(`${address}?gemt=linjer`);
  });

  test('are nobody else’s to see or to change', async () => {
    const { sheet } = await openTask();
    const other = new Visitor(server.base);
    await other.logIn('anden@demo.example');
    expect([(await other.get(sheet)).status, (await other.post(sheet, { ...cells(typed()), seen: '', intent: 'check' })).status]).toEqual([404, 404]);
  });
});
