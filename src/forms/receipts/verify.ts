import type { AstroGlobal } from 'astro';
import { placeOf } from '../../alerts/address.ts';
import { aloneBlocks, type Block, problemBlock, receiptBlocks, shapeOf } from '../../documents/receipts/describe.ts';
import { askAboutFile } from '../../documents/receipts/known-file.ts';
import { type ReceiptKey, receiptsIn, sha256, verifyReceipt } from '../../documents/receipts/verify.ts';
import { readSmallForm, TooLarge } from '../../web/form.ts';

const limitBytes = 2_000_000;
const mostFiles = 20;

/** Checks a receipt for a browser that cannot: the files are read into memory, judged and forgotten. */
export async function postVerify(
  { request, locals }: Pick<AstroGlobal, 'request' | 'locals'>,
  keys: readonly ReceiptKey[],
): Promise<{ readonly status: number; readonly blocks: readonly Block[] }> {
  const { app, lang, clientAddress } = locals;
  const form = await readSmallForm(request, limitBytes).catch((error: unknown) => {
    if (error instanceof TooLarge) return 'tooLarge' as const;
    throw error;
  });
  if (form === 'tooLarge') return { status: 413, blocks: [problemBlock('tooLarge', lang)] };
  const sent = (form?.getAll('filer') ?? []).filter((part): part is File => part instanceof File && part.size > 0).slice(0, mostFiles);
  if (sent.length === 0) return { status: 400, blocks: [problemBlock('nothingChosen', lang)] };

  const reader = { lang, owner: app.municipality.name[lang] };
  const files = await Promise.all(
    sent.map(async (file) => {
      const bytes = new Uint8Array(await file.arrayBuffer());
      return { name: file.name, sizeBytes: bytes.length, sha256: await sha256(bytes), bytes };
    }),
  );
  const receipts = files.filter(({ bytes }) => receiptsIn(bytes).length > 0);
  if (receipts.length > 0) {
    const checked = await Promise.all(receipts.map(async ({ name, bytes }) => ({ name, ...shapeOf(bytes), verdict: await verifyReceipt(bytes, keys) })));
    const others = files.filter((file) => !receipts.includes(file));
    return { status: 200, blocks: receiptBlocks(checked, others, reader) };
  }
  const place = placeOf(clientAddress);
  const asked = await Promise.all(files.map(async (file) => ({ ...file, answer: await askAboutFile(app.db, file.sha256, place) })));
  return { status: asked.some(({ answer }) => answer === 'too-many') ? 429 : 200, blocks: aloneBlocks(asked, reader) };
}
