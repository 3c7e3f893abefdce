import { sql } from 'kysely';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type AgreementContent, agreementContentSchema } from '../../src/agreements/content.ts';
import { dropDraft, publishDraft, saveDraft, workbenchOf } from '../../src/agreements/draft.ts';
import { publishAgreements, withdrawAgreements } from '../../src/agreements/publishing/publish.ts';
import { differences } from '../../src/agreements/staff/compare.ts';
import { listed, registerFor } from '../../src/agreements/staff/queries.ts';
import { catalogueOf, namesFrom } from '../../src/content/catalogue.ts';
import type { Actor } from '../../src/identity/actor.ts';
import { asAccount } from '../../src/platform/db.ts';
import { writtenContent } from '../support/content.ts';
import { actorOf, testApp } from '../support/database.ts';
import { testNow, testToday } from '../support/known.ts';

let app: Awaited<ReturnType<typeof testApp>>;
let [anne, bo]: Actor[] = [];
const catalogue = catalogueOf(writtenContent());
beforeAll(async () => {
  app = await testApp();
  anne = await actorOf(app, 'redaktoer@demo.example');
  bo = await actorOf(app, 'kontrakt@demo.example');
});

const agreement = (changes: object = {}): AgreementContent =>
  agreementContentSchema.parse({
    number: '2026-950',
    kind: 'framework',
    kindOfContract: 'supplies',
    title: { da: 'Prøveaftale' },
    startsOn: '2026-01-01',
    endsOn: '2027-12-31',
    procedure: 'open',
    suppliers: [{ cvr: '90000004', name: 'Klarvand Engros A/S', town: 'Køge' }],
    ...changes,
  });
const titled = (da: string) => agreement({ title: { da } });
const publishedMeanwhile = (content: AgreementContent) =>
  app.database.owner.db.transaction().execute((tx) => publishAgreements(tx, [content], { catalogue, now: testNow, by: null }));
const bench = async () => (await workbenchOf(app.db, anne as Actor, '2026-950')) as NonNullable<Awaited<ReturnType<typeof workbenchOf>>>;
/** What somebody's form carries that is opened now. */
const opened = async () => {
  const { draft, version } = await bench();
  return { revision: draft?.revision ?? 0, version: draft?.version ?? version };
};
const save = (actor: Actor | undefined, title: string, begun: { revision: number; version: number }) => saveDraft(app.db, actor as Actor, titled(title), begun, false, testNow);
const publish = (actor: Actor | undefined, revision: number) => publishDraft(app.db, actor as Actor, '2026-950', revision, '', catalogue, testNow);
const titles = async () => {
  const { published, draft } = await bench();
  return [published?.title.da, draft?.content.title.da ?? null];
};

