import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import type { Db, Tx } from '../db.ts';
import { enqueue } from '../jobs.ts';
import { type Bounce, bounceOf, type Mail } from './mail.ts';

export interface QueuedMessage {
  /** Why it is sent, such as `receipt:<submission id>`; the same reason is never sent twice. */
  readonly reason: string;
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** The subscription it is sent for: it goes with it, and once sent it loses address and text. */
  readonly subscription?: string;
}

const rowOf = ({ reason, to, subject, text, headers = {}, subscription = '' }: QueuedMessage) => ({
  id: randomUUID(),
  reason,
  to_address: to,
  subject: subject.replace(/\s+/g, ' '),
  body: text,
  headers: JSON.stringify(headers),
  subscription_id: subscription || null,
});

/** Puts a message in the queue, in the transaction of the change that it tells of. */
export async function queueMail(tx: Tx, message: QueuedMessage): Promise<void> {
  const row = rowOf(message);
  const added = await tx
    .insertInto('mail')
    .values(row)
    .onConflict((conflict) => conflict.column('reason').doNothing())
    .returning('id')
    .executeTakeFirst();
  if (added) await enqueue(tx, 'mail-send', { mailId: row.id }, row.id);
}

/** Puts many messages in the queue, behind everything else that waits there, in two statements; give at most a thousand. Returns their ids by reason. */
export async function queueMails(tx: Tx, messages: readonly QueuedMessage[]): Promise<ReadonlyMap<string, string>> {
  if (messages.length === 0) return new Map();
  const added = await tx
    .insertInto('mail')
    .values(messages.map(rowOf))
    .onConflict((conflict) => conflict.column('reason').doNothing())
    .returning(['id', 'reason'])
    .execute();
  await sql`select jobs.enqueue_mails(${added.map(({ id }) => id)}::uuid[])`.execute(tx);
  return new Map(added.map(({ id, reason }) => [reason, id]));
}

/** Called when a server refused a subscriber's message for good. */
type Refused = (mailId: string, bounce: Bounce) => Promise<void>;

/**
 * The handler of `mail-send`. A crash between handing over and noting it sends the same Message-ID again, at most once
 * per crash. What was refused for good is tried again, since an operator may mend it; but not if it was for a subscriber.
 */
export async function sendQueued(db: Db, mail: Mail, now: () => Date, mailId: string, refused: Refused): Promise<void> {
  const message = await db.selectFrom('mail').selectAll().where('id', '=', mailId).where('sent_at', 'is', null).where('refused_at', 'is', null).executeTakeFirst();
  if (!message) return;
  try {
    await mail.send({ id: message.id, to: message.to_address, subject: message.subject, text: message.body, headers: message.headers as Record<string, string> });
  } catch (error) {
    const bounce = message.subscription_id ? bounceOf(error) : null;
    if (!bounce) throw error;
    await refused(mailId, bounce);
    return;
  }
  const erased = message.subscription_id ? { to_address: '', body: '' } : {};
  await db
    .updateTable('mail')
    .set({ sent_at: now(), ...erased })
    .where('id', '=', mailId)
    .execute();
}
