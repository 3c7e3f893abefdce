import { createHash } from 'node:crypto';
import { countAttempts } from '../../identity/attempts.ts';
import type { Db } from '../../platform/db.ts';
import { queueMail } from '../../platform/mail/queue.ts';

/** Reports in a quarter of an hour: from one address, and from everywhere together. */
const mostFromOne = 5;
const mostInAll = 100;
const longest = 2_000;

export type ReportFault = 'message-missing' | 'message-too-long' | 'from-wrong' | 'too-many';

export interface Report {
  readonly message: string;
  /** Where an answer may go; empty where none is wanted. */
  readonly from: string;
}

/**
 * Sends a reader's word about an agreement's page to the staff who keep it. Returns what is wrong with it, or null when
 * it is on its way. The same words about the same page are sent once. Nothing but the mail is kept.
 */
export async function reportFault(
  db: Db,
  { message, from }: Report,
  about: { readonly number: string; readonly title: string; readonly page: string; readonly to: string; readonly subject: string; readonly noAnswer: string },
  clientAddress: string,
): Promise<ReportFault | null> {
  if (message.trim() === '') return 'message-missing';
  if (message.length > longest) return 'message-too-long';
  if (from !== '' && !/^[^\s@]{1,64}@[^\s@]{1,190}\.[^\s@]{2,}$/.test(from)) return 'from-wrong';
  const [one = 0, all = 0] = await countAttempts(db, [`report:${clientAddress}`, 'report:']);
  if (one > mostFromOne || all > mostInAll) return 'too-many';
  const reason = `report:${createHash('sha256').update(`${about.number}\n${from}\n${message}`).digest('hex').slice(0, 32)}`;
  const text = [message.trim(), '', from || about.noAnswer, '', `${about.number} ${about.title}`, about.page, ''].join('\n');
  await db.transaction().execute((tx) => queueMail(tx, { reason, to: about.to, subject: about.subject, text }));
  return null;
}
