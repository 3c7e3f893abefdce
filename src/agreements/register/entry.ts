import { setImmediate } from 'node:timers/promises';
import { type RawBuilder, sql } from 'kysely';
import { folded } from '../../platform/asking/words.ts';
import type { Db, Tx } from '../../platform/db.ts';
import { asColumns } from '../../platform/postgres/columns.ts';
import type { Catalogue } from '../catalogue.ts';
import { type AgreementContent, allCpv, endOf } from '../content.ts';
import { formsOf, Lexemes, wordsIn } from './lexemes.ts';
import { isKept } from './matching.ts';

/** What the list searches, filters and sorts by, and the words that a misspelt one is compared with. Two queries at most, for the forms of words that are new. */
export async function registerRows(tx: Tx, reader: Db, agreements: readonly { readonly id: string; readonly content: AgreementContent }[], catalogue: Catalogue) {
  const entries = [];
  for (const [index, each] of agreements.entries()) {
    if (index % 10 === 9) await setImmediate();
    entries.push(wordsAndColumns(each, catalogue));
  }
  const [danish, english] = await Promise.all([
    formsOf(
      reader,
      'danish_stem',
      entries.flatMap(({ title, text }) => [...title.da, ...title.everyday, ...text.da]),
    ),
    formsOf(
      reader,
      'english_stem',
      entries.flatMap(({ title, text }) => [...title.en, ...text.en]),
    ),
  ]);
  return { entries, danish, english, newWords: newWordsOf(tx, new Set(entries.flatMap(({ title, text }) => [...title.da, ...title.en, ...title.number, ...text.da, ...text.en]))) };
}

function wordsAndColumns({ id, content }: { readonly id: string; readonly content: AgreementContent }, catalogue: Catalogue) {
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
    columns: {
      agreement_id: id,
      number: content.number,
      title_da: content.title.da,
      category: catalogue.categoryOf(codes),
      kind: content.kind,
      starts_on: content.startsOn,
      ends_on: endOf(content),
      cvrs: content.suppliers.map(({ cvr }) => cvr),
      requirement_ids: content.requirements,
      focus_areas: catalogue.focusAreasOf(content.requirements).sort(),
    },
    title: { da: wordsIn(content.title.da), en: wordsIn(content.title.en), everyday: wordsIn(catalogue.wordsFor(codes.slice(0, 1))), number: wordsIn(content.number) },
    text: { da: wordsIn(body), en: wordsIn(texts.map(({ en }) => en).join(' ')) },
  };
}

type RegisterRows = Awaited<ReturnType<typeof registerRows>>;

/** Puts the statements together that enter agreements into the register, while others before them run. */
export async function enterIntoRegister({ entries, danish, english, newWords }: RegisterRows, send: (statement: RawBuilder<unknown>) => void): Promise<void> {
  const rows = [];
  for (const [index, { columns, title, text }] of entries.entries()) {
    if (index % 5 === 4) await setImmediate();
    const lexemes = new Lexemes();
    lexemes.add(title.da, danish, 'A');
    lexemes.add(title.en, english, 'A');
    lexemes.add(title.everyday, danish, 'B');
    // 2024-031 is asked for as two words.
    lexemes.add(title.number, (word) => [folded(word)], 'B');
    // Where a word stands in a text is never asked for: its forms alone take half the room.
    const all = new Set([...lexemes.forms(), ...text.da.flatMap(danish), ...text.en.flatMap(english)]);
    rows.push({ columns, title_lexemes: String(lexemes), text: [...all].join(' ') });
  }
  // Each different set is spelt once, and a row says the how many-th it is.
  const sets = new Map<string, { place: number; category: string | null; kind: string; focus_areas: readonly string[]; requirement_ids: readonly string[] }>();
  const placeOf = ({ category, kind, focus_areas, requirement_ids }: RegisterRows['entries'][number]['columns']): number => {
    const key = JSON.stringify([category, kind, focus_areas, requirement_ids]);
    const set = sets.get(key) ?? { place: sets.size, category, kind, focus_areas, requirement_ids };
    sets.set(key, set);
    return set.place;
  };
  const entered = rows.map(({ columns, title_lexemes }) => {
    const { agreement_id, number, title_da, category, starts_on, ends_on, cvrs } = columns;
    return { agreement_id, number, title_da, category, starts_on, ends_on, cvrs, title_lexemes, place: placeOf(columns) };
  });
  const keyed = sql`keyed as (select y.*, md5(row (y.category, y.kind, y.focus_areas, y.requirement_ids)::text) as key
    from ${asColumns([...sets.values()], { place: 'integer', category: 'text', kind: 'text', focus_areas: 'text[]', requirement_ids: 'text[]' }, 'y')})`;
  send(sql`
    with ${keyed} insert into register_facet_set (key, category, kind, focus_areas, requirement_ids) select k.key, k.category, k.kind, k.focus_areas, k.requirement_ids
    from keyed k where not exists (select from register_facet_set f where f.key = k.key) on conflict do nothing`);
  send(sql`
    with ${keyed}, numbered as materialized (select k.place, f.id from keyed k join register_facet_set f using (key))
    insert into register_entry (agreement_id, number, title_da, category, starts_on, ends_on, supplier_ids, title_lexemes, facet_set_id)
    select x.agreement_id, x.number, x.title_da, x.category, x.starts_on, x.ends_on, array(select s.id from supplier s where s.cvr = any (x.cvrs)), x.title_lexemes, n.id
    from ${asColumns(entered, { agreement_id: 'uuid', number: 'text', title_da: 'text', category: 'text', starts_on: 'date', ends_on: 'date', cvrs: 'text[]', title_lexemes: 'tsvector', place: 'integer' })}
    join numbered n using (place)
    on conflict (agreement_id) do update set number = excluded.number, title_da = excluded.title_da, category = excluded.category, starts_on = excluded.starts_on, ends_on = excluded.ends_on,
      supplier_ids = excluded.supplier_ids, title_lexemes = excluded.title_lexemes, facet_set_id = excluded.facet_set_id`);
  const texts = rows.map(({ columns, text }) => ({ agreement_id: columns.agreement_id, lexemes: text }));
  send(sql`
    insert into register_text (agreement_id, lexemes) select x.agreement_id, x.lexemes from ${asColumns(texts, { agreement_id: 'uuid', lexemes: 'tsvector' })}
    on conflict (agreement_id) do update set lexemes = excluded.lexemes`);
  if (newWords.length > 0) send(sql`insert into register_word (word) select w from unnest(${newWords}::text[]) as w on conflict do nothing`);
}

const keptIn = new WeakMap<Tx, Set<string>>();

/** Those to be kept in `register_word` that were not in the same transaction before. */
function newWordsOf(tx: Tx, words: ReadonlySet<string>): string[] {
  const before = keptIn.get(tx) ?? new Set();
  keptIn.set(tx, before);
  const fresh = [...words].filter((word) => !before.has(word));
  for (const word of fresh) before.add(word);
  return [...new Set(fresh.map(folded))].filter(isKept).sort();
}
