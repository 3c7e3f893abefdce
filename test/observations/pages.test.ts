import { beforeAll, describe, expect, test } from 'vitest';
import { csvOf } from '../returns/support.ts';
import { salesTask, whenRead } from '../support/obligations.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { fieldValue, Visitor, visibleText } from '../support/visitor.ts';

let server: TestServer;
const visitors = new Map<string, Visitor>();
let task: { id: string; agreement: string };
let receipt = '';

async function as(email: string): Promise<Visitor> {
  const visitor = visitors.get(email) ?? new Visitor(server.base);
  if (!visitors.has(email) && email !== '') await visitor.logIn(email);
  visitors.set(email, visitor);
  return visitor;
}
const text = async (email: string, path: string): Promise<string> => visibleText(await (await as(email)).text(path));

/** A quarter's sales of 150 lines, every tenth outside the agreement: filed and accepted as people do. */
beforeAll(async () => {
  server = await startServer();
  task = await salesTask(server.database);
  const { db } = server.database.owner;
  await db.updateTable('obligation').set({ requirement_id: 'miljoemaerkede-varer', period: '2026-Q3' }).where('id', '=', task.id).execute();
  const supplier = await as('leverandoer@demo.example');
  const address = `/leverandoer/opgaver/${task.id}`;
  const post = async (intent: string, file?: string): Promise<string> => {
    const before = await whenRead(supplier, address);
    const form = new FormData();
    for (const name of ['form-key', 'round', 'version', 'lines']) form.set(name, fieldValue(before, name));
    form.set('intent', intent);
    if (file) form.set('files', new Blob([file]), 'salg.csv');
    return (await supplier.post(address, form)).headers.get('location') ?? '';
  };
  const lines = Array.from({ length: 150 }, (_, place) => ({ aftalenummer: task.agreement, fakturanummer: `F-${place}`, paa_aftale: place % 10 === 0 ? 'nej' : 'ja' }));
  await post('file', csvOf(...lines));
  receipt = await post('file');
  const officer = await as('sagsbehandler@demo.example');
  const page = `/forvaltning/sager/${task.id}`;
  await officer.post(page, { submission: fieldValue(await officer.text(page), 'submission'), decision: 'accepted', reason: '', newDueOn: '' });
});

