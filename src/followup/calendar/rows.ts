import { sql } from 'kysely';
import { addDays } from '../../platform/clock.ts';
import { asAccount, type Db, type Tx } from '../../platform/db.ts';
import type { CalendarKey } from './token.ts';

/** How long a task that is finished stays after its deadline. */
export const daysAfterDeadline = 90;

/** The tasks behind a private address; null when it does not hold, or its account may not log in. */
export function calendarTasks(db: Db, { account, version }: CalendarKey, today: string) {
  return asAccount(db, account, async (tx) => {
    const holds = await tx
      .selectFrom('task_calendar as c')
      .innerJoin('account as a', 'a.id', 'c.account_id')
      .select('a.id')
      .where('c.account_id', '=', account)
      .where('c.version', '=', version)
      .where('a.disabled_at', 'is', null)
      .executeTakeFirst();
    return holds ? tasksFor(tx, account, today) : null;
  });
}

export type CalendarTask = Awaited<ReturnType<typeof tasksFor>>[number];

/**
 * What there is to file or to wait for, whenever it is due; what is still to come for a year; what is finished for 90 days after
 * its deadline. Of the suppliers that the account is a member of today: staff, who may read all cases, have no more in theirs.
 */
function tasksFor(tx: Tx, account: string, today: string) {
  return tx
    .selectFrom('obligation as o')
    .innerJoin('membership as m', (join) => join.onRef('m.supplier_id', '=', 'o.supplier_id').on('m.account_id', '=', account))
    .innerJoin('agreement as a', 'a.id', 'o.agreement_id')
    .innerJoin('supplier as s', 's.id', 'o.supplier_id')
    .select(['o.id', 'o.type', 'o.period', 'o.lot', 'o.state', 'o.due_on', 'o.opens_on', 'o.revision', 'o.changed_at', 'o.supplier_id', 's.name as supplier_name'])
    .select(['a.number as agreement_number', 'a.title_da as agreement_title_da', 'a.title_en as agreement_title_en'])
    .where(({ eb, or, and }) =>
      or([
        eb('o.state', 'in', ['open', 'returned', 'submitted', 'under_review']),
        and([eb('o.state', '=', 'planned'), eb('o.due_on', '<=', sql<string>`(${today}::date + interval '1 year')::date`)]),
        and([eb('o.state', 'in', ['accepted', 'rejected', 'waived']), eb('o.due_on', '>=', addDays(today, -daysAfterDeadline))]),
      ]),
    )
    .orderBy('o.due_on')
    .orderBy('a.number')
    .orderBy('o.id')
    .execute();
}
