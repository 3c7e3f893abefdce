import { days, hours } from '../../platform/clock.ts';
import type { Db } from '../../platform/db.ts';
import { type ClockWork, everyQuarterHour, type JobHandlers } from '../../platform/jobs.ts';
import type { Log } from '../../platform/log.ts';
import type { Mail } from '../../platform/mail/mail.ts';
import { sendQueued } from '../../platform/mail/queue.ts';
import type { AlertContext } from '../context.ts';
import { recordBounce } from './bounce.ts';
import { sendDigests } from './digest.ts';
import { matchAnnouncement } from './match.ts';

/** A request that nobody confirmed, and what is left of a subscription that was stopped. */
const unconfirmedFor = days(7);
const stoppedFor = days(365);
/** Counts of attempts hold addresses of computers: an hour is more than anything counts. */
const attemptsFor = hours(1);

/** Erases what is kept no longer. Running twice changes nothing more. */
export async function eraseOld(db: Db, now: Date): Promise<void> {
  const before = (ms: number): Date => new Date(now.getTime() - ms);
  await db.deleteFrom('subscription').where('confirmed_at', 'is', null).where('stopped_at', 'is', null).where('created_at', '<', before(unconfirmedFor)).execute();
  await db.deleteFrom('subscription').where('stopped_at', '<', before(stoppedFor)).execute();
  await db.deleteFrom('subscription_choice').where('confirmed', '=', false).where('asked_at', '<', before(unconfirmedFor)).execute();
  await db
    .deleteFrom('log_in_guess')
    .where('window_starts_at', '<', new Date(Date.now() - attemptsFor))
    .execute();
}

/** The jobs and the clock's work of the alerts, and the sending of queued mail, since a refusal may end a subscription. */
export function alertJobs(
  db: Db,
  context: () => AlertContext,
  mail: Mail,
  now: () => Date,
  log: Log,
): { readonly handlers: Pick<JobHandlers, 'mail-send' | 'alerts-match'>; readonly clockWork: readonly ClockWork[] } {
  return {
    handlers: {
      'mail-send': ({ mailId }) =>
        sendQueued(db, mail, now, mailId, async (id, bounce) => {
          const outcome = await recordBounce(db, { mail: id }, bounce, now());
          log('info', 'mail refused', { mail: id, bounce, outcome });
        }),
      'alerts-match': async ({ announcementId }) =>
        log('info', 'news matched', { announcement: announcementId, ...(await matchAnnouncement(db, context(), announcementId, now())) }),
    },
    clockWork: [
      {
        name: 'alerts-by-the-clock',
        pattern: everyQuarterHour,
        async run() {
          const count = await sendDigests(db, context(), now());
          if (count > 0) log('info', 'collected mails queued', { count });
          await eraseOld(db, now());
        },
      },
    ],
  };
}
