import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import type { Language } from '../../i18n/language.ts';
import type { Actor } from '../../identity/actor.ts';
import { countAttempts } from '../../identity/attempts.ts';
import { asKeeper } from '../../identity/keeper.ts';
import { audit } from '../../platform/audit.ts';
import { days } from '../../platform/clock.ts';
import type { Db, Reader, Tx } from '../../platform/db.ts';
import { queueMail } from '../../platform/mail/queue.ts';
import { Refusal } from '../../platform/refusal.ts';

/** In a quarter of an hour: questions from one place, mails to one address, and from everywhere together. */
const mostFromOne = 5;
const mostToOne = 3;
const mostInAll = 200;
const longest = 4_000;

export type QuestionFault = 'text-missing' | 'text-too-long' | 'address-wrong' | 'too-many' | 'closed';
export type AnswerRefusal = 'not-allowed' | 'not-found' | 'answered-already' | 'answer-missing';

export interface Asked {
  readonly text: string;
  readonly address: string;
}

/** The words of the mails; links are whole. */
export interface QuestionMails {
  confirm(link: string): { readonly subject: string; readonly text: string };
  answered(lang: Language): { readonly subject: string; readonly text: string };
}

/** The last moment for questions: as the tender says, else its deadline. Null when it is not open for any. */
export function questionsClose(tender: {
  readonly questions_until: Date | null;
  readonly closes_at: Date | null;
  readonly is_cancelled: boolean;
  readonly awarded_on: string | null;
}): Date | null {
  return tender.is_cancelled || tender.awarded_on ? null : (tender.questions_until ?? tender.closes_at);
}

