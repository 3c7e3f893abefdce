import { sql } from 'kysely';
import { beforeAll, describe, expect, test } from 'vitest';
import { catalogueOf } from '../../src/content/catalogue.ts';
import { asAccount } from '../../src/platform/db.ts';
import { tenderContentSchema } from '../../src/tenders/content.ts';
import { tenderList } from '../../src/tenders/list/list.ts';
import { readTenderQuery } from '../../src/tenders/list/query.ts';
import { publishTender } from '../../src/tenders/publish.ts';
import { tenderById } from '../../src/tenders/queries.ts';
import { readTypedTender, typedFromTender } from '../../src/tenders/staff/form.ts';
import { dropTenderDraft, publishTenderDraft, saveTenderDraft, tenderBenchOf } from '../../src/tenders/staff/keep.ts';
import { writtenContent } from '../support/content.ts';
import { actorOf, testApp } from '../support/database.ts';
import { testNow } from '../support/known.ts';

let app: Awaited<ReturnType<typeof testApp>>;
const catalogue = catalogueOf(writtenContent());
beforeAll(async () => {
  app = await testApp();
});
const publication = { catalogue, now: testNow, by: null };
const typed = {
  titleDa: 'Maling af skoler',
  titleEn: 'Painting of schools',
  kindOfContract: 'works',
  procedure: 'below-threshold',
  cpv: '45442100',
  value: '1.200.000,50',
  deadline: '15-01-2027',
  deadlineTime: '12.00',
  questions: '05-01-2027',
  months: '12',
  lots: '1; Nord\n2; Syd',
  criteria: 'pris; ; 60 %\nkvalitet; Miljø; 40 %',
  nuts: 'DK012',
};
const officer = () => actorOf(app, 'redaktoer@demo.example');

describe('the form of a tender', () => {
  test('is read into its content, and what is read fills the same form again', () => {
    const { content, faults } = readTypedTender(typed, null);
    expect(faults).toEqual([]);
    expect(content).toMatchObject({
      id: 'maling-af-skoler',
      deadlineAt: '2027-01-15T11:00:00.000Z',
      questionsUntil: '2027-01-05T22:59:00.000Z',
      value: { amount: '1200000.50', currency: 'DKK' },
      lots: [{ number: '1' }, { number: '2' }],
      criteria: [
        { type: 'price', weight: '60 %' },
        { type: 'quality', weight: '40 %' },
      ],
    });
    if (content) expect(readTypedTender(typedFromTender(content), content).content).toEqual(content);
  });

  test('every tender of the demonstration fills the form and comes out as it was', async () => {
    const { rows } = await sql<{ content: unknown }>`select content from tender`.execute(app.db);
    expect(rows.length).toBeGreaterThan(6);
    for (const row of rows) {
      const content = tenderContentSchema.parse(row.content);
      const { content: read, faults } = readTypedTender(typedFromTender(content), content);
      expect(faults).toEqual([]);
      expect(read).toEqual(content);
    }
  });

  test.each([
    [{ titleDa: '' }, 'titleDa', 'required'],
    [{ deadline: '31-02-2027' }, 'deadline', 'date-wrong'],
    [{ deadlineTime: '25.00' }, 'deadline', 'time-wrong'],
    [{ deadline: '', expectedQuarter: '' }, 'deadline', 'no-date'],
    [{ expectedQuarter: 'næste år' }, 'expectedQuarter', 'quarter-wrong'],
    [{ questions: '20-01-2027' }, 'questions', 'question-after-deadline'],
    [{ value: '1.234' }, 'value', 'amount-unsure'],
    [{ cpv: '123' }, 'cpv', 'cpv-wrong'],
    [{ submitUrl: 'udbud.dk' }, 'submitUrl', 'url-wrong'],
    [{ kindOfContract: 'andet' }, 'kindOfContract', 'choose'],
    [{ lots: 'Nord' }, 'lots', 'lot-line'],
    [{ criteria: 'smag; 10 %' }, 'criteria', 'criterion-line'],
    [{ id: 'Æbler!' }, 'id', 'id-wrong'],
    [{ id: 'plan' }, 'id', 'id-wrong'],
  ])('names what is wrong: %j', (change, field, code) => {
    const { content, faults } = readTypedTender({ ...typed, ...change }, null);
    expect(content).toBeNull();
    expect(faults).toContainEqual({ field, code });
  });

  test.each([
    ['K2 2027', '2027-Q2'],
    ['q3-2028', '2028-Q3'],
    ['2027K1', '2027-Q1'],
    ['2027-Q4', '2027-Q4'],
  ])('understands a quarter as people write it: %s', (written, quarter) => {
    expect(readTypedTender({ ...typed, deadline: '', deadlineTime: '', questions: '', expectedQuarter: written }, null).content?.expectedQuarter).toBe(quarter);
  });
});