describe('two who write the same agreement', () => {
  beforeEach(async () => {
    const { db } = app.database.owner;
    await db.deleteFrom('agreement_draft').execute();
    await publishedMeanwhile(titled('Første'));
  });

  test('a form from before a colleague published saves nothing over it, though neither of them began with a draft', async () => {
    const [annes, bos] = [await opened(), await opened()];
    expect(annes.revision).toBe(0);
    await publish(bo, await save(bo, 'Fra Bo', bos));
    await expect(save(anne, 'Fra Anne', annes)).rejects.toMatchObject({ code: 'site-changed' });
    expect(await titles()).toEqual(['Fra Bo', null]);
  });

  test('of two first savings at the same moment one is kept, and the other is told whose', async () => {
    const begun = await opened();
    const { promise: waiting, resolve: goOn } = Promise.withResolvers<void>();
    const { promise: written, resolve: isWritten } = Promise.withResolvers<void>();
    const first = asAccount(app.db, (bo as Actor).accountId, async (tx) => {
      await sql`insert into agreement_draft (number, content, begun_from, saved_at, saved_by, saved_by_name)
        values ('2026-950', ${JSON.stringify(titled('Fra Bo'))}, ${begun.version}, ${testNow}, ${(bo as Actor).accountId}, 'Bo')`.execute(tx);
      isWritten();
      await waiting;
    });
    await written;
    const second = save(anne, 'Fra Anne', begun);
    second.catch(() => undefined);
    await expect
      .poll(async () => (await sql`select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`.execute(app.database.owner.db)).rows.length)
      .toBeGreaterThan(0);
    goOn();
    await first;
    await expect(second).rejects.toMatchObject({ code: 'draft-changed', facts: { by: 'Bo' } });
    expect((await titles())[1]).toBe('Fra Bo');
    const next = await opened();
    const many = await Promise.allSettled([1, 2, 3, 4].map((n) => save(n % 2 ? anne : bo, `Fra ${n}`, next)));
    expect(many.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  test('a number of a saving never comes back: what was opened before a draft ended does not fit the next one', async () => {
    const first = await save(anne, 'Ét', await opened());
    await dropDraft(app.db, anne as Actor, '2026-950', first);
    const { version } = await opened();
    const second = await save(bo, 'To', { revision: 0, version });
    expect(second).not.toBe(first);
    await expect(save(anne, 'Tre', { revision: first, version })).rejects.toMatchObject({ code: 'draft-changed' });
    await expect(publish(anne, first)).rejects.toMatchObject({ code: 'draft-changed' });
    expect((await titles())[1]).toBe('To');
    await dropDraft(app.db, bo as Actor, '2026-950', second);
    await expect(save(anne, 'Tre', { revision: first, version })).rejects.toMatchObject({ code: 'draft-ended' });
    await expect(publish(anne, first)).rejects.toMatchObject({ code: 'draft-ended' });
  });

  test('a page from before a colleague saved throws nothing of it away', async () => {
    const annes = await save(anne, 'Fra Anne', await opened());
    await save(bo, 'Fra Bo', await opened());
    await expect(dropDraft(app.db, anne as Actor, '2026-950', annes)).rejects.toMatchObject({ code: 'draft-changed' });
    expect((await titles())[1]).toBe('Fra Bo');
  });

  test('what a list publishes while there is a draft is not reverted by publishing the draft', async () => {
    const revision = await save(anne, 'Fra Anne', await opened());
    const before = await opened();
    await publishedMeanwhile(titled('Fra listen'));
    await expect(publish(anne, revision)).rejects.toMatchObject({ code: 'site-changed' });
    await expect(save(anne, 'Fra Anne', before)).rejects.toMatchObject({ code: 'site-changed' });
    expect(await titles()).toEqual(['Fra listen', 'Fra Anne']);
    // Having seen it, she saves on top of it.
    await publish(anne, await save(anne, 'Begge dele', { revision: before.revision, version: (await bench()).version }));
    expect(await titles()).toEqual(['Begge dele', null]);
  });

  test('nor is a withdrawal', async () => {
    const revision = await save(anne, 'Fra Anne', await opened());
    await app.database.owner.db.transaction().execute((tx) => withdrawAgreements(tx, ['2026-950'], { now: testNow, by: null }));
    await expect(publish(anne, revision)).rejects.toMatchObject({ code: 'site-changed' });
    expect((await bench()).withdrawnAt).not.toBeNull();
  });

  test('what is being published at that very moment is not published over: the database refuses, and it is said in words', async () => {
    for (const number of ['2026-950', '2026-951']) {
      const content = { ...titled('Fra Anne'), number };
      const version = (await workbenchOf(app.db, anne as Actor, number))?.version ?? 0;
      const revision = await saveDraft(app.db, anne as Actor, content, { revision: 0, version }, version === 0, testNow);
      const { promise: waiting, resolve: goOn } = Promise.withResolvers<void>();
      const { promise: written, resolve: isWritten } = Promise.withResolvers<void>();
      const other = app.database.owner.db.transaction().execute(async (tx) => {
        await publishAgreements(tx, [{ ...titled('Fra listen'), number }], { catalogue, now: testNow, by: null });
        isWritten();
        await waiting;
      });
      await written;
      const publishing = publishDraft(app.db, anne as Actor, number, revision, '', catalogue, testNow);
      publishing.catch(() => undefined);
      await expect
        .poll(async () => (await sql`select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`.execute(app.database.owner.db)).rows.length)
        .toBeGreaterThan(0);
      goOn();
      await other;
      await expect(publishing).rejects.toMatchObject({ code: 'site-changed' });
      expect((await workbenchOf(app.db, anne as Actor, number))?.draft?.content.title.da).toBe('Fra Anne');
    }
  });
});

test('drafts are for those who keep the register: the database shows them to nobody else and takes none from them', async () => {
  await app.database.owner.db.deleteFrom('agreement_draft').execute();
  const revision = await save(anne, 'Fra Anne', await opened());
  const supplier = await actorOf(app, 'leverandoer@demo.example');
  await expect(workbenchOf(app.db, supplier, '2026-950')).rejects.toMatchObject({ code: 'not-allowed' });
  expect(await asAccount(app.db, supplier.accountId, (tx) => tx.selectFrom('agreement_draft').selectAll().execute())).toEqual([]);
  await asAccount(app.db, supplier.accountId, (tx) => tx.deleteFrom('agreement_draft').execute());
  expect((await bench()).draft?.revision).toBe(revision);
  const row = { number: 'X-1', content: '{}', begun_from: 0, saved_at: testNow, saved_by: supplier.accountId, saved_by_name: 'x' };
  await expect(asAccount(app.db, supplier.accountId, (tx) => tx.insertInto('agreement_draft').values(row).execute())).rejects.toThrow('row-level security');
});

describe('the list that staff see', () => {
  const numbers = async (q: string, place: 'site' | 'withdrawn') => (await registerFor(app.db, anne as Actor, q, place, testToday)).agreements.map(({ number }) => number);

  test('holds what is on the site, and what was withdrawn by itself, each with its count', async () => {
    await publishedMeanwhile(titled('Sandkasser og legesand'));
    const before = (await registerFor(app.db, anne as Actor, '', 'site', testToday)).totals;
    expect((await numbers('', 'site')).length).toBe(before.site);
    await app.database.owner.db.transaction().execute((tx) => withdrawAgreements(tx, ['2026-950'], { now: testNow, by: null }));
    expect((await registerFor(app.db, anne as Actor, '', 'site', testToday)).totals).toEqual({ site: before.site - 1, withdrawn: before.withdrawn + 1 });
    expect([await numbers('', 'withdrawn'), (await numbers('', 'site')).includes('2026-950')]).toEqual([['2026-950'], false]);
    expect([await numbers('legesand', 'site'), await numbers('legesand', 'withdrawn')]).toEqual([[], ['2026-950']]);
    expect(await registerFor(app.db, anne as Actor, 'legesand', 'site', testToday)).toMatchObject({ isElsewhere: true });
    await publishedMeanwhile(titled('Sandkasser og legesand'));
  });

  test.each([
    ['2024-031', true],
    ['4-03', true],
    ['HYGIEJNE', true],
    ['hy', true],
    ['20', true],
    ['yg', false],
    ['%', false],
    ['_', false],
  ])('a search for %s finds an agreement by any part of its number or title, by the beginning of a word when it is short: %s', async (q, found) => {
    expect([q, (await numbers(q, 'site')).includes('2024-031')]).toEqual([q, found]);
  });

  test('of 100,000 agreements it reads what it shows: no list and no search goes through all of them', async () => {
    const undone = app.database.owner.db.transaction().execute(async (tx) => {
      await sql`
        insert into agreement (number, kind, kind_of_contract, title_da, title_en, summary_da, summary_en, cpv, starts_on, ends_on, procedure, mandatory,
          coverage_da, coverage_en, ordering_da, ordering_en, not_covered_da, not_covered_en, updated_at, withdrawn_at)
        select 'N-' || n, 'contract', 'supplies', 'Aftale om ' || md5(n::text), '', '', '', '{}', '2026-01-01', '2027-12-31', 'open', false, '', '', '', '', '', '',
          timestamptz '2026-01-01' + n * interval '1 second', case when n % 1000 = 0 then timestamptz '2026-11-01' end
        from generate_series(1, 100000) as n`.execute(tx);
      await sql`analyze agreement`.execute(tx);
      await sql`set local role portal_web`.execute(tx);
      await sql`select set_config('app.actor', ${(anne as Actor).accountId}, true)`.execute(tx);
      for (const q of ['', 'c4ca4238', 'N-99999', '99999', 'no such words', 'af', 'x'])
        for (const place of ['site', 'withdrawn'] as const) {
          const plan = JSON.stringify(await listed(tx, q, place).explain('json', sql`analyze`));
          expect([q, place, /Seq Scan/.test(plan)]).toEqual([q, place, false]);
        }
      const counted = JSON.stringify(
        await tx
          .selectFrom('agreement')
          .select((eb) => eb.fn.countAll().as('n'))
          .where('withdrawn_at', 'is not', null)
          .explain('json'),
      );
      expect(/Seq Scan/.test(counted)).toBe(false);
      throw new Error('undone');
    });
    await expect(undone).rejects.toThrow('undone');
  });
});

describe('what changes, in words', () => {
  const before = agreement({
    title: { da: 'Sæbe', en: 'Soap' },
    cpvMain: '33760000',
    cpv: ['33760000'],
    options: [{ extendsTo: '2028-12-31', noticeBy: '2027-06-30', used: false }],
    requirements: ['arbejdsklausul'],
  });
  const changes = (after: object, lang: 'da' | 'en' = 'da') =>
    differences(before, agreementContentSchema.parse({ ...before, ...after }), lang, namesFrom(writtenContent()[lang])).map(({ label, ...texts }) => [
      label,
      texts.before,
      texts.after,
    ]);

  test('dates, options that were taken, and yes and no are words of the reader', () => {
    expect(changes({ endsOn: '2028-03-31', mandatory: true, options: [{ extendsTo: '2028-12-31', noticeBy: '2027-06-30', used: true }] })).toEqual([
      ['Skal bruges af dem, den gælder for', 'nej', 'ja'],
      ['Slutdato uden forlængelser', '31. december 2027', '31. marts 2028'],
      ['Forlængelser', 'til 31. december 2028, varsles senest 30. juni 2027, ikke brugt', 'til 31. december 2028, varsles senest 30. juni 2027, brugt'],
    ]);
    expect(changes({ mandatory: true, valueOre: 360_000_000 }, 'en')).toEqual([
      ['Must be used by those it applies to', 'no', 'yes'],
      ['Estimated value', '', 'DKK 3,600,000.00'],
    ]);
  });

  test('each language has a row, codes have one and the category that they lead to, requirements their titles', () => {
    const [requirement] = writtenContent().da.requirements.filter(({ id }) => id !== 'arbejdsklausul');
    const found = changes({ title: { da: 'Sæbe', en: 'Soaps' }, cpvMain: '90919200', cpv: ['90919200', '33760000'], requirements: ['arbejdsklausul', requirement?.id ?? ''] });
    expect(found.map(([label]) => label)).toEqual(['Titel på engelsk', 'CPV-koder', 'Findes under', 'Krav, aftalen bærer']);
    expect(found[0]).toEqual(['Titel på engelsk', 'Soap', 'Soaps']);
    expect(found[1]).toEqual(['CPV-koder', '33760000', '90919200, 33760000']);
    expect(found[3]?.[2]).toContain(requirement?.title);
    expect(found.flat().join(' ')).not.toContain('arbejdsklausul\n');
  });

  test('what is the same is no change', () => {
    expect(changes({})).toEqual([]);
  });
});
