import { formatNumber } from '../../../i18n/format.ts';
import type { Language } from '../../../i18n/language.ts';
import { pathTo } from '../../../i18n/routes.ts';
import { detailOf, factsOf } from '../describe.ts';
import type { Receipt } from '../verify.ts';
import { pdfMessages } from './messages.ts';
import { startSheet } from './sheet.ts';

/**
 * A receipt to print and to keep: PDF/A-3, tagged, with the signed receipt inside as an attachment that is not
 * compressed, so that the verifier finds it without a PDF library. The same bytes for the same receipt and language.
 */
export async function receiptPdf(receipt: Receipt, json: string, lang: Language, siteUrl: URL): Promise<Uint8Array<ArrayBuffer>> {
  const t = pdfMessages[lang];
  const { statement, log, keyId } = receipt;
  const owner = statement.municipality.name[lang];
  const attachment = `${lang === 'da' ? 'kvittering' : 'receipt'}-${statement.number}.json`;
  const { signature } = JSON.parse(json) as { signature: string };

  const sheet = await startSheet({
    title: `${t.title} ${statement.number}`,
    owner,
    lang,
    at: new Date(statement.submittedAt),
    attachment: { name: attachment, description: t.attachment, bytes: Buffer.from(json) },
  });
  sheet.heading(1, `${t.title} ${statement.number}`);
  sheet.paragraph(t.received(owner));
  const facts = factsOf(receipt, lang);
  sheet.facts(facts);
  sheet.heading(2, t.files);
  if (statement.files.length === 0) sheet.paragraph(t.noFiles);
  sheet.list([
    ...statement.files.map(({ name, sizeBytes, sha256 }) => ({ name, detail: detailOf(sizeBytes, sha256, lang) })),
    { name: t.answers, detail: detailOf(statement.answers.sizeBytes, statement.answers.sha256, lang) },
  ]);
  sheet.heading(2, t.proof);
  sheet.paragraph(t.proofText(attachment, new URL(pathTo('verify', lang), siteUrl).href));
  sheet.facts([
    [t.root, t.rootText(formatNumber(log.treeSize, lang), log.root)],
    [t.key, keyId],
    [t.signature, signature],
  ]);
  return sheet.finish((page, of) => `${statement.number} · ${t.page(page, of)}`);
}
