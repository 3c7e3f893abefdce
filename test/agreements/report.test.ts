import { beforeAll, describe, expect, test } from 'vitest';
import { startServer, type TestServer } from '../support/server.ts';
import { Visitor, visibleText } from '../support/visitor.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startServer({ env: { WORKER: 'off' } });
});
const mails = () => server.database.owner.db.selectFrom('mail').selectAll().where('reason', 'like', 'report:%').execute();

describe('a reader who finds something wrong on an agreement’s page', () => {
  test('sends a word to the staff who keep it, once however often the form is sent, and is thanked', async () => {
    const visitor = new Visitor(server.base);
    const report = { message: 'Telefonnummeret er forkert.\nDet rigtige er et andet.', from: 'borger@post.example' };
    for (const _ of [1, 2]) {
      const response = await visitor.post('/aftaler/2024-031', report);
      expect([response.status, response.headers.get('location')]).toEqual([303, '/aftaler/2024-031?sendt=1#fejl-paa-siden']);
    }
    expect(visibleText(await visitor.text('/aftaler/2024-031?sendt=1'))).toContain('Tak. Vi har modtaget det');
    const [mail, ...more] = await mails();
    expect(more).toEqual([]);
    expect(mail?.to_address).toBe('oekonomiogdigitalisering@htk.dk');
    expect(mail?.body).toContain('Telefonnummeret er forkert.\nDet rigtige er et andet.\n\nborger@post.example\n\n2024-031 ');
  });

  test('is told what is wrong with the form, keeps what was typed, and is stopped after five in a quarter of an hour', async () => {
    const visitor = new Visitor(server.base);
    const empty = await visitor.post('/en/agreements/2024-031', { message: ' ', from: '' });
    expect([empty.status, visibleText(await empty.text()).includes('Write what is wrong.')]).toEqual([400, true]);
    const wrong = await visitor.post('/aftaler/2024-031', { message: 'Hej', from: 'ingen adresse' });
    const html = await wrong.text();
    expect([wrong.status, html.includes('Det er ikke en e-mailadresse.'), html.includes('>Hej</textarea>'), html.includes('value="ingen adresse"')]).toEqual([
      400,
      true,
      true,
      true,
    ]);
    const statuses: number[] = [];
    for (let turn = 0; turn < 6; turn += 1) statuses.push((await visitor.post('/aftaler/2023-014', { message: `Nummer ${turn}`, from: '' })).status);
    expect(statuses.at(0)).toBe(303);
    expect(statuses.at(-1)).toBe(429);
    expect((await mails()).length).toBeLessThanOrEqual(5);
    expect((await visitor.post('/aftaler/findes-ikke', { message: 'x' })).status).toBe(404);
  });

  test('cannot be made to send by another site', async () => {
    const response = await new Visitor(server.base).post('/aftaler/2024-031', { message: 'x' }, { origin: 'https://ondt.example' });
    expect(response.status).toBe(403);
  });
});
