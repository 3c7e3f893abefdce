import { describe, expect, test } from 'vitest';
import { numberIn, ocidOf, recordOf, releaseOf } from '../../src/opendata/ocds/release.ts';
import { danishInstant, present } from '../../src/opendata/ocds/values.ts';
import { about, milestonesIn, type Release, release, standing, version, whole } from './ocds-examples.ts';

describe('a publication as a release', () => {
  test('has an award and a contract per supplier or consortium and lot, each party by its CVR number', () => {
    const { awards, contracts, parties } = release(version());
    expect(awards.map(({ suppliers, relatedLots }) => [relatedLots?.join(), suppliers.map(({ id }) => id)])).toEqual([
      ['1', ['DK-CVR-90000004']],
      ['1', ['DK-CVR-90002740', 'DK-CVR-90004115']],
      ['2', ['DK-CVR-90000004']],
    ]);
    expect(contracts.map(({ awardID }) => awardID)).toEqual(awards.map(({ id }) => id));
    expect(new Set(contracts.map(({ id }) => id)).size).toBe(3);
    expect(parties.map(({ id }) => id)).toEqual(['DK-CVR-19501817', 'DK-CVR-90000004', 'DK-CVR-90002740', 'DK-CVR-90004115']);
    expect(parties[1]?.identifier).toEqual({ scheme: 'DK-CVR', id: '90000004', legalName: 'Et A/S' });
  });

  test('a supplier that is in no lot has a contract for the whole', () => {
    const { awards } = release(version({}, { lots: [{ number: '1', title: { da: 'Skoler' }, suppliers: ['90000004'] }] }));
    expect(awards.map(({ relatedLots, suppliers }) => [relatedLots?.join(), suppliers.length])).toEqual([
      ['1', 1],
      [undefined, 2],
    ]);
  });

  test('periods are Danish days with the offset of the season, with used and possible options', () => {
    expect(release(version()).contracts[0]?.period).toEqual({
      startDate: '2025-03-30T00:00:00+01:00',
      endDate: '2027-10-25T23:59:59+02:00',
      maxExtentDate: '2028-10-25T23:59:59+02:00',
    });
    expect([danishInstant('2025-03-30', '23:59:59'), danishInstant('2026-10-25', '00:00:00'), danishInstant('2026-10-25', '23:59:59')]).toEqual([
      '2025-03-30T23:59:59+02:00',
      '2026-10-25T00:00:00+02:00',
      '2026-10-25T23:59:59+01:00',
    ]);
  });

  test.each([
    ['published', 'contract', '2025-03-01', 'pending'],
    ['published', 'contract', '2025-03-30', 'active'],
    ['changed', 'contractAmendment', '2027-10-25', 'active'],
    ['changed', 'contractAmendment', '2027-10-26', 'terminated'],
    ['withdrawn', 'contractTermination', '2026-01-01', 'terminated'],
    ['withdrawn', 'contractTermination', '2025-01-01', 'cancelled'],
  ] as const)('%s is told as %s, and on %s the contract is %s', (event, tag, day, status) => {
    const { tag: tags, contracts, awards } = release(version({ event, number: event === 'published' ? 1 : 2, publishedAt: new Date(`${day}T12:00:00Z`) }));
    expect([tags, contracts[0]?.status]).toEqual([[tag], status]);
    expect(awards[0]?.status).toBe(status === 'cancelled' ? 'cancelled' : 'active');
  });

  test('tells method, framework, value in kroner, codes, what comes before, and sustainability in the codes of the extension', () => {
    const { tender, relatedProcesses } = release(version());
    expect(tender).toMatchObject({
      procurementMethod: 'open',
      procurementMethodDetails: 'Offentligt udbud',
      mainProcurementCategory: 'services',
      value: { amount: 1_234_567.89, currency: 'DKK' },
      techniques: { hasFrameworkAgreement: true },
      items: [{ id: '1', classification: { scheme: 'CPV', id: '98310000' }, additionalClassifications: [{ scheme: 'CPV', id: '98311000' }] }],
      lots: [{ id: '1' }, { id: '2' }],
    });
    expect((tender['sustainability'] as { goal: string }[]).map(({ goal }) => goal).sort()).toEqual(['environmental', 'environmental.climateChangeMitigation', 'social']);
    expect(relatedProcesses).toMatchObject([{ relationship: ['prior'], scheme: 'ocid', identifier: ocidOf('2021-003') }]);
  });

  test('says nothing of what is not known: no null, no empty text, no invented method', () => {
    const bare = releaseOf(
      version({}, { valueOre: null, cpvMain: null, cpv: [], procedure: 'not-stated', predecessor: null, requirements: [], kind: 'contract', title: { da: 'Kun dansk' } }),
      about,
    );
    const text = JSON.stringify(bare);
    expect(text).not.toMatch(/null|""|\{\}|\[\]/);
    for (const absent of ['value', 'items', 'procurementMethod', 'procurementMethodDetails', 'techniques', 'hasSustainability', 'title_en'])
      expect([absent, absent in (bare['tender'] as object)]).toEqual([absent, false]);
    expect(present({ a: '', b: [], c: { d: undefined }, e: 0, f: false })).toEqual({ e: 0, f: false });
  });

  test('amendments are the changes of the contract, the options in use and what the release changed, with their grounds', () => {
    const amended = release(version({ event: 'changed', number: 3, note: 'Ny kontaktperson' })).contracts[0]?.amendments ?? [];
    expect(amended.map(({ id, rationale }) => [id, rationale])).toEqual([
      ['change-1', 'udbudsloven § 183'],
      ['option-2027-10-25', 'Forlængelse efter aftalens option'],
      [`${ocidOf(whole.number)}-v3`, 'Ny kontaktperson'],
    ]);
    expect(amended[2]).toMatchObject({ releaseID: `${ocidOf(whole.number)}-v3`, amendsReleaseID: `${ocidOf(whole.number)}-v2` });
  });

  test('a withheld document is named without an address', () => {
    const documents = release(version()).contracts[0]?.documents ?? [];
    expect(documents.map(({ id, url }) => [id, url !== undefined])).toEqual([
      ['document-1', true],
      ['document-2', false],
      ['price-list', true],
    ]);
  });

  test('is the same on any day: nothing of today is in it', () => {
    expect(releaseOf(version(), about)).toEqual(releaseOf(version(), about));
    expect(JSON.stringify(releaseOf(version(), about))).not.toContain('milestones');
  });
});