describe('a tender, written by staff', () => {
  test('is a draft that nobody else sees, then public with a version; two cannot overwrite each other', async () => {
    const { content } = readTypedTender(typed, null);
    if (!content) throw new Error('not read');
    await saveTenderDraft(app.db, await officer(), content, 0, true, testNow);
    expect(await tenderById(app.db, content.id)).toBeNull();
    await expect(saveTenderDraft(app.db, await officer(), content, 0, true, testNow)).rejects.toMatchObject({ code: 'id-taken' });
    await expect(saveTenderDraft(app.db, await officer(), content, 0, false, testNow)).rejects.toMatchObject({ code: 'draft-changed' });
    await expect(publishTenderDraft(app.db, await officer(), content.id, 7, publication)).rejects.toMatchObject({ code: 'draft-changed' });
    await publishTenderDraft(app.db, await officer(), content.id, 1, publication);
    expect((await tenderById(app.db, content.id))?.versions.map(({ reason }) => reason)).toEqual(['opened']);
    expect((await tenderBenchOf(app.db, await officer(), content.id))?.draft).toBeNull();

    await saveTenderDraft(app.db, await officer(), { ...content, months: 24 }, 0, false, testNow);
    expect((await tenderBenchOf(app.db, await officer(), content.id))?.changes.map(({ label }) => label.da)).toEqual(['Periode']);
    await dropTenderDraft(app.db, await officer(), content.id);
    expect((await tenderById(app.db, content.id))?.content.months).toBe(12);
  });

  test('is not for suppliers or auditors, whatever the application believes', async () => {
    const { content } = readTypedTender({ ...typed, titleDa: 'Ikke dig' }, null);
    if (!content) throw new Error('not read');
    for (const email of ['leverandoer@demo.example', 'revision@demo.example']) {
      const actor = await actorOf(app, email);
      await expect(saveTenderDraft(app.db, actor, content, 0, true, testNow)).rejects.toMatchObject({ code: 'not-allowed' });
      await expect(saveTenderDraft(app.db, { ...actor, roles: ['publisher'] }, content, 0, true, testNow)).rejects.toThrow(/row-level security/);
      const seen = await asAccount(app.db, actor.accountId, (tx) =>
        sql<{ n: number }>`select (select count(*)::int from notice) + (select count(*)::int from tender_draft) as n`.execute(tx),
      );
      expect(seen.rows[0]?.n).toBe(0);
    }
  });
});

describe('the list of tenders', () => {
  const bands = { threshold: 1_611_360_00, worksThreshold: 40_313_840_00 };
  const ask = (address: string) => tenderList(app.db, readTenderQuery(new URLSearchParams(address)).query, bands, testNow);

  test('puts open ones first by deadline, then planned, closed and awarded ones', async () => {
    const { rows } = await ask('');
    const order = ['open', 'planned', 'closed', 'awarded', 'cancelled'];
    expect(rows.map(({ phase }) => order.indexOf(phase))).toEqual(rows.map(({ phase }) => order.indexOf(phase)).sort());
    const open = rows.filter(({ phase }) => phase === 'open').map(({ closes_at }) => closes_at?.getTime() ?? 0);
    expect(open).toEqual([...open].sort((a, b) => a - b));
    expect(rows.find(({ id }) => id === 'frugt-og-groent-til-dagtilbud-2026')?.outcome).toMatchObject({ winners: ['Gulerod og Grød Fødevarer A/S'], tenders: 5 });
  });

  test.each(['gulvvask', 'rengøring', 'rengoering', 'RENGØRING', 'skolerne'])('finds by everyday words, spelt in any way: %s', async (question) => {
    const { rows } = await ask(`q=${question}`);
    expect(rows.map(({ id }) => id)).toContain('rengoering-af-skoler-2027');
  });

  test('every count is what choosing it finds, together with any other filter', async () => {
    for (const other of ['', 'kind=services', 'phase=open&mark=green', 'q=rengøring']) {
      const { counts } = await ask(other);
      for (const [facet, values] of Object.entries(counts))
        for (const [value, n] of Object.entries(values)) {
          const params = new URLSearchParams(other);
          params.delete(facet);
          params.set(facet, value);
          expect([other, facet, value, (await ask(String(params))).total]).toEqual([other, facet, value, n]);
        }
    }
  });

  test('pages follow each other without gap or repetition, also over equal places', async () => {
    await app.database.owner.db.transaction().execute(async (tx) => {
      for (let n = 0; n < 12; n += 1)
        await publishTender(
          tx,
          tenderContentSchema.parse({
            id: `ens-${n}`,
            title: { da: `Ens ${n}` },
            kindOfContract: 'supplies',
            procedure: 'open',
            cpvMain: '15000000',
            deadlineAt: '2027-03-01T11:00:00Z',
          }),
          publication,
        );
    });
    const all = (await ask('limit=1000')).rows.map(({ id }) => id);
    const seen: string[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const page = await ask(`limit=5${cursor && `&cursor=${cursor}`}`);
      seen.push(...page.rows.map(({ id }) => id));
      cursor = page.next;
    }
    expect(seen).toEqual(all);
  });

  test.each(['cursor=abc', 'phase=soon', 'place=%3B', 'limit=0', 'mark=blue'])('says which part of the address it could not use: %s', (address) => {
    expect(readTenderQuery(new URLSearchParams(address)).wrong).toEqual([address.split('=')[0]]);
  });
});
