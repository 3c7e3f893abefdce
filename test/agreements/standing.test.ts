import { sql } from 'kysely';
import { beforeAll, expect, test } from 'vitest';
import { agreementContentSchema } from '../../src/agreements/content.ts';
import { publishAgreements, withdrawAgreements } from '../../src/agreements/publishing/publish.ts';
import { importContextOf } from '../../src/content/catalogue.ts';
import type { Db } from '../../src/platform/db.ts';
import { writtenContent } from '../support/content.ts';
import { testApp } from '../support/database.ts';
import { testNow } from '../support/known.ts';

let owner: Db;
const { catalogue } = importContextOf(writtenContent());
beforeAll(async () => {
  owner = (await testApp()).database.owner.db;
});

/** What the register says of an agreement, and what its obligations say. */
async function standing(number: string) {
  const { rows } = await sql<{ asked: number; documented: number; counted: number; accepted: number }>`
    select e.asked, e.documented, count(o.id)::int as counted, (count(*) filter (where o.state = 'accepted'))::int as accepted
    from register_entry e left join obligation o on o.agreement_id = e.agreement_id and o.shown_publicly and o.state <> 'waived'
    where e.number = ${number} group by e.agreement_id`.execute(owner);
  return rows[0];
}

test('two decisions on one agreement at the same moment are both counted', async () => {
  const { rows: open } = await sql<{ id: string; number: string }>`
    select o.id, a.number from obligation o join agreement a on a.id = o.agreement_id
    where o.state <> 'accepted' and o.state <> 'waived' and o.shown_publicly and a.number = '2024-018' order by o.id limit 2`.execute(owner);
  const before = await standing('2024-018');
  const decide = (id = ''): Promise<unknown> =>
    owner.transaction().execute(async (tx) => {
      await tx.updateTable('obligation').set({ state: 'accepted' }).where('id', '=', id).execute();
      await sql`select pg_sleep(0.3)`.execute(tx);
    });
  await Promise.all(open.map(({ id }) => decide(id)));
  const after = await standing('2024-018');
  expect([open.length, after?.documented]).toEqual([2, (before?.documented ?? 0) + 2]);
  expect([after?.asked, after?.documented]).toEqual([after?.counted, after?.accepted]);
});

test('an agreement that comes back stands as its obligations do, also when one was decided meanwhile', async () => {
  const before = await standing('2024-018');
  const { content } = (
    await sql<{ content: unknown }>`select v.content from agreement a join agreement_version v on v.agreement_id = a.id where a.number = '2024-018' order by v.number desc`.execute(
      owner,
    )
  ).rows[0] as { content: unknown };
  await owner.transaction().execute((tx) => withdrawAgreements(tx, ['2024-018'], { now: testNow, by: null }));
  expect(await standing('2024-018')).toBeUndefined();
  await sql`update obligation set state = 'returned' where id = (select o.id from obligation o join agreement a on a.id = o.agreement_id
    where a.number = '2024-018' and o.state = 'accepted' and o.shown_publicly limit 1)`.execute(owner);
  await owner.transaction().execute((tx) => publishAgreements(tx, [agreementContentSchema.parse(content)], { catalogue, now: testNow, by: null }));
  const after = await standing('2024-018');
  expect(before?.documented).toBeGreaterThan(1);
  expect([after?.asked, after?.documented]).toEqual([before?.asked, (before?.documented ?? 0) - 1]);
  expect([after?.asked, after?.documented]).toEqual([after?.counted, after?.accepted]);
});