describe('a record', () => {
  const today = '2026-11-23';
  test('tells each obligation once, in public standings only and in codes of OCDS; what was waived is left out', () => {
    const states = ['accepted', 'submitted', 'under_review', 'open', 'returned', 'rejected', 'waived'];
    const rows = states.map((state) => standing(state, { period: `2025-${state}`, decided_at: state === 'accepted' ? new Date('2026-02-02T10:00:00Z') : null }));
    const milestones = milestonesIn(recordOf([version()], about, [...rows, standing('planned', { period: '2026', due_on: '2027-01-31' })], today));
    expect(milestones.map(({ id, status }) => [id.split('/')[2], status])).toEqual([
      ['2025-accepted', 'met'],
      ['2025-submitted', 'scheduled'],
      ['2025-under_review', 'scheduled'],
      ['2025-open', 'notMet'],
      ['2025-returned', 'notMet'],
      ['2025-rejected', 'notMet'],
      ['2026', 'scheduled'],
    ]);
    expect(milestones.map(({ dateMet }) => dateMet)).toEqual(['2026-02-02T10:00:00.000Z', ...Array<undefined>(6).fill(undefined)]);
    expect(milestones[0]).toMatchObject({ type: 'reporting', code: 'arbejdsklausul-erklaering', dueDate: '2026-01-31T23:59:59+01:00' });
  });

  test('an obligation of a member stands in the contract of its consortium', () => {
    const record = recordOf([version()], about, [standing('open', { cvr: '90004115' })], today) as unknown as { compiledRelease: Release };
    expect(record.compiledRelease.contracts.map(({ implementation }) => implementation?.milestones.length ?? 0)).toEqual([0, 1, 0]);
  });

  test('holds the releases from the oldest on, and the standing under an id that is new when the standing is', () => {
    const versions = [version(), version({ number: 2, event: 'changed', publishedAt: new Date('2026-01-10T08:00:00Z') })];
    const first = recordOf(versions, about, [standing('open')], today) as unknown as { releases: Release[] };
    expect(first.releases.map(({ tag }) => tag[0])).toEqual(['contract', 'contractAmendment', 'implementation']);
    expect(first.releases.map(({ date }) => date)).toEqual(first.releases.map(({ date }) => date).sort());
    const later = recordOf(versions, about, [standing('accepted', { decided_at: new Date('2026-03-01T08:00:00Z') })], today) as unknown as { releases: Release[] };
    expect(later.releases.slice(0, 2)).toEqual(first.releases.slice(0, 2));
    expect(later.releases[2]?.id).not.toBe(first.releases[2]?.id);
  });

  test('an ocid leads back to the number; another publisher’s does not', () => {
    expect([numberIn(ocidOf('2025-Ø7')), numberIn('ocds-213czf-2025')]).toEqual(['2025-Ø7', null]);
  });
});
