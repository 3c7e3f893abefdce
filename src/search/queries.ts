import { sql } from 'kysely';
import type { Language } from '../i18n/language.ts';
import { askedFor, wordsOf } from '../platform/asking/words.ts';
import type { Db } from '../platform/db.ts';
import type { EntryKind } from './collect.ts';

const mostFound = 50;

export interface Found {
  readonly address: string;
  readonly kind: EntryKind;
  readonly title: string;
  /** The place where the words stand, cut into parts that match and parts that do not. */
  readonly excerpt: readonly { readonly text: string; readonly hit: boolean }[];
}

const [hitStart, hitEnd] = ['\u0001', '\u0002'];

/**
 * Public pages in one language in which every word of the question stands, in any of its forms, or begins a word there.
 * Best first; counts per kind are of all that was found. An empty question finds nothing.
 */
export async function search(db: Db, question: string, lang: Language, kind: EntryKind | null): Promise<{ found: Found[]; counts: Partial<Record<EntryKind, number>> }> {
  const words = wordsOf(question);
  if (words.length === 0) return { found: [], counts: {} };
  const config = lang === 'da' ? sql`'danish'::regconfig` : sql`'english'::regconfig`;
  const query = askedFor(words, [lang === 'da' ? 'danish' : 'english']);

  const { rows } = await sql<{ address: string; kind: EntryKind; title: string; headline: string }>`
    with asked as (select ${query} as query)
    select e.address, e.kind, e.title,
           ts_headline(${config}, e.body, asked.query, ${`StartSel=${hitStart}, StopSel=${hitEnd}, MaxWords=28, MinWords=14, MaxFragments=1`}) as headline
    from search_entry e, asked
    where e.lang = ${lang} and e.lexemes @@ asked.query
    order by ts_rank('{0.05, 0.2, 0.6, 1.0}', e.lexemes, asked.query) desc, e.title
    limit 500`.execute(db);

  const counts: Partial<Record<EntryKind, number>> = {};
  for (const row of rows) counts[row.kind] = (counts[row.kind] ?? 0) + 1;
  const shown = rows.filter((row) => kind === null || row.kind === kind).slice(0, mostFound);
  return { found: shown.map(({ headline, ...row }) => ({ ...row, excerpt: partsOf(headline) })), counts };
}

function partsOf(headline: string): Found['excerpt'] {
  return headline
    .split(new RegExp(`(${hitStart}[^${hitEnd}]*${hitEnd})`))
    .filter((part) => part !== '')
    .map((part) => (part.startsWith(hitStart) ? { text: part.slice(1, -1), hit: true } : { text: part, hit: false }));
}
