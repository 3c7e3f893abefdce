import { sql } from 'kysely';
import { folded } from '../../platform/asking/words.ts';
import type { Tx } from '../../platform/db.ts';
import { type AgreementContent, allCpv, endOf } from '../content.ts';
import type { Catalogue } from '../publish.ts';
import { formsOf, wordsIn } from './stems.ts';

/** Writes what the list searches, filters and sorts by; also the words that a misspelt one is compared with. */
export async function enterIntoRegister(tx: Tx, rows: readonly { readonly id: string; readonly content: AgreementContent }[], catalogue: Catalogue): Promise<void> {
  const entries = rows.map(({ id, content }) => {
    const codes = allCpv(content);
    const also = catalogue.wordsFor(codes);
    const texts = [content.summary, content.coverage, content.ordering, content.notCovered];
    const body = [
      ...texts.map(({ da }) => da),
      ...content.suppliers.flatMap(({ name, cvr, consortium }) => [name, cvr, consortium]),
      ...content.lots.map(({ title }) => title.da),
      ...codes,
      also,
    ].join(' ');
    return {
      agreement_id: id,
      number: content.number,
      // 2024-031 is asked for as two words; PostgreSQL would read the second as a negative number.
      digits: content.number.replace(/[^\p{L}\p{N}]+/gu, ' '),
      title_da: content.title.da,
      title_en: content.title.en,
      category: catalogue.categoryOf(codes),
      kind: content.kind,
      starts_on: content.startsOn,
      ends_on: endOf(content),
      cvrs: content.suppliers.map(({ cvr }) => cvr),
      requirement_ids: content.requirements,
      focus_areas: catalogue.focusAreasOf(content.requirements).sort(),
      words: catalogue.wordsFor(codes.slice(0, 1)),
      danish: wordsIn(body),
      english: wordsIn(texts.map(({ en }) => en).join(' ')),
    };
  });
  const danish = await formsOf(
    tx,
    'danish_stem',
    entries.flatMap((entry) => entry.danish),
  );
  const english = await formsOf(
    tx,
    'english_stem',
    entries.flatMap((entry) => entry.english),
  );
  const stemmed = entries.map(({ danish: words, english: foreign, ...entry }) => ({
    ...entry,
    body_lexemes: [...new Set([...words.flatMap(danish), ...foreign.flatMap(english)])],
  }));
  const list = (
    rows: readonly object[],
  ) => sql`jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as x (agreement_id uuid, number text, digits text, title_da text, title_en text, category text, kind text,
    starts_on date, ends_on date, cvrs text[], requirement_ids text[], focus_areas text[], words text, body_lexemes text[])`;
  const combinations = different(entries.map(({ category, kind, focus_areas }) => ({ category, kind, focus_areas })));
  await sql`
    insert into register_combination (key, category, kind, focus_areas) select ${combinationKey}, x.category, x.kind, x.focus_areas from ${list(combinations)}
    where not exists (select from register_combination c where c.key = ${combinationKey}) on conflict do nothing`.execute(tx);
  const sets = different(entries.map(({ requirement_ids }) => ({ requirement_ids })));
  await sql`
    insert into register_requirement_set (key, requirement_ids) select ${setKey}, x.requirement_ids from ${list(sets)}
    where not exists (select from register_requirement_set s where s.key = ${setKey}) on conflict do nothing`.execute(tx);
  // Where a word stands in a body is never asked for: its stems alone take half the room, and most are known already.
  await sql`
    insert into register_entry (agreement_id, number, title_da, title_en, category, kind, starts_on, ends_on, supplier_ids, requirement_ids, focus_areas, title_lexemes, body_lexemes, combination_id,
      requirement_set_id)
    select x.agreement_id, x.number, x.title_da, x.title_en, x.category, x.kind, x.starts_on, x.ends_on,
      array(select s.id from supplier s where s.cvr = any (x.cvrs)), x.requirement_ids, x.focus_areas, t.lexemes,
      array_to_tsvector(tsvector_to_array(t.lexemes) || x.body_lexemes), c.id, r.id
    from ${list(stemmed)} join register_combination c on c.key = ${combinationKey} join register_requirement_set r on r.key = ${setKey}
      cross join lateral (select setweight(to_tsvector('danish', x.title_da) || to_tsvector('english', x.title_en) || to_tsvector('simple', search_folded(x.title_da || ' ' || x.title_en)), 'A')
        || setweight(to_tsvector('danish', x.words) || to_tsvector('simple', search_folded(x.words || ' ' || x.digits)), 'B') as lexemes offset 0) t
    on conflict (agreement_id) do update set number = excluded.number, title_da = excluded.title_da, title_en = excluded.title_en, category = excluded.category, kind = excluded.kind,
      starts_on = excluded.starts_on, ends_on = excluded.ends_on, supplier_ids = excluded.supplier_ids, requirement_ids = excluded.requirement_ids, focus_areas = excluded.focus_areas,
      title_lexemes = excluded.title_lexemes, body_lexemes = excluded.body_lexemes, combination_id = excluded.combination_id, requirement_set_id = excluded.requirement_set_id`.execute(
    tx,
  );
  const words = new Set(entries.flatMap((entry) => [...wordsIn(`${entry.title_da} ${entry.title_en}`), ...entry.danish, ...entry.english]));
  const spelt = [...words].filter((word) => /^\p{L}{4,40}$/u.test(word)).map(folded);
  await sql`insert into register_word (word) select w from unnest(${[...new Set(spelt)].sort()}::text[]) as w on conflict do nothing`.execute(tx);
}

// The keys under which combinations and sets were first written by migration 0009.
const combinationKey = sql`md5(row (x.category, x.kind, x.focus_areas)::text)`;
const setKey = sql`md5(x.requirement_ids::text)`;

const different = <T extends object>(list: readonly T[]): T[] => [...new Map(list.map((each) => [JSON.stringify(each), each])).values()];
