import { beforeAll, describe, expect, test } from 'vitest';
import { writtenContent } from '../support/content.ts';
import { obligationOf } from '../support/obligations.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { fieldValue, rawRequest, Visitor, visibleText } from '../support/visitor.ts';

let server: TestServer;
let supplier: Visitor;
let task: string;
beforeAll(async () => {
  server = await startServer({ env: { MAX_FILE_MB: '1' } });
  supplier = new Visitor(server.base);
  await supplier.logIn('leverandoer@demo.example');
  const open = await obligationOf(server.database, '90000004', 'open', 'miljoemaerke-andel');
  task = `/leverandoer/opgaver/${open.id}`;
});

/** The task's form as the page serves it, filled in. */
async function form(fields: Record<string, string>, files: readonly [name: string, content: BlobPart][] = [], page = task): Promise<FormData> {
  const html = await supplier.text(page);
  const data = new FormData();
  data.set('form-key', fieldValue(html, 'form-key'));
  data.set('version', fieldValue(html, 'version'));
  data.set('round', fieldValue(html, 'round'));
  for (const [name, value] of Object.entries(fields)) data.set(name, value);
  for (const [name, content] of files) data.append('files', new Blob([content]), name);
  return data;
}

const answers = { 'answer-turnoverTotal': '100', 'answer-turnoverEcolabel': '85', 'answer-sharePct': '85' };

