import { formatBytes, formatDate, formatInstant, formatTitle } from '../i18n/format.ts';
import type { Language } from '../i18n/language.ts';
import { pathTo } from '../i18n/routes.ts';
import type { Actor } from '../identity/actor.ts';
import type { QueuedMessage } from '../platform/mail/queue.ts';
import type { ObligationType } from './obligation-type.ts';
import type { FollowupContext } from './submit.ts';

interface Receipt {
  readonly type: ObligationType;
  readonly period: string | null;
  readonly lot: string | null;
  readonly receiptNumber: string;
  readonly id: string;
  readonly submittedAt: Date;
  readonly actor: Actor;
  readonly files: readonly { readonly name: string; readonly sha256: string; readonly size_bytes: number }[];
  readonly lang: Language;
}

/** The receipt by mail: what was received, never what was answered (mail is not confidential). */
export function receiptMail(context: FollowupContext, receipt: Receipt): QueuedMessage {
  const { lang } = receipt;
  const what = formatTitle(receipt.type.title[lang], receipt, lang);
  const link = new URL(pathTo('receipt', lang, { id: receipt.id }), context.siteUrl).href;
  const files = receipt.files.map((file) => `- ${file.name} (${formatBytes(file.size_bytes, lang)})\n  SHA-256: ${file.sha256}`).join('\n');
  const when = formatInstant(receipt.submittedAt, lang);
  const text =
    lang === 'da'
      ? `Vi har modtaget: ${what}\n\nKvitteringsnummer: ${receipt.receiptNumber}\nModtaget: ${when}\nIndsendt af: ${receipt.actor.name}\n\n${files ? `Filer:\n${files}` : 'Ingen filer.'}\n\nNæste skridt: ${context.municipality.team.da} gennemgår det, du har sendt. Du får en mail, når der er truffet afgørelse.\n\nSe kvitteringen: ${link}\n\nVenlig hilsen\n${context.municipality.name.da}\n`
      : `We have received: ${what}\n\nReceipt number: ${receipt.receiptNumber}\nReceived: ${when}\nFiled by: ${receipt.actor.name}\n\n${files ? `Files:\n${files}` : 'No files.'}\n\nNext step: ${context.municipality.team.en} will review what you sent. You will get an e-mail when a decision has been made.\n\nSee the receipt: ${link}\n\nKind regards\n${context.municipality.name.en}\n`;
  return {
    reason: `receipt:${receipt.id}`,
    to: receipt.actor.email,
    subject: lang === 'da' ? `Kvittering ${receipt.receiptNumber}: ${what}` : `Receipt ${receipt.receiptNumber}: ${what}`,
    text,
  };
}

interface DecisionNews {
  readonly type: ObligationType;
  readonly period: string | null;
  readonly lot: string | null;
  readonly receiptNumber: string;
  readonly submissionId: string;
  readonly obligationId: string;
  readonly decision: 'accepted' | 'returned';
  readonly reason: string;
  readonly newDueOn: string | null;
  readonly to: string;
  readonly lang: Language;
}

/** Tells the person who filed what was decided. The reason is read after log-in: it may be about confidential matters. */
export function decisionMail(context: FollowupContext, news: DecisionNews): QueuedMessage {
  const { lang } = news;
  const what = formatTitle(news.type.title[lang], news, lang);
  const link = new URL(pathTo('task', lang, { id: news.obligationId }), context.siteUrl).href;
  const deadline = news.newDueOn ? formatDate(news.newDueOn, lang) : '';
  const text = {
    da: {
      accepted: `${what} (kvittering ${news.receiptNumber}) er godkendt. Du skal ikke gøre mere.\n\nSe sagen: ${link}\n`,
      returned: `${what} (kvittering ${news.receiptNumber}) er sendt tilbage til dig. Noget skal rettes.\n\nNy frist: ${deadline}\n\nLæs, hvad der skal rettes, og indsend igen: ${link}\n`,
    },
    en: {
      accepted: `${what} (receipt ${news.receiptNumber}) has been accepted. You need do nothing more.\n\nSee the case: ${link}\n`,
      returned: `${what} (receipt ${news.receiptNumber}) has been returned to you. Something must be corrected.\n\nNew deadline: ${deadline}\n\nRead what must be corrected, and file again: ${link}\n`,
    },
  }[lang][news.decision];
  const subject = { da: { accepted: 'Godkendt', returned: 'Sendt tilbage' }, en: { accepted: 'Accepted', returned: 'Returned' } }[lang][news.decision];
  const closing = lang === 'da' ? `\nVenlig hilsen\n${context.municipality.name.da}\n` : `\nKind regards\n${context.municipality.name.en}\n`;
  return { reason: `decision:${news.submissionId}`, to: news.to, subject: `${subject}: ${what}`, text: text + closing };
}
