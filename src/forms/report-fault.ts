import type { AstroGlobal } from 'astro';
import { agreementMessages } from '../agreements/messages.ts';
import type { Agreement } from '../agreements/queries.ts';
import { type Report, type ReportFault, reportFault } from '../agreements/report/report.ts';
import { inLanguage } from '../i18n/language.ts';
import { pathTo } from '../i18n/routes.ts';
import { BrokenForm, readForm } from '../web/form.ts';

/** The form under an agreement; resolves to what is wrong, with what was typed, or to the page that thanks. */
export async function postReport(
  astro: Pick<AstroGlobal, 'request' | 'locals'>,
  agreement: Agreement,
): Promise<{ redirect: string } | { status: number; fault: ReportFault; typed: Report }> {
  const { app, lang, clientAddress, frame } = astro.locals;
  const { fields } = await readForm(astro.request).catch((error: unknown) => {
    if (error instanceof BrokenForm) return { fields: {} as Readonly<Record<string, string>> };
    throw error;
  });
  const typed: Report = { message: fields['message'] ?? '', from: (fields['from'] ?? '').trim() };
  const t = agreementMessages[lang];
  const path = pathTo('agreement', lang, { number: agreement.number });
  const about = {
    number: agreement.number,
    title: inLanguage(agreement, 'title', lang),
    page: new URL(path, app.config.siteUrl).href,
    to: agreement.contact_email ?? frame.owner.email,
    subject: t.wrongHereSubject(agreement.number),
    noAnswer: t.reportNoAnswer,
  };
  const fault = await reportFault(app.db, typed, about, clientAddress);
  return fault ? { status: fault === 'too-many' ? 429 : 400, fault, typed } : { redirect: `${path}?sendt=1#fejl-paa-siden` };
}
