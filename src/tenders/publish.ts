import { sql } from 'kysely';
import type { Catalogue } from '../agreements/catalogue.ts';
import { audit } from '../platform/audit.ts';
import type { Tx } from '../platform/db.ts';
import { type Change, changesBetween } from './changes.ts';
import { canonicalTender, closesAt, oreOf, type TenderContent, tenderContentSchema } from './content.ts';

export type Reason = 'planned' | 'opened' | 'changed' | 'cancelled' | 'awarded';

/** What has just been made public, for those who follow it. */
export interface TenderNews {
  readonly content: TenderContent;
  readonly version: number;
  readonly reason: Reason;
  readonly changes: readonly Change[];
  readonly category: string | null;
}

export interface TenderPublication {
  readonly catalogue: Catalogue;
  readonly now: Date;
  /** The account that publishes; null for a command or the clock. */
  readonly by: string | null;
  readonly note?: string;
  readonly isExample?: boolean;
  /** Tells those who follow, in the same transaction. */
  readonly tell?: (tx: Tx, news: TenderNews) => Promise<void>;
}

/** Publishes a tender in the caller's transaction, matched by its id: a new version where anything differs, else null. */
export async function publishTender(tx: Tx, content: TenderContent, publication: TenderPublication): Promise<TenderNews | null> {
  const { catalogue, now, by, note = '', isExample = false, tell } = publication;
  const known = await tx.selectFrom('tender').select(['version', 'content']).where('id', '=', content.id).forUpdate().executeTakeFirst();
  const before = known ? tenderContentSchema.parse(known.content) : null;
  if (before && canonicalTender(before) === canonicalTender(content)) return null;
  const version = (known?.version ?? 0) + 1;
  const category = catalogue.categoryOf([content.cpvMain, ...content.cpv]);
  const news: TenderNews = { content, version, reason: reasonOf(before, content), changes: changesBetween(before, content), category };
  const row = { ...rowOf(content, version, category, now), is_example: isExample, lexemes: lexemes(content, catalogue) };
  await tx
    .insertInto('tender')
    .values({ id: content.id, ...row })
    .onConflict((c) => c.column('id').doUpdateSet(row))
    .execute();
  await tx
    .insertInto('tender_version')
    .values({
      tender_id: content.id,
      number: version,
      content: JSON.stringify(content),
      changes: JSON.stringify(news.changes),
      reason: news.reason,
      note,
      published_at: now,
      published_by: by,
    })
    .execute();
  await audit(tx, 'tender.published', content.id, { version, reason: news.reason });
  await tell?.(tx, news);
  return news;
}

/** What lists search, filter and sort by, beside the content itself. */
export function rowOf(content: TenderContent, version: number, category: string | null, at: Date) {
  return {
    procedure_id: content.procedureId,
    version,
    content: JSON.stringify(content),
    title_da: content.title.da,
    title_en: content.title.en,
    summary_da: content.summary.da,
    summary_en: content.summary.en,
    procedure: content.procedure,
    kind_of_contract: content.kindOfContract,
    cpv_main: content.cpvMain,
    category,
    nuts: [...content.nuts],
    marks: [...content.marks],
    is_reserved: content.isReserved,
    value_ore: oreOf(content.value),
    closes_at: closesAt(content),
    questions_until: content.questionsUntil,
    expected_quarter: content.expectedQuarter,
    published_on: content.publishedOn,
    is_cancelled: content.cancelled !== null,
    awarded_on: content.outcome?.on ?? null,
    ends_on: content.endsOn,
    replaces_number: content.replaces,
    requirement_ids: [...content.requirements],
    submit_url: content.submitUrl,
    updated_at: at,
  };
}

/** The one thing that a reader would call it. */
export function reasonOf(before: TenderContent | null, after: TenderContent): Reason {
  if (after.cancelled && !before?.cancelled) return 'cancelled';
  if (after.outcome && !before?.outcome) return 'awarded';
  if (closesAt(after) && !(before && closesAt(before))) return 'opened';
  return before ? 'changed' : after.outcome ? 'awarded' : 'planned';
}

/** Title, everyday words and codes, and all else that can be read; stems of both languages, and as typed without Danish letters. */
function lexemes(content: TenderContent, catalogue: Catalogue) {
  const codes = [content.cpvMain, ...content.cpv];
  const title = `${content.title.da} ${content.title.en}`;
  const words = catalogue.wordsFor(codes);
  const winners = content.outcome?.lots.flatMap(({ winners: all }) => all.map(({ name }) => name)) ?? [];
  const body = [
    content.summary.da,
    content.summary.en,
    ...content.lots.flatMap(({ title: name, summary }) => [name.da, name.en, summary.da, summary.en]),
    ...codes,
    ...winners,
  ].join(' ');
  return sql<string>`setweight(to_tsvector('danish', ${content.title.da}) || to_tsvector('english', ${content.title.en}) || to_tsvector('simple', search_folded(${title})), 'A')
    || setweight(to_tsvector('danish', ${words}) || to_tsvector('simple', search_folded(${words})), 'B')
    || to_tsvector('danish', ${body}) || to_tsvector('english', ${body}) || to_tsvector('simple', search_folded(${body}))`;
}
