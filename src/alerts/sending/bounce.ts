import type { Db } from '../../platform/db.ts';
import type { Bounce } from '../../platform/mail/mail.ts';
import { keysOf, readAddress } from '../address.ts';

/** So many soft bounces one after the other, and we stop. */
const mostSoft = 3;

/** What bounced: one mail, by its id or Message-ID, or the latest to an address. */
export type Bounced = { readonly mail: string } | { readonly address: string; readonly secretKey: string };

export type BounceOutcome = 'unknown' | 'noted' | 'stopped';

/**
 * Notes that a mail came back. Hard: there is no such mailbox, and we stop at once. Soft (a full mailbox, a filter):
 * we stop when the last three mails all came back. The same mail is counted once. Needs the worker's connection.
 */
export function recordBounce(db: Db, bounced: Bounced, kind: Bounce, now: Date): Promise<BounceOutcome> {
  return db.transaction().execute(async (tx) => {
    const base = tx.selectFrom('mail').select(['id', 'subscription_id', 'sent_at']).where('subscription_id', 'is not', null);
    let mail: { id: string | null; subscription_id: string | null; sent_at: Date | null } | undefined;
    if ('mail' in bounced) {
      const id = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/.exec(bounced.mail.toLowerCase())?.[0];
      mail = id ? await base.where('id', '=', id).executeTakeFirst() : undefined;
    } else {
      const read = readAddress(bounced.address);
      if (typeof read === 'string') return 'unknown';
      const known = await tx.selectFrom('subscription').select('id').where('address_key', '=', keysOf(bounced.secretKey, read.address).address).executeTakeFirst();
      if (!known) return 'unknown';
      const latest = await base.where('subscription_id', '=', known.id).where('sent_at', 'is not', null).orderBy('sent_at', 'desc').limit(1).executeTakeFirst();
      mail = latest ?? { id: null, subscription_id: known.id, sent_at: null };
    }
    if (!mail?.subscription_id) return 'unknown';
    const subscription = mail.subscription_id;
    if (mail.id)
      await tx
        .updateTable('mail')
        .set({ bounce: kind, ...(mail.sent_at ? {} : { refused_at: now }) })
        .where('id', '=', mail.id)
        .execute();
    if (kind === 'soft') {
      const latest = await tx
        .selectFrom('mail')
        .select('bounce')
        .where('subscription_id', '=', subscription)
        .where((eb) => eb.or([eb('sent_at', 'is not', null), eb('refused_at', 'is not', null)]))
        .orderBy('queued_at', 'desc')
        .limit(mostSoft)
        .execute();
      if (latest.length < mostSoft || latest.some(({ bounce }) => bounce === null)) return 'noted';
    }
    await tx.updateTable('subscription').set({ stopped_at: now, stopped_why: 'bounced' }).where('id', '=', subscription).where('stopped_at', 'is', null).execute();
    return 'stopped';
  });
}