/** Keeps a question and sends the link that confirms it. Returns what is wrong with it, or null when the mail is on its way. */
export async function askQuestion(
  db: Db,
  { text, address }: Asked,
  tender: Parameters<typeof questionsClose>[0] & { readonly id: string },
  { lang, now, clientAddress, linkTo, mails }: { lang: Language; now: Date; clientAddress: string; linkTo: (token: string) => string; mails: QuestionMails },
): Promise<QuestionFault | null> {
  const until = questionsClose(tender);
  if (!until || until <= now) return 'closed';
  if (text.trim() === '') return 'text-missing';
  if (text.length > longest) return 'text-too-long';
  if (!/^[^\s@,;<>"]{1,64}@[^\s@,;<>"]{1,190}\.[^\s@.,;<>"]{2,}$/.test(address)) return 'address-wrong';
  const [one = 0, to = 0, all = 0] = await countAttempts(db, [`question:${clientAddress}`, `question-to:${address.toLowerCase()}`, 'question:']);
  if (one > mostFromOne || to > mostToOne || all > mostInAll) return 'too-many';
  const id = randomUUID();
  // As long as what the log takes for a token, and leaves out.
  const token = randomBytes(36).toString('base64url');
  const mail = mails.confirm(linkTo(token));
  await db.transaction().execute(async (tx) => {
    await tx.insertInto('question').values({ id, tender_id: tender.id, lang, text: text.trim(), asked_at: now }).execute();
    await tx
      .insertInto('question_asker')
      .values({ question_id: id, address, token_sha256: hashed(token) })
      .execute();
    await queueMail(tx, { reason: `question:${id}`, to: address, ...mail });
  });
  return null;
}

const hashed = (token: string): Buffer => createHash('sha256').update(token).digest();

/** The question behind a link. Null when the link is none of ours, or the question is gone. */
export async function questionByToken(db: Db, token: string): Promise<{ readonly tenderId: string; readonly text: string; readonly confirmed: boolean } | null> {
  const { rows } = await sql<{ tender_id: string; text: string; confirmed: boolean }>`select * from question_by_token(${hashed(token)})`.execute(db);
  return rows[0] ? { tenderId: rows[0].tender_id, text: rows[0].text, confirmed: rows[0].confirmed } : null;
}

/** Sends a question on to those who answer. Doing it twice changes nothing more. Returns the tender, null when the link is none of ours. */
export async function confirmQuestion(db: Db, token: string, now: Date): Promise<string | null> {
  const { rows } = await sql<{ id: string | null }>`select confirm_question(${hashed(token)}, ${now}) as id`.execute(db);
  return rows[0]?.id ?? null;
}

/** Published questions in the order of their numbers. One query. */
export function publishedQuestions(db: Reader, tenderId: string) {
  return db
    .selectFrom('question')
    .select(['number', 'text', 'lang', 'answer_da', 'answer_en', 'asked_at', 'published_at'])
    .where('tender_id', '=', tenderId)
    .where('published_at', 'is not', null)
    .orderBy('number')
    .execute();
}
export type PublishedQuestion = Awaited<ReturnType<typeof publishedQuestions>>[number];

/** Confirmed questions that wait for an answer, the oldest first; of one tender, or all. */
export function waitingQuestions(db: Db, actor: Actor, tenderId?: string) {
  return asKeeper(db, actor, (tx) =>
    tx
      .selectFrom('question as q')
      .innerJoin('tender as t', 't.id', 'q.tender_id')
      .select(['q.id', 'q.text', 'q.lang', 'q.asked_at', 'q.tender_id', 't.title_da', 't.closes_at'])
      .where('q.published_at', 'is', null)
      .where('q.confirmed_at', 'is not', null)
      .$if(tenderId !== undefined, (query) => query.where('q.tender_id', '=', tenderId ?? ''))
      .orderBy('q.asked_at')
      .limit(200)
      .execute(),
  );
}
export type WaitingQuestion = Awaited<ReturnType<typeof waitingQuestions>>[number];

/** Publishes an answer with the question as staff leave it, tells who asked, and forgets the address. */
export function publishAnswer(
  db: Db,
  actor: Actor,
  id: string,
  { text, answerDa, answerEn }: { readonly text: string; readonly answerDa: string; readonly answerEn: string },
  { now, mails, tell }: { now: Date; mails: QuestionMails; tell?: (tx: Tx, tenderId: string, number: number) => Promise<void> },
): Promise<void> {
  return asKeeper(db, actor, async (tx) => {
    const question = await tx.selectFrom('question').select(['tender_id', 'published_at', 'lang']).where('id', '=', id).forUpdate().executeTakeFirst();
    if (!question) throw new Refusal<AnswerRefusal>('not-found');
    if (question.published_at) throw new Refusal<AnswerRefusal>('answered-already');
    if (text.trim() === '' || answerDa.trim() === '') throw new Refusal<AnswerRefusal>('answer-missing');
    // Two who answer at once get different numbers.
    await sql`select pg_advisory_xact_lock(hashtextextended(${question.tender_id}, 6))`.execute(tx);
    const last = await tx
      .selectFrom('question')
      .select((eb) => eb.fn.max('number').as('number'))
      .where('tender_id', '=', question.tender_id)
      .executeTakeFirst();
    const number = (last?.number ?? 0) + 1;
    await tx
      .updateTable('question')
      .set({ text: text.trim(), answer_da: answerDa.trim(), answer_en: answerEn.trim(), number, published_at: now, published_by: actor.accountId })
      .where('id', '=', id)
      .execute();
    const { rows } = await sql<{ address: string | null }>`select take_asker(${id}) as address`.execute(tx);
    const to = rows[0]?.address;
    if (to) await queueMail(tx, { reason: `answer:${id}`, to, ...mails.answered(question.lang === 'en' ? 'en' : 'da') });
    await audit(tx, 'question.answered', question.tender_id, { number });
    await tell?.(tx, question.tender_id, number);
  });
}

/** Throws a question away that is none, with the address of who asked. */
export function deleteQuestion(db: Db, actor: Actor, id: string): Promise<void> {
  return asKeeper(db, actor, async (tx) => {
    const gone = await tx.deleteFrom('question').where('id', '=', id).where('published_at', 'is', null).returning('tender_id').executeTakeFirst();
    if (!gone) throw new Refusal<AnswerRefusal>('not-found');
    await audit(tx, 'question.deleted', gone.tender_id);
  });
}

/** Forgets questions that nobody confirmed within seven days, with their addresses. Returns how many. */
export async function forgetUnconfirmed(db: Db, now: Date): Promise<number> {
  const gone = await db
    .deleteFrom('question')
    .where('confirmed_at', 'is', null)
    .where('asked_at', '<', new Date(now.getTime() - days(7)))
    .executeTakeFirst();
  return Number(gone.numDeletedRows);
}
