import { sql } from 'kysely';
import { agreementMessages } from '../agreements/messages.ts';
import { inLanguage, type Language } from '../i18n/language.ts';
import { pathTo } from '../i18n/routes.ts';
import type { Db } from '../platform/db.ts';

const most = 100;

/** What was published, changed and withdrawn among the agreements, newest first, as entries of a feed: at most a hundred, of all or of one. One query. */
export async function agreementChanges(db: Db, lang: Language, number: string | null = null) {
  const { rows } = await sql<{
    agreement: string;
    version: number;
    event: 'published' | 'changed' | 'withdrawn';
    note: string;
    published_at: Date;
    title_da: string;
    title_en: string;
    summary_da: string;
    summary_en: string;
    shown: boolean;
  }>`
    select a.number as agreement, v.number as version, v.event, v.note, v.published_at, v.content->'title'->>'da' as title_da, coalesce(v.content->'title'->>'en', '') as title_en,
      coalesce(v.content->'summary'->>'da', '') as summary_da, coalesce(v.content->'summary'->>'en', '') as summary_en, a.withdrawn_at is null as shown
    from agreement_version v join agreement a on a.id = v.agreement_id where ${number}::text is null or a.number = ${number} order by v.id desc limit ${most}`.execute(db);
  return rows.map((row) => ({
    id: `agreement/${row.agreement}/${row.version}`,
    date: row.published_at.toISOString(),
    title: `${agreementMessages[lang].event[row.event]}: ${inLanguage(row, 'title', lang)}`,
    text: row.note || inLanguage(row, 'summary', lang),
    href: row.shown ? pathTo('agreement', lang, { number: row.agreement }) : pathTo('agreements', lang),
  }));
}
