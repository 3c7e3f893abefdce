import { sql } from 'kysely';
import type { Language } from '../i18n/language.ts';
import { countAttempts } from '../identity/attempts.ts';
import { days } from '../platform/clock.ts';
import type { Db, Tx } from '../platform/db.ts';
import { queueMail } from '../platform/mail/queue.ts';
import type { Fault } from '../platform/refusal.ts';
import { asSubscriber } from './access.ts';
import { type AddressFault, keysOf, placeOf, readAddress } from './address.ts';
import { type Choice, type ChoiceFault, choiceFaultOf, choiceKinds, type Rhythm, wordsIn } from './choices.ts';
import type { AlertContext } from './context.ts';
import { confirmationMail } from './mails/confirmation.ts';

export type SubscribeFault = AddressFault | ChoiceFault | 'too-many';

/** Sign-ups in a quarter of an hour: from one place, and from everywhere together. */
const mostFromOne = 10;
const mostInAll = 600;
/** Nobody is asked twice within a day by people who only type an address, and for a month after saying no. */
const askAgainAfter = days(1);
const declinedFor = days(30);
/** What others than the owner can add up before the owner has said anything. */
const mostAsked = 100;

export interface SignUp {
  readonly address: string;
  /** The address that the person was asked about and says is right. */
  readonly sure: string;
  readonly choices: readonly Choice[];
  readonly rhythm: Rhythm;
  readonly lang: Language;
}

/**
 * Asks the owner of an address, by one mail, whether these mails are wanted. Returns what is wrong with the form, or
 * nothing. Whether the address was known, is asked already or said no is not told: the answer is the same.
 */
export async function signUp(db: Db, context: AlertContext, typed: SignUp, clientAddress: string, now: Date): Promise<readonly Fault<SubscribeFault>[]> {
  const faults: Fault<SubscribeFault>[] = [];
  const read = readAddress(typed.address);
  if (typeof read === 'string') faults.push({ field: 'email', code: read });
  else if (read.meant && read.address !== typed.sure) faults.push({ field: 'email', code: 'address-did-you-mean' });
  const choiceFault = choiceFaultOf(typed.choices) ?? ((await areTooCommon(db, typed.choices)) ? 'words-too-common' : null);
  if (choiceFault) faults.push({ field: fieldOfFault(choiceFault), code: choiceFault });
  if (typeof read === 'string' || faults.length > 0) return faults;

  // Counted one after the other: what one place sends in vain must not use up what all places share.
  const [one = 0] = await countAttempts(db, [`alerts:${placeOf(clientAddress)}`]);
  const [all = 0] = one > mostFromOne ? [] : await countAttempts(db, ['alerts:']);
  if (one > mostFromOne || all > mostInAll) return [{ field: 'email', code: 'too-many' }];
  await ask(db, context, read.address, typed, now);
  return [];
}

export const fieldOfFault = (fault: ChoiceFault): string => (fault.startsWith('words') ? 'ord' : 'valg');

async function ask(db: Db, context: AlertContext, address: string, { choices, rhythm, lang }: SignUp, now: Date): Promise<void> {
  const keys = keysOf(context.secretKey, address);
  const ago = (ms: number): Date => new Date(now.getTime() - ms);
  await asSubscriber(db, { mailbox: keys.mailbox }, async (tx) => {
    const wanted = { address, lang, rhythm, created_at: now };
    await tx
      .insertInto('subscription')
      .values({ ...wanted, address_key: keys.address, mailbox_key: keys.mailbox })
      .onConflict((conflict) => conflict.column('address_key').doNothing())
      .execute();
    const rows = await tx.selectFrom('subscription').selectAll().where('mailbox_key', '=', keys.mailbox).orderBy('id').forUpdate().execute();
    const mine = rows.find((row) => row.address_key === keys.address);
    if (!mine) throw new Error('the subscription that was just written is not there');
    const isAsked = rows.some(
      (row) => row.confirmation_sent_at && row.confirmation_sent_at > ago(askAgainAfter) && !(row.confirmed_at && row.confirmed_at >= row.confirmation_sent_at),
    );
    const saidNo = rows.some((row) => row.stopped_why === 'declined' && row.stopped_at && row.stopped_at > ago(declinedFor));
    if ((isAsked || saidNo) && mine.stopped_at) return;
    if (mine.stopped_at)
      await tx
        .updateTable('subscription')
        .set({ ...wanted, stopped_at: null, stopped_why: null, confirmed_at: null, digest_at: null })
        .where('id', '=', mine.id)
        .execute();
    else if (!mine.confirmed_at) await tx.updateTable('subscription').set({ lang, rhythm }).where('id', '=', mine.id).execute();
    const earlier = mine.stopped_at ? [] : await choicesOf(tx, mine.id);
    if (earlier.length < mostAsked) await addChoices(tx, mine.id, choices, false, now);
    if (isAsked || saidNo) return;
    await tx.updateTable('subscription').set({ confirmation_sent_at: now }).where('id', '=', mine.id).execute();
    const all = await choicesOf(tx, mine.id);
    await queueMail(
      tx,
      confirmationMail(context, { id: mine.id, address, lang, rhythm: mine.confirmed_at && !mine.stopped_at ? (mine.rhythm as Rhythm) : rhythm, choices: all }, now),
    );
  });
}

