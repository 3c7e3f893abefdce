import { sql } from 'kysely';
import { meantBy } from '../../platform/asking/spelling.ts';
import { folded } from '../../platform/asking/words.ts';
import type { Db } from '../../platform/db.ts';
import type { Condition } from './filters.ts';

/** Of more than these the first are ranked and counted, as they come: nobody reads on so far, and filters choose before. */
export const mostRanked = 300;
/** So many titles are enough; with fewer, the texts are searched too. */
const enough = 20;

const columns = sql.raw(
  ['agreement_id', 'number', 'title_da', 'starts_on', 'ends_on', 'asked', 'documented', 'standing', 'facet_set_id', 'supplier_ids'].map((name) => `e.${name}`).join(', '),
);

/** Tsqueries of a question: what has every word of it, and what has some. */
export interface Asked {
  readonly every: string;
  readonly some: string;
  /**
   * What to ask for when nothing has every word: each word that nothing in the register begins like is replaced by the one
   * that was meant, else by what it ends in (an office chair is a chair), else left out. Null when that is the same, or nothing.
   */
  readonly nearly: readonly string[] | null;
  /** The words, folded, in their forms. */
  readonly forms: ReadonlyMap<string, readonly string[]>;
}

/** More words than this that begin alike are asked for as a beginning. */
const mostBeginnings = 60;
/** Words that look alike, of which one may be meant. */
const mostNear = 8;

/**
 * Each word in its Danish and English form, and as the beginning of a word. What begins so is looked up among all words of
 * the register and asked for by itself: an index finds whole words much faster. Short words and numbers are not kept
 * there, and asked for as a beginning. One query.
 */
export async function askedFor(db: Db, words: readonly string[]): Promise<Asked> {
  const typed = words.map(folded);
  const { rows } = await sql<{ word: string; danish: string[]; english: string[]; longer: string[] | null; near: string[] | null; tail: string | null }>`
    select a.word, ts_lexize('danish_stem', a.word) as danish, ts_lexize('english_stem', a.word) as english, l.longer,
      case when l.longer = '{}' then array(select w.word from register_word w where w.word % a.word and w.word !~ '[0-9]' order by similarity(w.word, a.word) desc, w.word limit ${mostNear}) end as near,
      case when l.longer = '{}' then (select w.word from generate_series(3, length(a.word) - 3) as i cross join unnest(array['', 'e', 'r', 'er']) with ordinality as n (ending, nth)
        join register_word w on w.word = substr(a.word, i) || n.ending order by i, n.nth limit 1) end as tail
    from unnest(${typed}::text[], ${typed.map(isKept)}::boolean[]) with ordinality as a (word, kept, place)
      cross join lateral (select case when a.kept then array(
        select w.word from register_word w where w.word ~>=~ a.word and w.word ~<~ (a.word || chr(1114111)) limit ${mostBeginnings + 1}) end as longer) l
    order by a.place`.execute(db);
  const each = rows.map(({ word, danish, english, longer }) => {
    const areKnown = longer !== null && longer.length > 0 && longer.length <= mostBeginnings;
    // The word itself has these forms wherever it stands, unless it is too common in one language to have one there.
    const isTooCommon = danish.length === 0 || english.length === 0;
    const others = areKnown ? longer.filter((other) => other !== word || isTooCommon).map((other) => `'${other}'`) : [`'${word}':*`];
    return [...new Set([...[...danish, ...english].map((form) => `'${form}'`), ...others])].join(' | ');
  });
  const nearly = rows.flatMap(({ word, longer, near, tail }) => {
    if (longer === null) return rows.length > 1 ? [] : [word];
    return longer.length > 0 ? [word] : (meantBy(word, near ?? []) ?? tail ?? []);
  });
  return {
    every: each.map((forms) => `(${forms})`).join(' & '),
    some: each.join(' | '),
    forms: new Map(rows.map(({ word, danish, english }) => [word, [...new Set([word, ...danish, ...english])]])),
    nearly: nearly.length > 0 && nearly.join(' ') !== typed.join(' ') ? nearly : null,
  };
}

/** Whether a word, folded, is one of those in `register_word`. */
export const isKept = (word: string): boolean => /^\p{L}[\p{L}\p{N}]{3,199}$/u.test(word);

/**
 * The agreements in which every word stands, and that `where` allows, with their place: those that have it in the title
 * first. The beginning of a `with` that ends in `hits` and `capped`. The planner is not told the words: it would read the
 * register from end to end for common ones, which takes longer than it believes.
 */
export function matching({ every, some }: Asked, where: Condition = sql`true`): Condition {
  const asked = sql`(select with_all from asked)`;
  return sql`
    asked as materialized (select ${every}::tsquery as with_all, ${some}::tsquery as with_some),
    titled as materialized (select ${columns}, ts_rank(e.title_lexemes, ${asked}) as rank, 0 as part from register_entry e where e.title_lexemes @@ ${asked} and ${where} limit ${mostRanked}),
    -- Somewhere, not all in the title: the more of them in the title the better, and among a few the more in the text.
    elsewhere as materialized (select ${columns}, e.title_lexemes from register_text t join register_entry e using (agreement_id)
      where (select count(*) from titled) < ${enough} and t.lexemes @@ ${asked} and not e.title_lexemes @@ ${asked} and ${where} limit ${mostRanked}),
    ranked as (select ${columns}, ts_rank(e.title_lexemes, (select with_some from asked))
      + case when (select count(*) from elsewhere) < ${mostRanked} then 0.01 * (select ts_rank(t.lexemes, ${asked}, 1) from register_text t where t.agreement_id = e.agreement_id) else 0 end as rank, 1 as part from elsewhere e),
    hits as materialized (select e.*, row_number() over (order by e.part, e.rank desc, e.agreement_id) as place from (select * from titled union all select * from ranked) e),
    capped as (select (select count(*) >= ${mostRanked} from titled) or (select count(*) >= ${mostRanked} from elsewhere) as yes)`;
}
