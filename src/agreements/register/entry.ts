import { sql } from 'kysely';
import type { Tx } from '../../platform/db.ts';
import { type AgreementContent, allCpv, endOf } from '../content.ts';
import type { Catalogue } from '../publish.ts';

/** Writes what the list searches, filters and sorts by; also the words that a misspelt one is compared with. */
export async function enterIntoRegister(tx: Tx, rows: readonly { readonly id: string; readonly content: AgreementContent }[], catalogue: Catalogue): Promise<void> {
  const entries = rows.map(({ id, content }) => ({
    agreement_id: id,
    number: content.number,
    // 2024-031 is asked for as two words; PostgreSQL would read the second as a negative number.
    digits: content.number.replace(/[^\p{L}\p{N}]+/gu, ' '),
    title_da: content.title.da,
    title_en: content.title.en,
    category: catalogue.categoryOf(allCpv(content)),
    kind: content.kind,
    starts_on: content.startsOn,
    ends_on: endOf(content),
    cvrs: content.suppliers.map(({ cvr }) => cvr),
    requirement_ids: content.requirements,
    focus_areas: catalogue.focusAreasOf(content.requirements),
    words: catalogue.wordsFor(allCpv(content).slice(0, 1)),
    also: catalogue.wordsFor(allCpv(content)),
    body: [content.summary, content.coverage, content.ordering, content.notCovered]
      .map(({ da }) => da)
      .concat(
        content.suppliers.flatMap(({ name, cvr, consortium }) => [name, cvr, consortium]),
        content.lots.map(({ title }) => title.da),
        allCpv(content),
      )
      .join(' '),
    body_en: [content.summary, content.coverage, content.ordering, content.notCovered].map(({ en }) => en).join(' '),
  }));
  const list = sql`jsonb_to_recordset(${JSON.stringify(entries)}::jsonb) as x (agreement_id uuid, number text, digits text, title_da text, title_en text, category text, kind text, starts_on date, ends_on date,
    cvrs text[], requirement_ids text[], focus_areas text[], words text, also text, body text, body_en text)`;
  await sql`
    insert into register_entry (agreement_id, number, title_da, title_en, category, kind, starts_on, ends_on, supplier_ids, requirement_ids, focus_areas, title_lexemes, body_lexemes)
    select x.agreement_id, x.number, x.title_da, x.title_en, x.category, x.kind, x.starts_on, x.ends_on,
      array(select s.id from supplier s where s.cvr = any (x.cvrs)), x.requirement_ids, x.focus_areas,
      setweight(to_tsvector('danish', x.title_da), 'A') || setweight(to_tsvector('english', x.title_en), 'A') || setweight(to_tsvector('danish', x.words), 'B')
        || setweight(to_tsvector('simple', search_folded(x.title_da || ' ' || x.title_en)), 'A') || setweight(to_tsvector('simple', search_folded(x.words || ' ' || x.digits)), 'B'),
      setweight(to_tsvector('danish', x.title_da), 'A') || setweight(to_tsvector('english', x.title_en), 'A') || setweight(to_tsvector('simple', search_folded(x.title_da || ' ' || x.title_en || ' ' || x.digits)), 'A')
        || to_tsvector('danish', x.body || ' ' || x.also) || to_tsvector('english', x.body_en) || to_tsvector('simple', search_folded(x.body || ' ' || x.also || ' ' || x.body_en))
    from ${list}
    on conflict (agreement_id) do update set number = excluded.number, title_da = excluded.title_da, title_en = excluded.title_en, category = excluded.category, kind = excluded.kind,
      starts_on = excluded.starts_on, ends_on = excluded.ends_on, supplier_ids = excluded.supplier_ids, requirement_ids = excluded.requirement_ids, focus_areas = excluded.focus_areas,
      title_lexemes = excluded.title_lexemes, body_lexemes = excluded.body_lexemes`.execute(tx);
  // Every word of four letters or more, as it is typed without Danish letters.
  const words = new Set(entries.flatMap(({ title_da, title_en, also, body }) => `${title_da} ${title_en} ${also} ${body}`.toLowerCase().match(/\p{L}{4,40}/gu) ?? []));
  await sql`insert into register_word (word) select distinct search_folded(w) from unnest(${[...words].sort()}::text[]) as w on conflict do nothing`.execute(tx);
}
