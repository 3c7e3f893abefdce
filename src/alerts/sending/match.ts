import { sql } from 'kysely';
import type { Language } from '../../i18n/language.ts';
import type { Db, Tx } from '../../platform/db.ts';
import { queueMails } from '../../platform/mail/queue.ts';
import { type Told, toldColumns, toldFrom } from '../announce.ts';
import type { AlertContext } from '../context.ts';
import { alertMail } from '../mails/alert.ts';

/** Mails queued in one transaction: small enough that nobody waits for it. */
export const batchSize = 500;

/**
 * The handler of `alerts-match`: notes everyone who asked to hear of a piece of news, then queues the mails of those who
 * want them at once. Can be broken off anywhere and run again: who was noted or written to already is left alone.
 */
export async function matchAnnouncement(db: Db, context: AlertContext, announcementId: string, now: Date): Promise<{ matched: number; queued: number }> {
  const row = await db.selectFrom('announcement').select(toldColumns).where('id', '=', announcementId).executeTakeFirst();
  if (!row) return { matched: 0, queued: 0 };
  const told = toldFrom(row);
  const matched = await noteReaders(db, announcementId, now);
  let queued = 0;
  for (let after: string | null = null; ; ) {
    const from: string | null = after;
    const batch: Batch = await db.transaction().execute((tx) => queueBatch(tx, context, announcementId, told, now, from));
    queued += batch.count;
    if (batch.count < batchSize) return { matched, queued };
    after = batch.last;
  }
}

/**
 * One statement, however many subscribers. Who follows the tender or the agreement itself hears everything; categories
 * and words bring what concerns somebody who may bid: not answers to others' questions, not every correction of an
 * agreement. The text is taken out of its row once, not once per subscriber.
 */
export async function noteReaders(db: Db, announcementId: string, now: Date): Promise<number> {
  const { numAffectedRows } = await sql`
    with news as materialized (
      select a.id, a.kind, a.subject, a.lexemes || ''::tsvector as lexemes, a.categories,
        a.reason <> 'answered' and (a.kind = 'tender' or a.reason = 'published') as concerns_many, a.kind = 'tender' and a.reason = 'planned' as is_planned
      from announcement a where a.id = ${announcementId}
    ), named as (
      select n.kind, n.subject as value from news n
      union all select 'category', unnest(n.categories) from news n where n.concerns_many
      union all select 'all-tenders', '' from news n where n.concerns_many and n.kind = 'tender'
      union all select 'planned', '' from news n where n.is_planned
    ), found as (
      select c.subscription_id, c.kind, c.value from named join subscription_choice c on (c.kind, c.value) = (named.kind, named.value) where c.confirmed and c.kind <> 'words'
      union all
      select c.subscription_id, c.kind, c.value from news n join subscription_choice c on n.lexemes @@ c.query where c.confirmed and c.kind = 'words' and n.concerns_many
    )
    insert into alert (announcement_id, subscription_id, because, created_at)
    select ${announcementId}::uuid, s.id, array_agg(f.kind || ':' || f.value order by f.kind, f.value), ${now}
    from found f join subscription s on s.id = f.subscription_id
    where s.confirmed_at is not null and s.stopped_at is null
    group by s.id
    on conflict do nothing`.execute(db);
  return Number(numAffectedRows ?? 0);
}

interface Batch {
  readonly count: number;
  /** The subscriber to go on after, so that those who are done are not passed again. */
  readonly last: string | null;
}

/** Queues the mails of some who were noted and want them at once, and notes that, in the caller's transaction. Locks the rows of these subscribers alone. */
export async function queueBatch(tx: Tx, context: AlertContext, announcementId: string, told: Told, now: Date, after: string | null = null): Promise<Batch> {
  const rows = await tx
    .selectFrom('alert as a')
    .innerJoin('subscription as s', 's.id', 'a.subscription_id')
    .select(['s.id', 's.address', 's.lang', 'a.because'])
    .where('a.announcement_id', '=', announcementId)
    .where('a.mail_id', 'is', null)
    .where('s.rhythm', '=', 'at-once')
    .where('s.address', 'is not', null)
    .$if(after !== null, (query) => query.where('a.subscription_id', '>', after))
    .orderBy('a.subscription_id')
    .limit(batchSize)
    .forUpdate(['a', 's'])
    .skipLocked()
    .execute();
  const messages = rows.map(({ id, address, lang, because }) => ({
    reason: `alert:${announcementId}:${id}`,
    to: address ?? '',
    subscription: id,
    ...alertMail(context, { id, lang: lang as Language, rhythm: 'at-once' }, [{ told, because }], now),
  }));
  const queued = await queueMails(tx, messages);
  await sql`
    update alert a set mail_id = x.mail_id from unnest(${rows.map(({ id }) => id)}::uuid[], ${messages.map(({ reason }) => queued.get(reason) ?? announcementId)}::uuid[]) as x (id, mail_id)
    where a.announcement_id = ${announcementId} and a.subscription_id = x.id`.execute(tx);
  return { count: rows.length, last: rows.at(-1)?.id ?? null };
}
