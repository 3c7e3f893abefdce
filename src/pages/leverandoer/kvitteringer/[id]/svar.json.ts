import type { APIContext } from 'astro';
import { answersFile } from '../../../../documents/receipts/issue.ts';
import { issuedReceipt } from '../../../../followup/receipts/queries.ts';
import { actsFor } from '../../../../identity/actor.ts';
import { sendMade } from '../../../../web/download.ts';

/** The answers of a filing as the file that its receipt names; for the supplier alone. */
export async function GET({ locals: { app, actor, lang }, params }: APIContext): Promise<Response> {
  const kept = await issuedReceipt(app.db, actor, params['id'] ?? '');
  if (!kept || !actsFor(actor, kept.supplier_id)) return new Response(null, { status: 404 });
  const text = answersFile(kept.receipt_number, kept.answers as Record<string, unknown>, kept.answers_salt);
  return sendMade(text, 'application/json', `${lang === 'da' ? 'svar' : 'answers'}-${kept.receipt_number}.json`);
}