/** Whether there is a phrase in which every word stands everywhere, such as `og`. */
async function areTooCommon(db: Db, choices: readonly Choice[]): Promise<boolean> {
  for (const { kind, value } of choices) {
    if (kind !== 'words') continue;
    const { rows } = await sql<{ empty: boolean }>`select alert_query(${wordsIn(value)}::text[]) is null as empty`.execute(db);
    if (rows[0]?.empty) return true;
  }
  return false;
}

async function addChoices(tx: Tx, id: string, choices: readonly Choice[], confirmed: boolean, now: Date): Promise<void> {
  const rows = choices.map(({ kind, value }) => ({ kind, value, words: kind === 'words' ? wordsIn(value) : [] }));
  await sql`
    insert into subscription_choice (subscription_id, kind, value, query, confirmed, asked_at)
    select ${id}::uuid, x.kind, x.value, case x.kind when 'words' then alert_query(x.words) end, ${confirmed}, ${now}
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as x (kind text, value text, words text[])
    on conflict (subscription_id, kind, value) do update set confirmed = subscription_choice.confirmed or excluded.confirmed`.execute(tx);
}

async function choicesOf(tx: Tx, id: string): Promise<Choice[]> {
  const rows = await tx.selectFrom('subscription_choice').select(['kind', 'value']).where('subscription_id', '=', id).orderBy('kind').orderBy('value').execute();
  return rows.map(({ kind, value }) => ({ kind: kind as Choice['kind'], value })).sort((a, b) => choiceKinds.indexOf(a.kind) - choiceKinds.indexOf(b.kind));
}

/** A subscription as its owner sees it. */
export interface Subscription {
  readonly id: string;
  readonly address: string;
  readonly lang: Language;
  readonly rhythm: Rhythm;
  readonly confirmed: boolean;
  readonly choices: readonly Choice[];
}

/** Null when it was stopped or erased. */
export function subscriptionOf(db: Db, id: string): Promise<Subscription | null> {
  return asSubscriber(db, { id }, async (tx) => {
    const row = await tx.selectFrom('subscription').select(['address', 'lang', 'rhythm', 'confirmed_at']).where('id', '=', id).executeTakeFirst();
    if (!row?.address) return null;
    return { id, address: row.address, lang: row.lang as Language, rhythm: row.rhythm as Rhythm, confirmed: row.confirmed_at !== null, choices: await choicesOf(tx, id) };
  });
}

/** The owner of the mailbox says yes, to all that was asked for so far. False when there is nothing to say yes to. */
export function confirm(db: Db, id: string, now: Date): Promise<boolean> {
  return asSubscriber(db, { id }, async (tx) => {
    const { numUpdatedRows } = await tx.updateTable('subscription').set({ confirmed_at: now }).where('id', '=', id).where('stopped_at', 'is', null).executeTakeFirst();
    if (numUpdatedRows === 0n) return false;
    await tx.updateTable('subscription_choice').set({ confirmed: true }).where('subscription_id', '=', id).execute();
    return true;
  });
}

/** Changes what is sent, and how often. Returns what is wrong, or null; 'gone' when it was stopped meanwhile. */
export async function change(db: Db, id: string, { choices, rhythm, lang }: Pick<SignUp, 'choices' | 'rhythm' | 'lang'>, now: Date): Promise<ChoiceFault | 'gone' | null> {
  const fault = choiceFaultOf(choices) ?? ((await areTooCommon(db, choices)) ? 'words-too-common' : null);
  if (fault) return fault;
  return asSubscriber(db, { id }, async (tx) => {
    const { numUpdatedRows } = await tx
      .updateTable('subscription')
      .set({ rhythm, lang, confirmed_at: sql`coalesce(confirmed_at, ${now})` })
      .where('id', '=', id)
      .where('stopped_at', 'is', null)
      .executeTakeFirst();
    if (numUpdatedRows === 0n) return 'gone';
    await tx.deleteFrom('subscription_choice').where('subscription_id', '=', id).execute();
    await addChoices(tx, id, choices, true, now);
    return null;
  });
}

/** Stops all mails at once; the database erases the address and what was still to be sent. A second time changes nothing. */
export async function stop(db: Db, id: string, now: Date): Promise<void> {
  await asSubscriber(db, { id }, (tx) =>
    tx
      .updateTable('subscription')
      .set({ stopped_at: now, stopped_why: sql`case when confirmed_at is null then 'declined' else 'unsubscribed' end` })
      .where('id', '=', id)
      .where('stopped_at', 'is', null)
      .execute(),
  );
}
