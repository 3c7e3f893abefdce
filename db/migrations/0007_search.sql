-- What the search looks through: everything public, one row per page and language. Rebuilt whole in one transaction,
-- so that readers see the old rows until the new ones are there.
create function search_folded(words text) returns text
  language sql immutable parallel safe
  return replace(replace(replace(replace(lower(words), 'æ', 'ae'), 'ø', 'oe'), 'å', 'aa'), 'é', 'e');

create table search_entry (
  address text primary key,
  lang text not null check (lang in ('da', 'en')),
  kind text not null check (kind in ('strategy', 'requirement', 'agreement', 'supplier', 'tender', 'page')),
  title text not null,
  body text not null,
  -- Everyday words that should find the page though they do not stand on it.
  words text not null,
  lexemes tsvector not null generated always as (
    setweight(to_tsvector(case lang when 'da' then 'danish'::regconfig else 'english'::regconfig end, title), 'A')
    || setweight(to_tsvector(case lang when 'da' then 'danish'::regconfig else 'english'::regconfig end, words), 'B')
    || setweight(to_tsvector(case lang when 'da' then 'danish'::regconfig else 'english'::regconfig end, body), 'C')
    || setweight(to_tsvector('simple', search_folded(title)), 'A')
    || setweight(to_tsvector('simple', search_folded(words)), 'B')
    || setweight(to_tsvector('simple', search_folded(body)), 'D')
  ) stored
);
create index search_entry_lexemes on search_entry using gin (lexemes);

grant select on search_entry to portal_web;
grant select, insert, delete on search_entry to portal_worker;
grant select on agreement, agreement_supplier, supplier, tender to portal_worker;
