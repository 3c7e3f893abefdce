import type { App } from '../../src/app.ts';
import { receiptFile } from '../../src/documents/receipts/file.ts';
import { receiptKeys } from '../../src/documents/receipts/keys.ts';
import type { Receipt, ReceiptKey } from '../../src/documents/receipts/verify.ts';
import { typeOf } from '../../src/followup/obligation-type.ts';
import { issuedReceipt } from '../../src/followup/receipts/queries.ts';
import { submit } from '../../src/followup/submit.ts';
import type { Actor } from '../../src/identity/actor.ts';
import { testNow } from './known.ts';
import { fullAnswers, withFile } from './obligations.ts';

/** Files an obligation as its supplier, with one file. */
export async function fileObligation(app: App, actor: Actor, obligation: { readonly id: string; readonly type: string }, content = '%PDF-1.4 bilag'): Promise<string> {
  const type = typeOf(app.types, obligation.type);
  if (type.files !== 'none') await withFile(app, actor, obligation.id, 'bilag æøå.pdf', content);
  return submit(app.db, app.followup, actor, obligation.id, { answers: fullAnswers(type), formKey: crypto.randomUUID(), round: 0, lang: 'da' }, testNow);
}

/** A receipt as its supplier gets it. */
export async function receiptOfSubmission(app: App, actor: Actor, id: string): Promise<{ json: string; receipt: Receipt; keys: ReceiptKey[] }> {
  const kept = await issuedReceipt(app.db, actor, id);
  if (!kept) throw new Error('no receipt');
  return { json: receiptFile(kept), receipt: JSON.parse(kept.body) as Receipt, keys: await receiptKeys(app.db) };
}

export const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
