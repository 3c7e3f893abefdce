import { sql } from 'kysely';
import { z } from 'zod';
import type { Language } from '../../i18n/language.ts';
import { pathTo } from '../../i18n/routes.ts';
import type { Db } from '../../platform/db.ts';
import { feedMessages } from './messages.ts';

const most = 100;

const words = z.object({ da: z.string().default(''), en: z.string().default('') });
const change = z.object({ label: words, before: words, after: words });
type Words = z.infer<typeof words>;

const inLang = (text: Words, lang: Language): string => text[lang] || text.da;

/** Publications of tenders, newest first, as entries of a feed: at most a hundred, of all or of one category. One query. */
export async function tenderNews(db: Db, lang: Language, category: string | null = null) {
  const { rows } = await sql<{
    tender: string;
    number: number;
    reason: keyof typeof feedMessages.da.reason;
    note: string;
    changes: unknown;
    title: unknown;
    summary: unknown;
    published_at: Date;
  }>`
    select v.tender_id as tender, v.number, v.reason, v.note, v.changes, v.content->'title' as title, v.content->'summary' as summary, v.published_at
    from tender_version v join tender t on t.id = v.tender_id where ${category}::text is null or t.category = ${category} order by v.id desc limit ${most}`.execute(db);
  const t = feedMessages[lang];
  return rows.map((row) => {
    const changes = z.array(change).parse(row.changes);
    const summary = inLang(words.parse(row.summary ?? {}), lang);
    return {
      id: `tender/${row.tender}/${row.number}`,
      date: row.published_at.toISOString(),
      title: `${t.reason[row.reason]}: ${inLang(words.parse(row.title), lang)}`,
      text: [row.note, ...changes.map((each) => sentence(each, lang))].filter(Boolean).join(' ') || summary,
      href: pathTo('tender', lang, { id: row.tender }),
    };
  });
}

function sentence({ label, before, after }: z.infer<typeof change>, lang: Language): string {
  const t = feedMessages[lang];
  const [name, old, fresh] = [inLang(label, lang), inLang(before, lang), inLang(after, lang)];
  if (!old) return t.added(name, fresh);
  return fresh ? t.changed(name, old, fresh) : t.removed(name, old);
}
