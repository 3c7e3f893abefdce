import { sql } from 'kysely';
import { type Db, sendingAhead } from '../../platform/db.ts';
import { type ClockWork, everyQuarterHour } from '../../platform/jobs.ts';
import type { Log } from '../../platform/log.ts';
import { asColumns } from '../../platform/postgres/columns.ts';
import type { Catalogue } from '../catalogue.ts';
import { agreementContentSchema, allCpv } from '../content.ts';
import { enterIntoRegister, registerRows } from './entry.ts';

/** Entered at a time, each in a transaction of its own: nobody waits for all of them. */
const batchSize = 500;

/** The clock's work of keeping the register as the editors' categories and requirements say. */
export function registerFollows(db: Db, catalogue: () => Catalogue, log: Log): ClockWork {
  return {
    name: 'register-follows',
    pattern: everyQuarterHour,
    async run() {
      const count = await followCatalogue(db, catalogue());
      if (count > 0) log('info', 'agreements entered into the register anew', { count });
    },
  };
}

/**
 * Enters every agreement into the register anew when categories, their words or the focus areas of requirements are others
 * than last time; versions stay as they are. Resolves to how many. Ended half-way, it begins again next time.
 */
export async function followCatalogue(db: Db, catalogue: Catalogue): Promise<number> {
  const last = await db.selectFrom('register_catalogue').select('checksum').executeTakeFirst();
  if (last?.checksum === catalogue.checksum) return 0;
  let [count, after] = [0, '00000000-0000-0000-0000-000000000000'];
  for (;;) {
    const ids = await enterNext(db, after, catalogue);
    count += ids.length;
    after = ids.at(-1) ?? after;
    if (ids.length < batchSize) break;
  }
  const { checksum } = catalogue;
  await db
    .insertInto('register_catalogue')
    .values({ checksum })
    .onConflict((conflict) => conflict.column('only_one').doUpdateSet({ checksum }))
    .execute();
  return count;
}

function enterNext(db: Db, after: string, catalogue: Catalogue): Promise<string[]> {
  return db.transaction().execute(async (tx) => {
    // Nobody publishes one of them meanwhile; what was published before is seen by the statement after.
    const { rows: locked } = await sql<{ id: string }>`
      select a.id from agreement a where a.withdrawn_at is null and a.id > ${after}::uuid order by a.id limit ${batchSize} for no key update`.execute(tx);
    const ids = locked.map(({ id }) => id);
    const { rows } = await sql<{ id: string; content: unknown }>`
      select a.id, v.content from unnest(${ids}::uuid[]) as a (id)
      cross join lateral (select content from agreement_version v where v.agreement_id = a.id order by v.number desc limit 1) v`.execute(tx);
    const agreements = rows.map(({ id, content }) => ({ id, content: agreementContentSchema.parse(content) }));
    if (agreements.length === 0) return ids;
    const entries = await registerRows(tx, tx, agreements, catalogue);
    await sendingAhead((send) => enterIntoRegister(entries, (statement) => send(statement.execute(tx))));
    const categories = agreements.map(({ id, content }) => ({ id, category: catalogue.categoryOf(allCpv(content)) }));
    await sql`
      update agreement a set category = x.category from ${asColumns(categories, { id: 'uuid', category: 'text' })}
      where a.id = x.id and a.category is distinct from x.category`.execute(tx);
    return ids;
  });
}