describe('figures on pages', () => {
  test('an accepted return shows on the case and to its supplier, each figure with the way to the lines behind it', async () => {
    expect(receipt).toMatch(/^\/leverandoer\/kvitteringer\//);
    const caseText = await text('sagsbehandler@demo.example', `/forvaltning/sager/${task.id}`);
    expect(caseText).toMatch(/Tal fra den godkendte indsendelse.*Køb ifølge salgsstatistikken +141\.000 kr\./s);
    const origin = await text('sagsbehandler@demo.example', `/forvaltning/sager/${task.id}/tal/off-contract-turnover`);
    expect(origin).toContain('Køb uden for aftalen: 14.100 kr.');
    expect(origin).toContain('Tallet er summen af beløbene på de linjer, der er købt uden for aftalen.');
    expect(origin).toContain('15 linjer');
    expect(origin).toMatch(/ 2 940,00 Nej .* 12 940,00 Nej/s);
    expect(origin).not.toContain('Næste linjer');
    const own = await text('leverandoer@demo.example', `${receipt}/tal/turnover`);
    expect(own).toContain('Linje 1 til 100 af 150.');
    expect(own).toContain('Næste linjer');
    const next = await text('leverandoer@demo.example', `${receipt}/tal/turnover?efter=101`);
    expect(next).toContain('Linje 101 til 150 af 150.');
    expect(next).toMatch(/ 151 940,00/);
    expect(await text('leverandoer@demo.example', `/en${receipt.replace('leverandoer/kvitteringer', 'supplier/receipts')}/figures/turnover`)).toContain(
      'Where does the figure come from?',
    );
  });

  test('nobody else comes to where figures come from, nor to the totals', async () => {
    const paths = [`/forvaltning/sager/${task.id}/tal/turnover`, `${receipt}/tal/turnover`, '/forvaltning/tal', '/forvaltning/tal/aftaler.csv'];
    const statuses = async (email: string) => Promise.all(paths.map(async (path) => (await (await as(email)).get(path)).status));
    expect(await statuses('sagsbehandler@demo.example')).toEqual([200, 403, 200, 200]);
    expect((await statuses('anden@demo.example')).slice(0, 2).every((status) => status === 403 || status === 404)).toBe(true);
    expect((await statuses('anden@demo.example')).slice(2).every((status) => status === 404 || status === 403)).toBe(true);
    expect((await statuses('budget@demo.example')).every((status) => status >= 400)).toBe(true);
    expect((await statuses('')).every((status) => status === 303 || status >= 400)).toBe(true);
    expect((await (await as('sagsbehandler@demo.example')).get(`/forvaltning/sager/${task.id}/tal/findes-ikke`)).status).toBe(404);
  });

  test('the agreement’s page shows what its types show per agreement, and never what they show in sums alone', async () => {
    const { db } = server.database.owner;
    const { rows } = {
      rows: await db
        .selectFrom('observation as o')
        .innerJoin('agreement as a', 'a.id', 'o.agreement_id')
        .select('a.number')
        .where('o.openness', '=', 'agreement')
        .distinct()
        .execute(),
    };
    const page = await text('', `/aftaler/${rows[0]?.number}`);
    expect(page).toMatch(/Resultater Opgjort af kommunen ud fra leverandørernes indberetninger\. Den seneste er godkendt \d/);
    const ofSales = await (await as('')).text(`/aftaler/${task.agreement}`);
    expect(ofSales).not.toMatch(/Køb ifølge salgsstatistikken|141\.000/);
    expect(await text('', '/krav/miljoemaerkede-varer')).toMatch(/Resultater.*tal er udeladt, fordi der er færre end tre leverandører bag/s);
    const without = await db
      .selectFrom('agreement as a')
      .select('a.number')
      .where('a.withdrawn_at', 'is', null)
      .where('a.id', 'not in', db.selectFrom('observation').select('agreement_id'))
      .executeTakeFirstOrThrow();
    expect(await text('', `/aftaler/${without.number}`)).not.toContain('Resultater');
  });

  test('the totals are those of all agreements, by agreement, and as a list', async () => {
    expect(await text('sagsbehandler@demo.example', '/forvaltning/tal')).toMatch(/Tal fra opfølgningen.*Køb ifølge salgsstatistikken.*141\.000 kr\..*1 indberetning/s);
    expect(await text('sagsbehandler@demo.example', '/forvaltning/tal?tal=off-contract-share&aar=2026')).toMatch(
      new RegExp(`10 % I alt, 1 indberetning.*${task.agreement}.*10 %`, 's'),
    );
    expect(await text('sagsbehandler@demo.example', '/forvaltning/tal?tal=turnover&aar=1999')).toContain('Ingen aftaler har dette tal i det år.');
    const list = await (await as('sagsbehandler@demo.example')).text('/forvaltning/tal/aftaler.csv');
    expect(list.split('\r\n')[0]).toBe('aftalenummer;aftale;tal;betegnelse;aar;vaerdi;enhed;indberetninger');
    expect(list).toMatch(new RegExp(`${task.agreement};[^;]+;turnover;Køb ifølge salgsstatistikken;2026;141000;DKK;1\r\n`));
    expect((await (await as('sagsbehandler@demo.example')).get('/forvaltning/tal?tal=survey-points&aar=2026')).status).toBe(404);
  });

  test('before anything is accepted the totals say so', async () => {
    const { db } = server.database.owner;
    await db.deleteFrom('observation_rollup').execute();
    expect(await text('sagsbehandler@demo.example', '/forvaltning/tal')).toContain('Der er ingen tal endnu.');
  });
});
