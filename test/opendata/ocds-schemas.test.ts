import fs from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { recordOf, recordPackage, releaseOf, releasePackage } from '../../src/opendata/ocds/release.ts';
import { testNow } from '../support/known.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { Visitor } from '../support/visitor.ts';
import { about, milestonesIn, release, standing, version } from './ocds-examples.ts';
import { codelist, extendedValidator, ocdsValidator, readOcds, schemasAreHere } from './ocds-schema.ts';

describe.skipIf(!schemasAreHere)('the published schemas of OCDS 1.1.5', () => {
  let server: TestServer;
  const fetched = async (address: string): Promise<Record<string, unknown>> => (await new Visitor(server.base).get(address)).json() as Promise<Record<string, unknown>>;
  const releases = ocdsValidator('release');
  const records = ocdsValidator('record');
  beforeAll(async () => {
    server = await startServer();
  });

  test('refuse each of the six packages that were made wrong on purpose, and take the one that is right', () => {
    const names = fs.readdirSync('../shared/data/ocds/proposed').filter((name) => name.startsWith('INVALID_'));
    expect(names).toHaveLength(6);
    for (const name of names) expect([name, releases(readOcds(`proposed/${name}`)).length > 0]).toEqual([name, true]);
    expect(releases(readOcds('proposed/release-package-example.json'))).toEqual([]);
    expect(records(readOcds('proposed/record-package-example.json'))).toEqual([]);
  });

  test('take the release package of the whole demonstration, as it is sent for the year', async () => {
    const year = await fetched('/api/v1/ocds/packages/2026.json');
    const { count } = await server.database.owner.db
      .selectFrom('agreement_version')
      .select((eb) => eb.fn.countAll<number>().as('count'))
      .executeTakeFirstOrThrow();
    expect((year['releases'] as unknown[]).length).toBe(count);
    expect(releases(year)).toEqual([]);
  });

  test('take every page of the feed that has a release', async () => {
    const first = await fetched('/api/v1/ocds/releases');
    expect((first['releases'] as unknown[]).length).toBeGreaterThan(10);
    expect(releases(first)).toEqual([]);
  });

  test('take the record package of the whole demonstration, follow-up included', async () => {
    const { releases: all } = (await fetched('/api/v1/ocds/packages/2026.json')) as { releases: { ocid: string }[] };
    const packages = await Promise.all(all.map(({ ocid }) => fetched(`/api/v1/ocds/records/${ocid}`)));
    for (const each of packages) expect(records(each)).toEqual([]);
    const together = { ...packages[0], records: packages.flatMap((each) => each['records'] as unknown[]) };
    expect(records(together)).toEqual([]);
    const statuses = new Set(packages.flatMap((each) => milestonesIn((each['records'] as unknown[])[0]).map(({ status }) => status)));
    expect([...statuses].sort()).toEqual(['met', 'notMet', 'scheduled']);
  });

  test('take an agreement with everything and one that was withdrawn', () => {
    const versions = [
      version(),
      version({ number: 2, event: 'changed', publishedAt: new Date('2026-01-10T08:00:00Z') }),
      version({ number: 3, event: 'withdrawn', publishedAt: testNow }),
    ];
    const rows = [standing('accepted', { decided_at: testNow }), standing('open', { cvr: '90002740' })];
    expect(
      releases(
        releasePackage(
          '/x',
          versions.map((each) => releaseOf(each, about)),
          about,
          testNow,
          '/y',
        ),
      ),
    ).toEqual([]);
    expect(records(recordPackage('/x', [recordOf(versions, about, rows, '2026-11-23')], about, testNow))).toEqual([]);
  });

  test('with the extensions merged in, they take it too, and the codes of the extensions are in their lists', () => {
    const check = extendedValidator();
    expect(check(releaseOf(version(), about))).toEqual([]);
    const { tender } = release(version());
    for (const { goal, strategies } of tender['sustainability'] as { goal: string; strategies: string[] }[]) {
      expect(codelist('sustainabilityGoal.csv')).toContain(goal);
      for (const strategy of strategies) expect(codelist('sustainabilityStrategy.csv')).toContain(strategy);
    }
    expect(check({ ...releaseOf(version(), about), tender: { ...tender, techniques: { hasFrameworkAgreement: 'yes' } } })).not.toEqual([]);
  });
});
