import { sql } from 'kysely';
import type { Language } from '../i18n/language.ts';
import type { Reader, Tx } from '../platform/db.ts';
import { enqueue } from '../platform/jobs.ts';

type Both = Readonly<Record<Language, string>>;

export const newsReasons = ['planned', 'opened', 'changed', 'answered', 'closing-soon', 'cancelled', 'awarded', 'published'] as const;
export type NewsReason = (typeof newsReasons)[number];

/** What was published. */
export interface News {
  readonly kind: 'tender' | 'agreement';
  /** The tender's id or the agreement's number. */
  readonly subject: string;
  /** The version of the subject that says so. */
  readonly version: number;
  readonly reason: NewsReason;
  readonly title: Both;
  /** The address of its page, without the site. */
  readonly path: Both;
  readonly summary: Both;
  /** Ids of content/categories. */
  readonly categories: readonly string[];
  /** Everything that subscribers' words are looked for in, both languages. */
  readonly text: string;
  /** ISO instant. */
  readonly deadlineAt: string | null;
  /** Field by field, where something was changed. */
  readonly changes: readonly { readonly label: Both; readonly before: Both; readonly after: Both }[];
}

/** More text than anyone's words are looked for in. */
const longestText = 200_000;

/**
 * Announces news in the transaction that publishes it: one row and one job, or neither. The same (kind, subject, version,
 * reason) twice is once; a reminder is once per deadline, whatever the version.
 */
export async function announce(tx: Tx, news: News): Promise<void> {
  const text = [news.title.da, news.title.en, news.summary.da, news.summary.en, news.text].join('\n').replaceAll('\0', '').slice(0, longestText);
  const added = await tx
    .insertInto('announcement')
    .values({
      kind: news.kind,
      subject: news.subject,
      version: news.version,
      reason: news.reason,
      occasion: news.reason === 'closing-soon' && news.deadlineAt ? new Date(news.deadlineAt).toISOString() : String(news.version),
      title_da: news.title.da,
      title_en: news.title.en,
      path_da: news.path.da,
      path_en: news.path.en,
      summary_da: news.summary.da,
      summary_en: news.summary.en,
      categories: [...news.categories],
      deadline_at: news.deadlineAt,
      changes: JSON.stringify(news.changes),
      lexemes: sql`strip(to_tsvector('danish', ${text}) || to_tsvector('english', ${text}) || to_tsvector('simple', search_folded(${text})))`,
    })
    .onConflict((conflict) => conflict.columns(['kind', 'subject', 'reason', 'occasion']).doNothing())
    .returning('id')
    .executeTakeFirst();
  if (added) await enqueue(tx, 'alerts-match', { announcementId: added.id }, added.id);
}

/** News as it is told in a mail. */
export type Told = Pick<News, 'kind' | 'subject' | 'reason' | 'title' | 'path' | 'summary' | 'changes' | 'deadlineAt'>;

interface Row {
  readonly kind: string;
  readonly subject: string;
  readonly reason: string;
  readonly title_da: string;
  readonly title_en: string;
  readonly path_da: string;
  readonly path_en: string;
  readonly summary_da: string;
  readonly summary_en: string;
  readonly changes: unknown;
  readonly deadline_at: Date | string | null;
}

export const toldColumns = ['kind', 'subject', 'reason', 'title_da', 'title_en', 'path_da', 'path_en', 'summary_da', 'summary_en', 'changes', 'deadline_at'] as const;

export function toldFrom(row: Row): Told {
  return {
    kind: row.kind as News['kind'],
    subject: row.subject,
    reason: row.reason as NewsReason,
    title: { da: row.title_da, en: row.title_en || row.title_da },
    path: { da: row.path_da, en: row.path_en },
    summary: { da: row.summary_da, en: row.summary_en || row.summary_da },
    changes: row.changes as News['changes'],
    deadlineAt: row.deadline_at === null ? null : new Date(row.deadline_at).toISOString(),
  };
}

/** The newest news, as an example of what would be sent; null when nothing was announced yet. One query. */
export async function newestNews(db: Reader): Promise<Told | null> {
  const row = await db.selectFrom('announcement').select(toldColumns).orderBy('announced_at', 'desc').limit(1).executeTakeFirst();
  return row ? toldFrom(row) : null;
}
