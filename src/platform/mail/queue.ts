import { randomUUID } from 'node:crypto';
import type { Db, Tx } from '../db.ts';
import { enqueue } from '../jobs.ts';
import type { Mail } from './mail.ts';

export interface QueuedMessage {
  /** Why it is sent, such as `receipt:<submission id>`; the same reason is never sent twice. */
  readonly reason: string;
  readonly to: string;
  readonly subject: string;
  readonly text: string;
}

/** Puts a message in the queue, in the transaction of the change that it tells of. */
export async function queueMail(tx: Tx, message: QueuedMessage): Promise<void> {
  const id = randomUUID();
  const added = await tx
    .insertInto('mail')
    .values({ id, reason: message.reason, to_address: message.to, subject: message.subject.replace(/\s+/g, ' '), body: message.text })
    .onConflict((conflict) => conflict.column('reason').doNothing())
    .returning('id')
    .executeTakeFirst();
  if (added) await enqueue(tx, 'mail-send', { mailId: id }, id);
}

/** The handler of `mail-send`. A crash between handing over and noting it sends the same Message-ID again, at most once per crash. */
export async function sendQueued(db: Db, mail: Mail, now: () => Date, mailId: string): Promise<void> {
  const message = await db.selectFrom('mail').selectAll().where('id', '=', mailId).where('sent_at', 'is', null).executeTakeFirst();
  if (!message) return;
  await mail.send({ id: message.id, to: message.to_address, subject: message.subject, text: message.body });
  await db.updateTable('mail').set({ sent_at: now() }).where('id', '=', mailId).execute();
}
