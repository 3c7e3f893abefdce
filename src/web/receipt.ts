import type { APIContext } from 'astro';
import { receiptFile } from '../documents/receipts/file.ts';
import { receiptPdf } from '../documents/receipts/pdf/receipt-pdf.ts';
import type { Receipt } from '../documents/receipts/verify.ts';
import { issuedReceipt } from '../followup/receipts/queries.ts';
import { sendMade } from './download.ts';

/** A receipt as a file to save, for whoever may see it: its supplier, or staff. */
export async function sendReceipt({ locals: { app, actor, lang }, params }: APIContext, format: 'pdf' | 'json'): Promise<Response> {
  const kept = await issuedReceipt(app.db, actor, params['id'] ?? '');
  if (!kept) return new Response(null, { status: 404 });
  const json = receiptFile(kept);
  const name = `${lang === 'da' ? 'kvittering' : 'receipt'}-${kept.receipt_number}.${format}`;
  if (format === 'json') return sendMade(json, 'application/json', name);
  return sendMade(await receiptPdf(JSON.parse(kept.body) as Receipt, json, lang, app.config.siteUrl), 'application/pdf', name);
}