describe('logging in', () => {
  test('a wrong password and an unknown address are answered alike', async () => {
    const visitor = new Visitor(server.base);
    const wrong = await visitor.logIn('leverandoer@demo.example', 'forkert');
    const unknown = await visitor.logIn('ukendt@demo.example', 'forkert');
    expect([wrong.status, unknown.status]).toEqual([422, 422]);
    const [a, b] = [await wrong.text(), await unknown.text()];
    expect(a.replaceAll('leverandoer@demo.example', '')).toBe(b.replaceAll('ukendt@demo.example', '').replaceAll('leverandoer@demo.example', ''));
    expect(visibleText(a)).toContain('E-mail eller adgangskode er forkert');
    expect(fieldValue(a, 'email')).toBe('leverandoer@demo.example');
    expect(visitor.cookies.size).toBe(0);
  });

  test('in English it is said in English', async () => {
    const response = await new Visitor(server.base).post('/en/log-in', { email: 'x@demo.example', password: 'y' });
    expect(visibleText(await response.text())).toContain('E-mail or password is wrong');
  });

  test('empty fields are 400', async () => {
    expect((await new Visitor(server.base).post('/log-ind', { email: '', password: '' })).status).toBe(400);
  });

  test('the session cookie is HttpOnly, SameSite and gone after logging out, and the old token opens nothing', async () => {
    const visitor = new Visitor(server.base);
    const response = await visitor.logIn('kollega@demo.example');
    expect(response.headers.get('location')).toBe('/leverandoer');
    expect(response.headers.getSetCookie()[0]).toMatch(/^session=[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax$/);
    const token = visitor.cookies.get('session') ?? '';
    await visitor.post('/log-ud', {});
    expect(visitor.cookies.size).toBe(0);
    visitor.setCookie('session', token);
    expect((await visitor.get('/leverandoer')).status).toBe(303);
  });

  test('a password that others know of is not enough for a page of the other kind', async () => {
    const response = await supplier.get('/forvaltning');
    expect(response.status).toBe(403);
    expect(visibleText(await response.text())).toContain('Du har ikke adgang');
  });

  test.each(['//evil.example', 'https://evil.example', '/\\evil.example', '/aftaler', '/leverandoer\n//x', '/leverandoer/../../x'])('next=%s leads nowhere else', async (next) => {
    const response = await new Visitor(server.base).post('/log-ind', { email: 'leverandoer@demo.example', password: 'prøve-adgang-2026', next });
    expect(response.headers.get('location')).toMatch(/^\/leverandoer/);
  });
});

describe('files', () => {
  test.each([
    ['an empty file', 'tom.csv', '', 'Filen er tom'],
    ['a file over the limit', 'stor.csv', 'x'.repeat(1_000_001), 'Filen er for stor'],
    ['a wrong type', 'virus.exe', 'MZ', 'Filtypen kan ikke bruges'],
    ['an ending that the content does not fit', 'regneark.xlsx', 'bare tekst', 'passer ikke til dens navn'],
  ])('%s is refused in words, and what was typed stays', async (_what, name, content, words) => {
    const response = await supplier.post(task, await form({ ...answers, 'answer-turnoverTotal': '12345', intent: 'file' }, [[name, content]]));
    const html = await response.text();
    expect(response.status).toBe(400);
    expect(visibleText(html)).toContain(words);
    expect(visibleText(html)).toContain(name);
    expect(html.includes('<title>Fejl: ')).toBe(true);
    expect(fieldValue(html, 'answer-turnoverTotal')).toBe('12345');
  });

  test.each([
    ['../../../etc/passwd.csv', 'passwd.csv'],
    ['C:\\Users\\x\\tal.csv', 'tal.csv'],
    ['"citat" & <b>.csv', '"citat" & <b>.csv'],
    ['æøå ÆØÅ.csv', 'æøå ÆØÅ.csv'],
    [`${'lang'.repeat(75)}.csv`, '….csv'],
  ])('the name %s is kept harmless', async (name, shown) => {
    const response = await supplier.post(task, await form({ ...answers, intent: 'save' }, [[name, `a;b\n${name}`]]));
    expect(response.status).toBe(303);
    const html = await supplier.text(task);
    const text = visibleText(html).replaceAll('&lt;', '<').replaceAll('&gt;', '>');
    if (shown === '….csv') expect(text).toMatch(/lang…(lang|ang|ng|g)+\.csv/);
    else expect(text).toContain(shown);
    expect(/>[^<]*<b>\.csv/.test(html)).toBe(false);
  });

  test('what has been attached can be removed, and the rest stays', async () => {
    const id = /value="remove:([0-9a-f-]{36})"/.exec(await supplier.text(task))?.[1];
    const before = (await supplier.text(task)).match(/value="remove:/g)?.length ?? 0;
    const response = await supplier.post(task, await form({ ...answers, intent: `remove:${id}` }));
    expect(response.headers.get('location')).toContain('gemt=fil');
    expect((await supplier.text(task)).match(/value="remove:/g)?.length ?? 0).toBe(before - 1);
  });

  test('a body over all limits is 413 before it is read', async () => {
    const { status } = await rawRequest(server.base, {
      method: 'POST',
      path: task,
      headers: { 'content-length': String(50_000_000), 'content-type': 'multipart/form-data; boundary=x' },
    });
    expect(status).toBe(413);
  });

  test('a form that is cut off saves nothing and says so', async () => {
    const cookie = `session=${supplier.cookies.get('session')}`;
    const body = '--x\r\ncontent-disposition: form-data; name="intent"\r\n\r\nfile\r\n--x\r\ncontent-disposition: form-data; name="files"; filename="a.csv"\r\n\r\nhalv';
    const { status, text } = await rawRequest(
      server.base,
      { method: 'POST', path: task, headers: { cookie, origin: server.base, 'content-type': 'multipart/form-data; boundary=x' } },
      body,
    );
    expect(status).toBe(400);
    expect(visibleText(text)).toContain('Forbindelsen blev afbrudt');
  });
});

describe('forms', () => {
  test('every missing answer is named on top and at its field, with 400', async () => {
    const response = await supplier.post(task, await form({ intent: 'file', 'answer-turnoverTotal': '', 'answer-turnoverEcolabel': 'mange', 'answer-sharePct': '120' }));
    const html = await response.text();
    expect(response.status).toBe(400);
    const links = [...html.matchAll(/<a href="#(answer-\w+)">/g)].map((found) => found[1]);
    expect(links).toEqual(['answer-turnoverTotal', 'answer-turnoverEcolabel', 'answer-sharePct']);
    for (const id of links) expect(html.includes(`id="${id}"`)).toBe(true);
    expect(fieldValue(html, 'answer-turnoverEcolabel')).toBe('mange');
  });

  test('two tabs: the older one is told, keeps its text, and may save again', async () => {
    const older = await form({ ...answers, 'answer-turnoverTotal': '1', intent: 'save' });
    const newer = await form({ ...answers, 'answer-turnoverTotal': '2', intent: 'save' });
    expect((await supplier.post(task, newer)).status).toBe(303);
    const response = await supplier.post(task, older);
    const html = await response.text();
    expect(response.status).toBe(422);
    expect(visibleText(html)).toContain('Kladden er ændret et andet sted');
    expect(fieldValue(html, 'answer-turnoverTotal')).toBe('1');
    older.set('version', fieldValue(html, 'version'));
    expect((await supplier.post(task, older)).status).toBe(303);
  });

  test('a double click is one filing; a form from before it is refused and keeps its text', async () => {
    const open = await obligationOf(server.database, '90000004', 'returned');
    const page = `/leverandoer/opgaver/${open.id}`;
    const type = writtenContent().types.get(open.type);
    const { fullAnswers } = await import('../support/obligations.ts');
    const typed = Object.fromEntries(Object.entries(type ? fullAnswers(type) : {}).map(([key, value]) => [`answer-${key}`, value]));
    const clicked = await form({ ...typed, intent: 'file' }, type?.evidence.includes('csv') ? [['tal.csv', 'a;b']] : [['tal.pdf', '%PDF-1.4']], page);
    const other = await form({ ...typed, intent: 'file' }, [], page);
    const answersBack = await Promise.all([supplier.post(page, clicked), supplier.post(page, clicked)]);
    expect(answersBack.map((response) => response.status)).toEqual([303, 303]);
    expect(new Set(answersBack.map((response) => response.headers.get('location'))).size).toBe(1);
    const late = await supplier.post(page, other);
    expect(late.status).toBe(422);
    expect(visibleText(await late.text())).toContain('allerede indsendt');
  });

  test('a session that ends while a form is filled loses nothing that was typed', async () => {
    const visitor = new Visitor(server.base);
    await visitor.logIn('kollega@demo.example');
    const data = await form({ ...answers, 'answer-turnoverTotal': '777', intent: 'file' });
    await server.database.owner.db.deleteFrom('session').where('id', 'is not', null).execute();
    const asked = await visitor.post(task, data);
    const html = await asked.text();
    expect(asked.status).toBe(401);
    expect(visibleText(html)).toContain('ikke gået tabt');
    expect(html.includes('777')).toBe(false);
    const back = await visitor.post('/log-ind', { email: 'kollega@demo.example', password: 'prøve-adgang-2026', interrupted: fieldValue(html, 'interrupted') });
    const resumed = await back.text();
    expect(back.status).toBe(200);
    const fields = Object.fromEntries([...resumed.matchAll(/<textarea hidden name="([^"]+)">([^<]*)<\/textarea>/g)].map((found) => [found[1] ?? '', found[2] ?? '']));
    expect(fields).toMatchObject({ 'answer-turnoverTotal': '777' });
    expect(fields['intent']).toBeUndefined();
    const saved = await visitor.post(task, { ...fields, intent: 'resume' });
    expect([saved.status, saved.headers.get('location')]).toEqual([303, expect.stringContaining('gemt=kladde')]);
    expect(fieldValue(await visitor.text(task), 'answer-turnoverTotal')).toBe('777');
    await supplier.logIn('leverandoer@demo.example');
  });

  test('a long answer is kept whole in the draft and refused when filed; one beyond all measure is refused at once', async () => {
    const long = `${'a'.repeat(9_999)}😀${'b'.repeat(2_000)}`;
    expect((await supplier.post(task, await form({ ...answers, 'answer-turnoverTotal': long, intent: 'save' }))).status).toBe(303);
    expect(fieldValue(await supplier.text(task), 'answer-turnoverTotal')).toBe(long);
    const half = await supplier.post(task, await form({ ...answers, 'answer-turnoverTotal': 'x\ud83d', intent: 'save' }));
    expect(half.status).toBe(303);
    const endless = await supplier.post(task, await form({ ...answers, 'answer-turnoverTotal': 'c'.repeat(70_000), intent: 'save' }));
    expect([endless.status, visibleText(await endless.text()).includes('for lang')]).toEqual([400, true]);
  });

  test.each(['remove:zzz', `remove:${'-'.repeat(36)}`, 'something'])('the button %s does no harm', async (intent) => {
    const data = await form({ ...answers, intent });
    data.set('form-key', '-'.repeat(36));
    expect((await supplier.post(task, data)).status).toBe(303);
  });

  test('a parcel that was not sealed here is not opened', async () => {
    const visitor = new Visitor(server.base);
    const back = await visitor.post('/log-ind', { email: 'kollega@demo.example', password: 'prøve-adgang-2026', interrupted: 'A'.repeat(120) });
    expect(back.status).toBe(303);
  });
});

describe('a task that was returned', () => {
  test('takes a file from the last submission again without a new upload', async () => {
    const { db } = server.database.owner;
    const returned = await db
      .selectFrom('obligation as o')
      .innerJoin('document as f', 'f.obligation_id', 'o.id')
      .innerJoin('supplier as s', 's.id', 'o.supplier_id')
      .select(['o.id', 'f.id as file', 'f.name'])
      .where('o.state', '=', 'returned')
      .where('s.cvr', '=', '90000004')
      .executeTakeFirstOrThrow();
    const page = `/leverandoer/opgaver/${returned.id}`;
    expect((await supplier.post(page, await form({ intent: 'save', [`reuse-${returned.file}`]: 'true' }, [], page))).status).toBe(303);
    const drafted = await db.selectFrom('document').select('name').where('obligation_id', '=', returned.id).where('submission_id', 'is', null).execute();
    expect(drafted).toEqual([{ name: returned.name }]);
  });
});
