import { sql } from 'kysely';
import type { Language } from '../../i18n/language.ts';
import { hours } from '../../platform/clock.ts';
import type { Db, Tx } from '../../platform/db.ts';
import { queueMails } from '../../platform/mail/queue.ts';
import { toldColumns, toldFrom } from '../announce.ts';
import type { Rhythm } from '../choices.ts';
import type { AlertContext } from '../context.ts';
import { alertMail, type Item } from '../mails/alert.ts';
import { batchSize } from './match.ts';
import { lastDue } from './rhythm.ts';

/** Who changed to mails at once while something was waiting gets it after this long; so does whoever a failed job left out. */
const strayAfter = hours(1);

/**
 * Queues the collected mails that are due: daily at seven, weekly on Monday at seven. After the worker was down, what was
 * due comes once, late. A subscriber gets one collected mail for a morning at most, whatever is broken off and run again.
 */
export async function sendDigests(db: Db, context: AlertContext, now: Date): Promise<number> {
  let sent = 0;
  const dues: readonly [Rhythm, Date][] = [
    ['daily', lastDue('daily', now)],
    ['weekly', lastDue('weekly', now)],
    ['at-once', new Date(now.getTime() - strayAfter)],
  ];
  for (const [rhythm, due] of dues) {
    for (;;) {
      const count = await db.transaction().execute((tx) => queueDigests(tx, context, rhythm, due, now));
      sent += count;
      if (count < batchSize) break;
    }
  }
  return sent;
}

async function queueDigests(tx: Tx, context: AlertContext, rhythm: Rhythm, due: Date, now: Date): Promise<number> {
  const readers = await tx
    .selectFrom('subscription as s')
    .select(['s.id', 's.address', 's.lang'])
    .where('s.rhythm', '=', rhythm)
    .where('s.address', 'is not', null)
    .where('s.confirmed_at', 'is not', null)
    .where((eb) => eb.or([eb('s.digest_at', 'is', null), eb('s.digest_at', '<', due)]))
    .where((eb) =>
      eb.exists(eb.selectFrom('alert as a').select('a.subscription_id').whereRef('a.subscription_id', '=', 's.id').where('a.mail_id', 'is', null).where('a.created_at', '<', due)),
    )
    .limit(batchSize)
    .forUpdate()
    .skipLocked()
    .execute();
  if (readers.length === 0) return 0;
  const ids = readers.map(({ id }) => id);
  const waiting = await tx
    .selectFrom('alert as a')
    .innerJoin('announcement as n', 'n.id', 'a.announcement_id')
    .select(['a.subscription_id', 'a.announcement_id', 'a.because', ...toldColumns])
    .where((eb) => eb('a.subscription_id', '=', eb.fn.any(sql<string[]>`${ids}::uuid[]`)))
    .where('a.mail_id', 'is', null)
    .where('a.created_at', '<', due)
    .orderBy('n.deadline_at')
    .orderBy('n.announced_at')
    .execute();
  const perReader = Map.groupBy(waiting, (row) => row.subscription_id);
  const messages = readers.map(({ id, address, lang }) => {
    const items = (perReader.get(id) ?? []).map((row): Item => ({ told: toldFrom(row), because: row.because }));
    return { id, reason: `digest:${id}:${due.toISOString()}`, to: address ?? '', subscription: id, ...alertMail(context, { id, lang: lang as Language, rhythm }, items, now) };
  });
  const queued = await queueMails(tx, messages);
  const mailOf = new Map(messages.map(({ id, reason }) => [id, queued.get(reason) ?? id]));
  await sql`
    update alert a set mail_id = x.mail_id
    from unnest(${waiting.map((row) => row.announcement_id)}::uuid[], ${waiting.map((row) => row.subscription_id)}::uuid[], ${waiting.map((row) => mailOf.get(row.subscription_id) ?? row.subscription_id)}::uuid[])
      as x (announcement_id, subscription_id, mail_id)
    where (a.announcement_id, a.subscription_id) = (x.announcement_id, x.subscription_id)`.execute(tx);
  await sql`update subscription set digest_at = ${due} where id = any (${ids}::uuid[])`.execute(tx);
  return readers.length;
}
