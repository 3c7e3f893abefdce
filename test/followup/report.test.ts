import { beforeAll, describe, expect, test } from 'vitest';
import { switchOn } from '../../src/followup/plan/plan.ts';
import { reportable, reportEvent } from '../../src/followup/report/report.ts';
import { addDays } from '../../src/platform/clock.ts';
import { actorOf, testApp } from '../support/database.ts';
import { testNow, testToday } from '../support/known.ts';
import { startServer } from '../support/server.ts';
import { Visitor, visibleText } from '../support/visitor.ts';

let app: Awaited<ReturnType<typeof testApp>>;
let visitor: Visitor;
let agreement: { id: string; supplierId: string; number: string };
const event = { requirementId: 'brud-paa-data', type: 'persondatabrud' };
const owner = () => app.database.owner.db;
const page = '/leverandoer/haendelse';

beforeAll(async () => {
  app = await testApp();
  agreement = await owner()
    .selectFrom('agreement as a')
    .innerJoin('agreement_supplier as l', 'l.agreement_id', 'a.id')
    .innerJoin('supplier as s', 's.id', 'l.supplier_id')
    .select(['a.id', 'a.number', 's.id as supplierId'])
    .where('s.cvr', '=', '90000004')
    .where('a.ends_on', '>', testToday)
    .where('a.starts_on', '<', addDays(testToday, -30))
    .orderBy('a.number')
    .executeTakeFirstOrThrow();
  await owner().insertInto('agreement_requirement').values({ agreement_id: agreement.id, requirement_id: event.requirementId }).execute();
  const server = await startServer({ database: app.database });
  visitor = new Visitor(server.base);
  await visitor.logIn('leverandoer@demo.example');
}, 60_000);

const tasks = () => owner().selectFrom('obligation').selectAll().where('requirement_id', '=', event.requirementId).execute();

describe('a supplier that must say something by itself', () => {
  test('is told that there is nothing to say as long as follow-up of it is not switched on', async () => {
    expect(visibleText(await visitor.text(page))).toContain('Der er ikke noget, du skal fortælle om af dig selv');
    expect(await visitor.text('/leverandoer')).not.toContain(page);
  });

  test('says what has happened and when, and stands at the task that follows', async () => {
    await switchOn(app.db, app.types, await actorOf(app, 'sagsbehandler@demo.example'), agreement.id, [event], testNow, testToday);
    expect(await visitor.text('/leverandoer')).toContain(page);
    const html = await visitor.text(page);
    expect(visibleText(html)).toContain(`Brud på persondatasikkerheden · ${agreement.number}`);
    const what = [agreement.id, agreement.supplierId, event.requirementId, event.type].join(':');
    expect(html).toContain(what);
    const sent = await visitor.post(page, { what, day: addDays(testToday, -1) });
    expect(sent.status).toBe(303);
    const [task, ...others] = await tasks();
    expect(others).toEqual([]);
    expect(task).toMatchObject({ state: 'open', supplier_id: agreement.supplierId, opens_on: testToday, due_on: testToday, shown_publicly: false });
    const place = sent.headers.get('location') ?? '';
    expect(place).toBe(`/leverandoer/opgaver/${task?.id}`);
    expect(visibleText(await visitor.text(place))).toContain('Giv besked om et brud på persondatasikkerheden');
    // The same day again is the same task.
    expect((await visitor.post(page, { what, day: addDays(testToday, -1) })).headers.get('location')).toBe(place);
    expect(await tasks()).toHaveLength(1);
    const log = await owner()
      .selectFrom('audit_entry')
      .select('event')
      .where('subject', '=', task?.id ?? '')
      .execute();
    expect(log.map(({ event: name }) => name)).toContain('obligation.reported');
  });

  test('is told what is missing or cannot be, and loses nothing of what was chosen', async () => {
    const what = [agreement.id, agreement.supplierId, event.requirementId, event.type].join(':');
    for (const [form, words] of [
      [{ what: '', day: testToday }, 'Vælg, hvad det drejer sig om.'],
      [{ what, day: 'i går' }, 'Skriv en dato'],
      [{ what, day: addDays(testToday, 1) }, 'må ikke være i fremtiden'],
      [{ what: what.replace(event.type, 'salgsstatistik'), day: testToday }, 'bliver der ikke længere bedt om'],
      [{ what: what.replace(agreement.id, 'x'), day: testToday }, 'bliver der ikke længere bedt om'],
    ] as const) {
      const answer = await visitor.post(page, form);
      expect([form, answer.status]).toEqual([form, 400]);
      const html = await answer.text();
      expect(visibleText(html)).toContain(words);
      if (form.what === what) expect(html).toMatch(new RegExp(`value="${what}" selected`));
    }
    expect(await tasks()).toHaveLength(1);
  });

  test('says it for itself alone, and of what is switched on: the database refuses others, too', async () => {
    const stranger = await actorOf(app, 'anden@demo.example');
    expect((await reportable(app.db, app.types, stranger, testToday)).map(({ type }) => type)).not.toContain(event.type);
    const asked = { ...event, agreementId: agreement.id, supplierId: agreement.supplierId, day: testToday };
    await expect(reportEvent(app.db, app.types, stranger, asked, testToday)).rejects.toMatchObject({ code: 'not-found' });
    const pretending = { ...stranger, suppliers: (await actorOf(app, 'leverandoer@demo.example')).suppliers };
    await expect(reportEvent(app.db, app.types, pretending, asked, testToday)).rejects.toMatchObject({ code: 'not-found' });
    const supplier = await actorOf(app, 'leverandoer@demo.example');
    await expect(reportEvent(app.db, app.types, supplier, { ...asked, requirementId: 'et-andet' }, testToday)).rejects.toMatchObject({ code: 'not-found' });
  });
});
