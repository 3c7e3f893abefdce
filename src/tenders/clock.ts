import type { Catalogue } from '../agreements/catalogue.ts';
import type { Clock } from '../platform/clock.ts';
import { days, today } from '../platform/clock.ts';
import type { Db } from '../platform/db.ts';
import { type ClockWork, everyQuarterHour } from '../platform/jobs.ts';
import type { Log } from '../platform/log.ts';
import { tenderContentSchema } from './content.ts';
import { showWithheld } from './notices/receive.ts';
import { forgetUnconfirmed } from './questions/questions.ts';
import { tellClosingSoon, tellFollowers } from './tell.ts';

/** How long before a deadline its followers are reminded. */
const reminderDays = 3;

/** What the clock does for tenders. Each may run twice. */
export function tenderWork(db: Db, clock: Clock, catalogue: () => Catalogue, log: Log): readonly ClockWork[] {
  return [
    {
      name: 'tenders-unveil',
      pattern: everyQuarterHour,
      async run() {
        const told = await db.transaction().execute((tx) => showWithheld(tx, { catalogue: catalogue(), now: clock.now(), by: null, today: today(clock), tell: tellFollowers }));
        if (told.length > 0) log('info', 'withheld parts of tenders shown', { tenders: told.length });
      },
    },
    { name: 'tenders-remind', pattern: everyQuarterHour, run: () => remind(db, clock.now()) },
    { name: 'questions-forget', pattern: everyQuarterHour, run: async () => void (await forgetUnconfirmed(db, clock.now())) },
  ];
}

/** Reminds followers of tenders that close within days, once per deadline. */
export async function remind(db: Db, now: Date): Promise<void> {
  const closing = await db
    .selectFrom('tender')
    .select(['content', 'category', 'version'])
    .where('closes_at', '>', now)
    .where('closes_at', '<=', new Date(now.getTime() + days(reminderDays)))
    .where('is_cancelled', '=', false)
    .where('awarded_on', 'is', null)
    .execute();
  for (const { content, category, version } of closing) await db.transaction().execute((tx) => tellClosingSoon(tx, tenderContentSchema.parse(content), category, version));
}
