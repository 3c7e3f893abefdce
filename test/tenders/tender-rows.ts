import { type TenderContent, type TenderInput, tenderContentSchema } from '../../src/tenders/content.ts';
import { rowOf } from '../../src/tenders/publish.ts';
import type { TestDatabase } from '../support/database.ts';
import { testNow } from '../support/known.ts';

interface Version {
  readonly at?: Date;
  readonly reason?: 'planned' | 'opened' | 'changed' | 'cancelled' | 'awarded';
  readonly note?: string;
  readonly changes?: readonly object[];
  readonly category?: string | null;
}

/** A tender with as little as it takes. */
export function tenderOf(input: Partial<TenderInput> & { readonly id: string }): TenderContent {
  return tenderContentSchema.parse({ title: { da: `Udbud ${input.id}`, en: `Tender ${input.id}` }, kindOfContract: 'services', procedure: 'open', cpvMain: '90910000', ...input });
}

/** Publishes a tender past the use cases, as the next version of the one of that id: for what reads tenders. */
export async function putTender(
  { owner: { db } }: TestDatabase,
  input: Partial<TenderInput> & { readonly id: string },
  { at = testNow, reason = 'opened', note = '', changes = [], category = null }: Version = {},
): Promise<void> {
  const content = tenderOf(input);
  const before = await db.selectFrom('tender').select('version').where('id', '=', content.id).executeTakeFirst();
  const version = (before?.version ?? 0) + 1;
  const row = { id: content.id, ...rowOf(content, version, category, at), is_example: true, lexemes: '' };
  await db
    .insertInto('tender')
    .values(row)
    .onConflict((c) => c.column('id').doUpdateSet(row))
    .execute();
  await db
    .insertInto('tender_version')
    .values({ tender_id: content.id, number: version, content: JSON.stringify(content), changes: JSON.stringify(changes), reason, note, published_at: at })
    .execute();
}
