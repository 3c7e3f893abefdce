import { beforeAll, describe, expect, test } from 'vitest';
import { readTyped } from '../../src/agreements/staff/read.ts';
import { catalogueOf } from '../../src/content/catalogue.ts';
import { dateOf } from '../../src/platform/clock.ts';
import { type Received, receiveNotice, showWithheld } from '../../src/tenders/notices/receive.ts';
import { tenderById } from '../../src/tenders/queries.ts';
import { agreementTypedFrom } from '../../src/tenders/staff/award.ts';
import { phaseAt } from '../../src/tenders/tender.ts';
import { writtenContent } from '../support/content.ts';
import { testApp } from '../support/database.ts';
import { testNow } from '../support/known.ts';
import { buildNotice, type NoticeToBuild, noticeId } from './notice-builder.ts';

let app: Awaited<ReturnType<typeof testApp>>;
const catalogue = catalogueOf(writtenContent());
beforeAll(async () => {
  app = await testApp();
});

const receive = (xml: string | Uint8Array, { now = testNow, anyBuyer = false, cvr = '13585628' } = {}): Promise<Received> =>
  app.database.owner.db
    .transaction()
    .execute((tx) =>
      receiveNotice(
        tx,
        { name: 'notice.xml', bytes: typeof xml === 'string' ? Buffer.from(xml) : xml },
        { catalogue, now, by: null, byName: 'prøve', files: app.files, cvr, anyBuyer, today: dateOf(now) },
      ),
    );
const tenderIn = async (received: Received) => {
  if (received.kind !== 'taken' && received.kind !== 'known') throw new Error(JSON.stringify(received));
  const tender = await tenderById(app.db, received.tenderId ?? '');
  if (!tender) throw new Error('no tender');
  return tender;
};

let procedures = 100;
/** A procedure of its own: what its notices have in common. */
const procedure = (): Partial<NoticeToBuild> & { procedureId: string } => {
  procedures += 1;
  return { procedureId: noticeId(procedures * 1_000), title: { DAN: `Rengøring ${procedures}`, ENG: `Cleaning ${procedures}` }, cpv: '90919300' };
};
const notice = (n: number) => noticeId(procedures * 1_000 + n);
const competition = (of: Partial<NoticeToBuild>, deadline = '2026-12-18+01:00'): NoticeToBuild => ({
  ...of,
  subtype: '16',
  id: notice(1),
  dispatched: ['2026-11-02+01:00', '10:00:00+01:00'],
  lots: [{ id: 'LOT-0001', title: { DAN: 'Skoler', ENG: 'Schools' }, deadline: [deadline, '12:00:00+01:00'], months: '48', maxRenewals: '2' }],
});

