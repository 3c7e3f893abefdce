-- The list's filters look at four things that few different sets are made of: they are written once, and an agreement
-- names its set. What only the search of full texts reads stands by itself, so that rows of the list are short.
create table register_facet_set (
  id integer generated always as identity primary key,
  -- The four others, spelt in one way.
  key text not null unique,
  category text,
  kind text not null,
  focus_areas text[] not null,
  requirement_ids text[] not null
);

create table register_text (
  agreement_id uuid primary key references register_entry on delete cascade,
  -- The title in any form and everyday words, with everything else that can be read about the agreement.
  lexemes tsvector not null
);
alter table register_text alter column lexemes set storage external;

-- Every row is written anew, which takes its time in a large register; indexes are made again afterwards.
set local statement_timeout = 0;
drop index register_entry_body_lexemes, register_entry_title_lexemes, register_entry_suppliers, register_entry_requirements, register_entry_kind, register_entry_counted;
alter table register_entry add column facet_set_id integer references register_facet_set;
do $$
begin
  insert into register_facet_set (key, category, kind, focus_areas, requirement_ids)
  select distinct md5(row (category, kind, focus_areas, requirement_ids)::text), category, kind, focus_areas, requirement_ids from register_entry;
  update register_entry e set facet_set_id = f.id from register_facet_set f where f.key = md5(row (e.category, e.kind, e.focus_areas, e.requirement_ids)::text);
  insert into register_text (agreement_id, lexemes) select agreement_id, body_lexemes from register_entry;
  -- Forms are made of words without Danish letters from now on; those words stand there already, beside forms that nothing asks for any more.
  update register_entry set title_lexemes = title_lexemes || array_to_tsvector(array(
    select distinct form from unnest(title_lexemes) as u cross join lateral unnest(ts_lexize('danish_stem', search_folded(u.lexeme)) || ts_lexize('english_stem', search_folded(u.lexeme))) as f (form)));
  update register_text set lexemes = lexemes || array_to_tsvector(array(
    select distinct form from unnest(lexemes) as u cross join lateral unnest(ts_lexize('danish_stem', search_folded(u.lexeme)) || ts_lexize('english_stem', search_folded(u.lexeme))) as f (form)));
  -- Also words with digits in them, so that all that begins with a word is known here.
  insert into register_word (word)
  select word from ts_stat('select body_lexemes from register_entry') where word ~ '^[[:alpha:]][[:alnum:]]{3,199}$' and (word ~ '[0-9]' or length(word) > 40) on conflict do nothing;
end
$$;
alter table register_entry
  alter column facet_set_id set not null,
  drop column combination_id,
  drop column requirement_set_id,
  drop column kind,
  drop column focus_areas,
  drop column requirement_ids,
  drop column title_en,
  drop column body_lexemes,
  -- 0 nothing is asked for, 1 all of it is documented, 2 nothing is, 3 some of it.
  add column standing smallint not null generated always as (case when asked = 0 then 0 when documented = asked then 1 when documented = 0 then 2 else 3 end) stored;
drop table register_combination, register_requirement_set;
create index register_entry_counted on register_entry (facet_set_id, standing, starts_on, ends_on);
create index register_entry_title_lexemes on register_entry using gin (title_lexemes);
create index register_entry_suppliers on register_entry using gin (supplier_ids);
create index register_text_lexemes on register_text using gin (lexemes);
create index register_word_beginning on register_word (word text_pattern_ops);

-- The last transaction that changed the list, and those that ended beside it: never twice the same, so that counts can be
-- kept for as long as it says the same. No transaction waits for another here.
create table register_change (xid xid8 primary key);
create function note_register_change() returns trigger
  language plpgsql security definer set search_path = pg_catalog, public as $$
begin
  if tg_op <> 'TRUNCATE' then
    if not exists (select from changed) then return null; end if;
  end if;
  insert into register_change (xid) values (pg_current_xact_id()) on conflict do nothing;
  delete from register_change where xid in (select c.xid from register_change c where c.xid <> pg_current_xact_id() for update skip locked);
  return null;
end
$$;
create trigger register_inserted after insert on register_entry referencing new table as changed for each statement execute function note_register_change();
create trigger register_updated after update on register_entry referencing new table as changed for each statement execute function note_register_change();
create trigger register_deleted after delete on register_entry referencing old table as changed for each statement execute function note_register_change();
create trigger register_emptied after truncate on register_entry for each statement execute function note_register_change();

-- After many were entered at once: what waits to be sorted into the indexes of words is, so that no search reads all of it.
create function settle_register() returns void
  language sql security definer set search_path = pg_catalog, public as $$
  select gin_clean_pending_list('register_entry_title_lexemes'), gin_clean_pending_list('register_text_lexemes'), gin_clean_pending_list('register_entry_suppliers');
$$;
revoke execute on function settle_register() from public;
grant execute on function settle_register() to portal_web;

do $$
begin
  alter table register_facet_set enable row level security;
  create policy everyone_reads on register_facet_set for select using (true);
  create policy keeper_adds on register_facet_set for insert to portal_web with check ((select acting_register_keeper()));
  grant select, insert on register_facet_set to portal_web;
  alter table register_text enable row level security;
  create policy everyone_reads on register_text for select using (true);
  create policy keeper_writes on register_text for all to portal_web using ((select acting_register_keeper())) with check ((select acting_register_keeper()));
  grant select, insert, update, delete on register_text to portal_web;
  alter table register_change enable row level security;
  create policy everyone_reads on register_change for select using (true);
  grant select on register_change to portal_web;
  grant select on register_facet_set, register_text, register_change to portal_worker;
end
$$;
-- Not of empty tables: with the word of statistics that they are empty, references into them are looked up row by row for as long as a connection lasts.
do $$
begin
  if exists (select from register_entry) then
    analyze register_entry;
    analyze register_text;
  end if;
end
$$;
