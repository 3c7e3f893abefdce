import ExcelJS from 'exceljs';
import { beforeAll, describe, expect, test } from 'vitest';
import { startServer, type TestServer } from '../support/server.ts';
import { Visitor, visibleText } from '../support/visitor.ts';

/** What staff are told while a list comes in and goes out again. */
let server: TestServer;
let staff: Visitor;
beforeAll(async () => {
  server = await startServer();
  staff = new Visitor(server.base);
  await staff.logIn('redaktoer@demo.example');
});

/** The address of a list's preview. */
async function upload(name: string, content: string | Buffer): Promise<string> {
  const form = new FormData();
  form.set('liste', new File([content as BlobPart], name));
  return (await staff.post('/forvaltning/aftaler/indlaes', form)).headers.get('location') ?? '';
}
const read = async (address: string): Promise<string> => visibleText(await staff.text(address));
const header = 'Aftalenr;Titel;Leverandør;CVR;Start;Slut';
const line = (number: string, cvr = '90000004'): string => `${number};Papir;Klarvand Engros A/S;${cvr};1-1-2026;31-12-2026`;

async function workbook(...sheets: [name: string, rows: readonly (readonly (string | null)[])[], merged?: string][]): Promise<Buffer> {
  const book = new ExcelJS.Workbook();
  for (const [name, rows, merged] of sheets) {
    const sheet = book.addWorksheet(name);
    for (const row of rows) sheet.addRow([...row]);
    if (merged) sheet.mergeCells(merged);
  }
  return Buffer.from(await book.xlsx.writeBuffer());
}
const columns = header.split(';');
const cellsOf = (number: string): string[] => line(number).split(';');

describe('the preview of a list', () => {
  test('says which sheet it read, and reads another one that is chosen', async () => {
    const address = await upload('bog.xlsx', await workbook(['I år', [columns, cellsOf('P-1')]], ['Sidste år', [columns, cellsOf('P-2'), cellsOf('P-3')]]));
    const html = await staff.text(address);
    expect(visibleText(html)).toContain('Arket »I år« er læst.');
    const other = /href="([^"]*ark=[^"]*)"/.exec(html)?.[1]?.replaceAll('&#38;', '&').replaceAll('&amp;', '&') ?? '';
    const text = await read(other);
    expect(text).toContain('Arket »Sidste år« er læst.');
    expect(text).toContain('2 aftaler kan hentes ind');
    expect((await staff.post(other, { note: '' })).headers.get('location')).toContain('hentet=2+0+0');
    expect(await read(await upload('en.xlsx', await workbook(['Eneste', [columns, cellsOf('P-4')]])))).not.toContain('Eneste');
  });

  test('opens the columns and says which ones were not found', async () => {
    const html = await staff.text(await upload('liste.csv', 'Aftalenr;Hvad;Hvem;CVR;Start;Slut\nP-11;Papir;Klarvand;90000004;1-1-2026;31-12-2026\n'));
    expect(html).toMatch(/<details[^>]* open/);
    expect(visibleText(html)).toContain('Vi fandt ingen kolonne til: Titel, Leverandør.');
    const whole = await staff.text(await upload('liste.csv', [header, line('P-12')].join('\n')));
    expect(whole).not.toMatch(/<details[^>]* open/);
  });

  test.each([
    ['nothing but a header', header],
    ['nothing that can be read', 'Noter\nHusk mælk\nHusk brød\n'],
  ])('of %s says what a list needs', async (_what, content) => {
    const text = await read(await upload('liste.csv', content));
    expect(text).toContain('Der er ingen aftaler at hente ind.');
    expect(text).toContain('overskrifter i én linje');
    expect(text).not.toContain('Ingen linjer har fejl');
  });

  test('names merged cells as what they are', async () => {
    const rows = [columns, cellsOf('P-21'), cellsOf('P-22').map((cell) => (cell === 'Papir' ? null : cell))];
    const text = await read(await upload('flettet.xlsx', await workbook(['Ark', rows, 'B2:B3'])));
    expect(text).toContain('flettede celler (B2:B3)');
  });

  test('keeps everything in the address for the other language', async () => {
    const address = await upload('bog.xlsx', await workbook(['Ark', [columns, cellsOf('P-31')]]));
    const twin =
      /<a href="([^"]*)" lang="en"/
        .exec(await staff.text(address))?.[1]
        ?.replaceAll('&#38;', '&')
        .replaceAll('&amp;', '&') ?? '';
    const response = await staff.get(twin);
    expect([response.status, visibleText(await response.text()).includes('1 agreement can be brought in')]).toEqual([200, true]);
  });

  test('asks for a reason before it takes CVR numbers that do not fit', async () => {
    const address = `${await upload('liste.csv', [header, line('P-41', '90000005')].join('\n'))}&acceptCvr=true`;
    const refused = await staff.post(address, { note: ' ' });
    const html = await refused.text();
    expect([refused.status, visibleText(html).includes('Skriv, hvordan I ved, at CVR-numrene er rigtige.')]).toEqual([400, true]);
    expect(html).toMatch(/id="note"[^>]*aria-invalid="true"/);
    expect((await staff.post(address, { note: 'Slået op i CVR.' })).status).toBe(303);
  });

  test('counts by itself what is withdrawn, and brings it back only when that is chosen', async () => {
    const content = [header, line('P-51')].join('\n');
    await staff.post(await upload('liste.csv', content), { note: '' });
    await staff.post('/forvaltning/aftaler/P-51', { intent: 'withdraw' });
    const address = await upload('liste.csv', content);
    expect(await read(address)).toContain('1 aftale er trukket tilbage og bliver ikke rørt: P-51.');
    const text = await read(`${address}&bringBack=true`);
    expect(text).toContain('1 aftale kan hentes ind: 0 nye, 0 ændret, 0 som før, 1 kommer tilbage på siden.');
    expect(text).toContain('Trukket tilbage, men kommer tilbage på siden: P-51.');
  });
});

test('after a list is undone, the agreements that were left alone are named', async () => {
  await staff.post(await upload('liste.csv', [header, line('P-61'), line('P-62')].join('\n')), { note: '' });
  await staff.post('/forvaltning/aftaler/P-62', { intent: 'withdraw' });
  const id = /name="undo" value="([^"]*)"/.exec(await staff.text('/forvaltning/aftaler'))?.[1] ?? '';
  const undone = await staff.post('/forvaltning/aftaler', { undo: id });
  expect(await read(undone.headers.get('location') ?? '')).toContain(
    '1 aftaler er, som de var før listen. 1 er ikke rørt (ændret siden, eller en ny leverandør har fået opgaver): P-62.',
  );
});