describe('a notice that comes in', () => {
  test('becomes a tender in both languages, with its deadline as an instant and everyday category', async () => {
    const { row, content, versions } = await tenderIn(await receive(buildNotice(competition(procedure()))));
    expect(content.title).toEqual({ da: `Rengøring ${procedures}`, en: `Cleaning ${procedures}` });
    expect(content).toMatchObject({ source: 'notices', deadlineAt: '2026-12-18T11:00:00.000Z', months: 48, renewals: 2, publishedOn: '2026-11-02', procedure: 'open' });
    expect(row.category).toBe('rengoering');
    expect(phaseAt(row, testNow)).toBe('open');
    expect(phaseAt(row, new Date('2026-12-18T11:00:00Z'))).toBe('closed');
    expect(versions.map(({ reason }) => reason)).toEqual(['opened']);
  });

  test('of another procedure with the same title is another tender', async () => {
    const title = { DAN: 'Det samme', ENG: 'The same' };
    const [one, two] = [
      await tenderIn(await receive(buildNotice({ ...competition(procedure()), title }))),
      await tenderIn(await receive(buildNotice({ ...competition(procedure()), title }))),
    ];
    expect(one.content.id).not.toBe(two.content.id);
    expect(one.content.id).toMatch(/^det-samme-[0-9a-f]{10}$/);
  });

  test('is known the second time and changes nothing; the same id with other content is refused', async () => {
    const of = procedure();
    const xml = buildNotice(competition(of));
    await receive(xml);
    const again = await receive(xml);
    expect(again.kind).toBe('known');
    expect((await tenderIn(again)).versions).toHaveLength(1);
    expect((await receive(buildNotice(competition(of, '2026-12-24+01:00')))).kind).toBe('other-content');
    expect((await tenderIn(again)).content.deadlineAt).toBe('2026-12-18T11:00:00.000Z');
  });

  test('of another buyer is not ours, unless somebody says that it belongs here', async () => {
    const of = { ...competition(procedure()), buyers: [{ name: 'Anden Kommune', cvr: '24256790', country: 'DNK' }] };
    expect((await receive(buildNotice(of))).kind).toBe('not-ours');
    expect((await receive(buildNotice(of), { anyBuyer: true })).kind).toBe('taken');
  });

  test('that is no notice is refused with what is wrong, and nothing is kept of it', async () => {
    const count = () =>
      app.database.owner.db
        .selectFrom('notice')
        .select((eb) => eb.fn.countAll<number>().as('n'))
        .executeTakeFirstOrThrow();
    const before = await count();
    for (const broken of ['<a/>', buildNotice(competition(procedure())).slice(0, 900), '<!DOCTYPE x [<!ENTITY a "b">]><ContractNotice/>', '%PDF-1.7']) {
      const received = await receive(broken);
      expect(received.kind).toBe('refused');
      if (received.kind === 'refused') expect(received.faults.length).toBeGreaterThan(0);
    }
    expect(await count()).toEqual(before);
  });

  test('a change notice tells field by field what is different, in both languages', async () => {
    const of = procedure();
    await receive(buildNotice(competition(of)));
    const change = {
      ...competition(of, '2027-01-08+01:00'),
      id: notice(2),
      dispatched: ['2026-11-20+01:00', '10:00:00+01:00'] as const,
      change: { notice: `${notice(1)}-01`, reasons: ['update-add'] },
    };
    const { versions, content } = await tenderIn(await receive(buildNotice(change)));
    expect(content.deadlineAt).toBe('2027-01-08T11:00:00.000Z');
    expect(versions[0]?.reason).toBe('changed');
    expect(versions[0]?.changes).toEqual([
      {
        label: { da: 'Frist for tilbud', en: 'Deadline for tenders' },
        before: { da: 'fredag den 18. december 2026 kl. 12.00', en: 'Friday, 18 December 2026 at 12:00' },
        after: { da: 'fredag den 8. januar 2027 kl. 12.00', en: 'Friday, 8 January 2027 at 12:00' },
      },
    ]);
  });

  test('notices out of order end in the same tender as in order', async () => {
    const of = procedure();
    const first = competition(of);
    const change = {
      ...competition(of, '2027-01-08+01:00'),
      id: notice(2),
      dispatched: ['2026-11-20+01:00', '10:00:00+01:00'] as const,
      change: { notice: `${notice(1)}-01`, reasons: ['update-add'] },
    };
    await receive(buildNotice(change));
    const { content } = await tenderIn(await receive(buildNotice(first)));
    expect(content.deadlineAt).toBe('2027-01-08T11:00:00.000Z');
    expect(content.publishedOn).toBe('2026-11-02');
  });

  test('a planning notice and the contract notice that names it are one tender, first planned and then open', async () => {
    const of = procedure();
    const { procedureId: _none, ...common } = of;
    const planned = await tenderIn(
      await receive(buildNotice({ ...common, subtype: '4', id: notice(9), procedureId: null, planned: '2027-02-15+01:00', dispatched: ['2026-10-01+02:00', '10:00:00+02:00'] })),
    );
    expect(planned.content.expectedQuarter).toBe('2027-Q1');
    expect(phaseAt(planned.row, testNow)).toBe('planned');
    const open = await tenderIn(
      await receive(
        buildNotice({
          ...competition(of),
          process: `<cac:NoticeDocumentReference><cbc:ID schemeName="notice-id-ref">${notice(9)}-01</cbc:ID></cac:NoticeDocumentReference>`,
        }),
      ),
    );
    expect(open.content.id).toBe(planned.content.id);
    expect(open.versions.map(({ reason }) => reason)).toEqual(['opened', 'planned']);
  });

  test('a cancelled procedure says so, and is open no more', async () => {
    const of = procedure();
    await receive(buildNotice(competition(of)));
    const { row, content, versions } = await tenderIn(
      await receive(
        buildNotice({ ...competition(of), id: notice(3), dispatched: ['2026-11-21+01:00', '10:00:00+01:00'], change: { notice: `${notice(1)}-01`, reasons: ['cancel'] } }),
      ),
    );
    expect(phaseAt(row, testNow)).toBe('cancelled');
    expect(content.cancelled?.on).toBe('2026-11-21');
    expect(versions[0]?.reason).toBe('cancelled');
  });

  const award = (of: Partial<NoticeToBuild>): NoticeToBuild => ({
    ...competition(of),
    subtype: '29',
    id: notice(5),
    dispatched: ['2027-02-01+01:00', '10:00:00+01:00'],
    lots: [{ id: 'LOT-0001', title: { DAN: 'Skoler', ENG: 'Schools' }, months: '48', maxRenewals: '2', start: '2027-03-01+01:00' }],
    result: {
      lots: [
        {
          lot: 'LOT-0001',
          chosen: 'selec-w',
          received: { tenders: '4' },
          winners: [
            {
              members: [
                { name: 'Klarvand Engros A/S', cvr: '90000004', country: 'DNK' },
                { name: 'Nordlys Rengøring A/S', cvr: '90002740', country: 'DNK' },
              ],
              value: '1800000.00',
              contract: '2027-017',
              concluded: '2027-02-10+01:00',
              withheld: [{ field: 'win-ten-val', until: '2027-06-01+02:00' }],
            },
          ],
        },
      ],
    },
  });

  test('an award shows who won, and keeps back what must not be shown before its day', async () => {
    const of = procedure();
    await receive(buildNotice(competition(of)));
    const february = new Date('2027-02-02T09:00:00Z');
    const { row, content, versions } = await tenderIn(await receive(buildNotice(award(of)), { now: february }));
    expect(phaseAt(row, february)).toBe('awarded');
    expect(versions[0]?.reason).toBe('awarded');
    expect(content.outcome?.lots).toEqual([
      {
        lot: null,
        winners: [
          { name: 'Klarvand Engros A/S', cvr: '90000004', leads: true },
          { name: 'Nordlys Rengøring A/S', cvr: '90002740', leads: false },
        ],
        tenders: 4,
        value: null,
        concludedOn: '2027-02-10',
        contract: '2027-017',
        noAward: null,
      },
    ]);
    expect(JSON.stringify(content)).not.toContain('1800000');
    expect(content.withheld).toEqual([{ field: { da: 'Tilbuddets værdi', en: 'Value of the tender' }, until: '2027-06-01' }]);

    const show = (today: string) => app.database.owner.db.transaction().execute((tx) => showWithheld(tx, { catalogue, now: new Date(`${today}T09:00:00Z`), by: null, today }));
    expect(await show('2027-05-31')).not.toContain(content.id);
    expect(await show('2027-06-01')).toContain(content.id);
    expect(await show('2027-06-01')).not.toContain(content.id);
    const later = await tenderById(app.db, content.id);
    expect(later?.content.outcome?.lots[0]?.value).toEqual({ amount: '1800000.00', currency: 'DKK' });
    expect(later?.content.withheld).toEqual([]);
  });

  test('an award fills in the form of the agreement: suppliers, period, options, notices; it needs only to be confirmed', async () => {
    const of = procedure();
    await receive(buildNotice(competition(of)));
    const { content } = await tenderIn(await receive(buildNotice(award(of)), { now: new Date('2027-02-02T09:00:00Z') }));
    const typed = agreementTypedFrom(content);
    const { content: agreement, faults } = readTyped({ ...typed, number: '2027-017' }, null, null);
    expect(faults).toEqual([]);
    expect(agreement).toMatchObject({
      startsOn: '2027-03-01',
      endsOn: '2031-02-28',
      options: [
        { extendsTo: '2032-02-28', noticeBy: '2030-08-28', used: false },
        { extendsTo: '2033-02-28', noticeBy: '2031-08-28', used: false },
      ],
      suppliers: [{ cvr: '90000004' }, { cvr: '90002740' }],
      cpvMain: '90919300',
    });
    expect(agreement?.notices.map(({ reference }) => reference)).toEqual([notice(1), notice(5)]);
  });

  test('what staff added stays when the next notice comes', async () => {
    const of = procedure();
    const { content } = await tenderIn(await receive(buildNotice(competition(of))));
    await app.database.owner.db
      .updateTable('tender')
      .set({ content: JSON.stringify({ ...content, requirements: ['arbejdsklausul'], replaces: '2024-018' }) })
      .where('id', '=', content.id)
      .execute();
    const next = await tenderIn(
      await receive(
        buildNotice({
          ...competition(of, '2027-01-08+01:00'),
          id: notice(2),
          dispatched: ['2026-11-20+01:00', '10:00:00+01:00'],
          change: { notice: `${notice(1)}-01`, reasons: ['update-add'] },
        }),
      ),
    );
    expect(next.content).toMatchObject({ requirements: ['arbejdsklausul'], replaces: '2024-018', deadlineAt: '2027-01-08T11:00:00.000Z' });
  });

  test('two that come in at the same moment are both in the tender', async () => {
    const of = procedure();
    const change = {
      ...competition(of, '2027-01-08+01:00'),
      id: notice(2),
      dispatched: ['2026-11-20+01:00', '10:00:00+01:00'] as const,
      change: { notice: `${notice(1)}-01`, reasons: ['update-add'] },
    };
    const [one] = await Promise.all([receive(buildNotice(competition(of))), receive(buildNotice(change))]);
    const { content } = await tenderIn(one);
    expect(content.notices).toHaveLength(2);
    expect(content.deadlineAt).toBe('2027-01-08T11:00:00.000Z');
  });
});
