import type { AstroGlobal } from 'astro';
import type { Language } from '../i18n/language.ts';
import { inLanguage } from '../i18n/language.ts';
import { pathTo } from '../i18n/routes.ts';
import { Refusal } from '../platform/refusal.ts';
import type { WholeTender } from '../tenders/queries.ts';
import { questionMessages } from '../tenders/questions/messages.ts';
import { type AnswerRefusal, type Asked, askQuestion, deleteQuestion, publishAnswer, type QuestionFault, type QuestionMails } from '../tenders/questions/questions.ts';
import { tellAnswered } from '../tenders/tell.ts';
import { BrokenForm, readForm } from '../web/form.ts';
import { statusOf } from '../web/problem.ts';

type Astro = Pick<AstroGlobal, 'request' | 'locals'>;

const readFields = async (request: Request): Promise<Readonly<Record<string, string>>> =>
  (
    await readForm(request).catch((error: unknown) => {
      if (error instanceof BrokenForm) return { fields: {} };
      throw error;
    })
  ).fields;

function mailsFor({ locals: { app, lang } }: Astro, tender: { readonly id: string; readonly title_da: string; readonly title_en: string }, text: string): QuestionMails {
  const words = (of: Language) => ({ t: questionMessages[of].mail, title: inLanguage(tender, 'title', of), sender: app.municipality.name[of] });
  return {
    confirm(link) {
      const { t, title, sender } = words(lang);
      return { subject: t.confirmSubject(title), text: t.confirmText(title, text, link, sender) };
    },
    answered(of) {
      const { t, title, sender } = words(of);
      const page = new URL(`${pathTo('tender', of, { id: tender.id })}#spoergsmaal`, app.config.siteUrl);
      return { subject: t.answerSubject(title), text: t.answerText(title, page.href, sender) };
    },
  };
}

/** A question to a tender: resolves to what is wrong, with what was typed, or to the page that thanks. */
export async function postQuestion(astro: Astro, { row }: WholeTender): Promise<{ redirect: string } | { status: number; fault: QuestionFault; typed: Asked }> {
  const { app, lang, clientAddress } = astro.locals;
  const fields = await readFields(astro.request);
  const typed: Asked = { text: fields['text'] ?? '', address: (fields['address'] ?? '').trim() };
  const fault = await askQuestion(app.db, typed, row, {
    lang,
    now: app.clock.now(),
    clientAddress,
    linkTo: (token) => new URL(pathTo('confirmQuestion', lang, { token }), app.config.siteUrl).href,
    mails: mailsFor(astro, row, typed.text.trim()),
  });
  return fault ? { status: fault === 'too-many' ? 429 : 400, fault, typed } : { redirect: `${pathTo('tender', lang, { id: row.id })}?spurgt=1#spoergsmaal` };
}

export interface AnswerState {
  readonly status: number;
  readonly refusal: string;
  readonly typed: { readonly id: string; readonly text: string; readonly answerDa: string; readonly answerEn: string };
}

/** What staff do with a question: answer it, or throw it away. */
export async function postAnswer(astro: Astro, fields: Readonly<Record<string, string>>, tender: WholeTender): Promise<{ redirect: string } | AnswerState> {
  const id = fields['question'] ?? '';
  const { app, actor, lang } = astro.locals;
  const typed = { id, text: fields['text'] ?? '', answerDa: fields['answerDa'] ?? '', answerEn: fields['answerEn'] ?? '' };
  const back = (what: string): { redirect: string } => ({ redirect: `${pathTo('keepTender', lang, { id: tender.row.id })}?gemt=${what}#spoergsmaal` });
  try {
    if (fields['intent'] === 'delete-question') {
      await deleteQuestion(app.db, actor, id);
      return back('slettet');
    }
    await publishAnswer(app.db, actor, id, typed, {
      now: app.clock.now(),
      mails: mailsFor(astro, tender.row, ''),
      tell: (tx, _id, number) => tellAnswered(tx, tender.content, tender.row.category, number),
    });
    return back('svaret');
  } catch (error) {
    const status = statusOf(error);
    if (status === null || !(error instanceof Refusal)) throw error;
    return { status, refusal: questionMessages[lang].staff.refusals[error.code as AnswerRefusal] ?? error.code, typed };
  }
}
