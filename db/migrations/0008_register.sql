-- The register: agreements as municipalities have them, every publication kept, and what the list searches and counts.
-- pg_trgm finds words that are nearly spelt; the collation sorts æ, ø, å and aa as Danish does.
create extension if not exists pg_trgm;
create collation danish (provider = icu, locale = 'da');

alter table agreement
  add column nuts text check (nuts ~ '^DK[0-9A-Z]{0,3}$'),
  add column value_band text check (value_band in ('under-threshold', 'over-threshold', 'over-10-million')),
  add column price_list_url text,
  add column contact_team_da text,
  add column contact_team_en text,
  add column contact_email text,
  add column predecessor text,
  -- Names of content/categories, computed from the CPV codes when it is published.
  add column category text,
  add column published_at timestamptz not null default now(),
  -- Taken off the site; what suppliers filed under it stays.
  add column withdrawn_at timestamptz;
-- A list that is brought in may not say how the agreement was made, or for which codes.
alter table agreement drop constraint agreement_procedure_check;
alter table agreement add constraint agreement_procedure_check check (procedure in ('open', 'restricted', 'negotiated', 'below-threshold', 'direct', 'joint', 'not-stated'));
alter table agreement alter column cpv_main drop not null;
create index agreement_predecessor on agreement (predecessor) where predecessor is not null;

alter table agreement_option add column used boolean not null default false;
update agreement_option set used = used_at is not null;
alter table agreement_option drop column used_at;

-- A consortium is several suppliers with one name and one place in the order.
alter table agreement_supplier add column consortium text;

create table agreement_lot (
  agreement_id uuid not null references agreement on delete cascade,
  number text not null,
  title_da text not null,
  title_en text not null,
  primary key (agreement_id, number)
);
create table agreement_lot_supplier (
  agreement_id uuid not null,
  lot_number text not null,
  supplier_id uuid not null,
  call_off_order integer not null check (call_off_order > 0),
  primary key (agreement_id, lot_number, supplier_id),
  foreign key (agreement_id, lot_number) references agreement_lot on delete cascade,
  foreign key (agreement_id, supplier_id) references agreement_supplier on delete cascade
);
create index agreement_lot_supplier_supplier on agreement_lot_supplier (agreement_id, supplier_id);

create table agreement_notice (
  agreement_id uuid not null references agreement on delete cascade,
  system text not null check (system in ('ted', 'udbud.dk', 'other')),
  reference text not null,
  url text,
  primary key (agreement_id, system, reference)
);

-- A document is public and has an address, or is withheld: then its title, the legal ground and when that is looked at again are shown.
create table agreement_document (
  agreement_id uuid not null references agreement on delete cascade,
  place integer not null,
  title_da text not null,
  title_en text not null,
  url text,
  withheld_ground text,
  withheld_reason_da text,
  withheld_reason_en text,
  review_on date,
  primary key (agreement_id, place),
  check ((url is null) <> (withheld_ground is null)),
  check (withheld_ground is null or (withheld_reason_da is not null and review_on is not null))
);

-- Changes of a running contract with their legal ground (udbudsloven §§ 178-184).
create table agreement_change (
  agreement_id uuid not null references agreement on delete cascade,
  place integer not null,
  changed_on date not null,
  legal_ground text not null,
  text_da text not null,
  text_en text not null,
  primary key (agreement_id, place)
);

-- Every publication as it was. xid orders them by when they could first be seen, so that a reader who goes on from a
-- cursor misses none that was committed late.
create table agreement_version (
  id bigint generated always as identity primary key,
  agreement_id uuid not null references agreement,
  number integer not null,
  event text not null check (event in ('published', 'changed', 'withdrawn')),
  content jsonb not null,
  note text not null default '',
  published_at timestamptz not null,
  published_by uuid references account,
  xid xid8 not null default pg_current_xact_id(),
  unique (agreement_id, number)
);
create index agreement_version_feed on agreement_version (xid, id);

-- What staff are working on. revision tells two people apart.
create table agreement_draft (
  number text primary key,
  content jsonb not null,
  revision integer not null,
  saved_at timestamptz not null,
  saved_by uuid not null references account,
  saved_by_name text not null
);

-- One row per agreement on the site: all that the list searches, filters, sorts and counts.
create table register_entry (
  agreement_id uuid primary key references agreement on delete cascade,
  number text not null,
  title_da text not null collate danish,
  title_en text not null,
  category text,
  kind text not null,
  starts_on date not null,
  ends_on date not null,
  supplier_ids uuid[] not null,
  requirement_ids text[] not null,
  focus_areas text[] not null,
  asked integer not null default 0,
  documented integer not null default 0,
  -- The title in any form, and everyday words; then the title with everything else that can be read about it.
  title_lexemes tsvector not null,
  body_lexemes tsvector not null
);
-- The list is counted by reading all of it: what only the search of full texts needs lies elsewhere, so that rows are short.
alter table register_entry
  alter column body_lexemes set storage external,
  alter column title_lexemes set storage main,
  alter column number set storage main,
  alter column title_da set storage main,
  alter column title_en set storage main,
  alter column category set storage main,
  alter column kind set storage main,
  alter column supplier_ids set storage main,
  alter column requirement_ids set storage main,
  alter column focus_areas set storage main;
alter table register_entry set (toast_tuple_target = 512);
create index register_entry_title on register_entry (title_da, agreement_id);
create index register_entry_ends on register_entry (ends_on, agreement_id);
create index register_entry_number on register_entry (number, agreement_id);
create index register_entry_category on register_entry (category, ends_on, agreement_id);
create index register_entry_kind on register_entry (kind, ends_on, agreement_id);
create index register_entry_suppliers on register_entry using gin (supplier_ids);
create index register_entry_requirements on register_entry using gin (requirement_ids);
create index register_entry_title_lexemes on register_entry using gin (title_lexemes);
create index register_entry_body_lexemes on register_entry using gin (body_lexemes);

-- Words that stand in the register, to find the one that was nearly spelt.
create table register_word (word text primary key);
create index register_word_trigrams on register_word using gin (word gin_trgm_ops);

-- Lists that were brought in, so that a whole import can be undone.
create table agreement_import (
  id uuid primary key,
  number bigint generated always as identity,
  file_name text not null,
  imported_at timestamptz not null,
  imported_by uuid references account,
  imported_by_name text not null,
  created integer not null,
  changed integer not null,
  unchanged integer not null,
  undone_at timestamptz
);
create table agreement_import_row (
  import_id uuid not null references agreement_import on delete cascade,
  agreement_number text not null,
  -- As it was published before; null when the import made it.
  before jsonb,
  -- The version that the import made: what has been changed since is not undone.
  version integer not null,
  primary key (import_id, agreement_number)
);
-- How the columns of a list were read last time, by the names that its header has.
create table import_mapping (
  header text primary key,
  mapping jsonb not null,
  used_at timestamptz not null
);

-- The public standing of the agreement follows its obligations in the same transaction.
create function count_standing() returns trigger
  language plpgsql security definer set search_path = pg_catalog, public as $$
declare
  agreement uuid := coalesce(new.agreement_id, old.agreement_id);
begin
  update register_entry e set asked = s.asked, documented = s.documented
  from (select count(*) as asked, count(*) filter (where o.state = 'accepted') as documented from obligation o where o.agreement_id = agreement) s
  where e.agreement_id = agreement and (e.asked, e.documented) is distinct from (s.asked, s.documented);
  return null;
end
$$;
grant create on schema public to portal_window;
alter function count_standing() owner to portal_window;
revoke create on schema public from portal_window;
grant select (agreement_id, asked, documented), update (asked, documented) on register_entry to portal_window;
create trigger obligation_standing after insert or delete or update of state, shown_publicly on obligation for each row execute function count_standing();

-- Staff who keep the register: they alone write it, whatever the application believes.
create function acting_register_keeper() returns boolean
  language sql stable
  return exists (select from account_role r where r.account_id = acting_account() and r.role in ('contract_manager', 'publisher', 'case_officer'));

do $$
declare
  tab text;
begin
  foreach tab in array array['agreement', 'agreement_option', 'agreement_supplier', 'agreement_requirement', 'agreement_lot', 'agreement_lot_supplier', 'agreement_notice',
    'agreement_document', 'agreement_change', 'agreement_version', 'register_entry', 'register_word', 'supplier'] loop
    execute format('alter table %I enable row level security', tab);
    execute format('create policy everyone_reads on %I for select using (true)', tab);
    execute format('create policy keeper_writes on %I for all to portal_web using ((select acting_register_keeper())) with check ((select acting_register_keeper()))', tab);
    execute format('grant select, insert, update, delete on %I to portal_web', tab);
  end loop;
  foreach tab in array array['agreement_draft', 'agreement_import', 'agreement_import_row', 'import_mapping'] loop
    execute format('alter table %I enable row level security', tab);
    execute format('create policy keepers_only on %I for all to portal_web using ((select acting_register_keeper())) with check ((select acting_register_keeper()))', tab);
    execute format('grant select, insert, update, delete on %I to portal_web', tab);
  end loop;
end
$$;
create policy window_counts on register_entry for update to portal_window using (true);
revoke delete, update on agreement_version from portal_web;
revoke delete on supplier, agreement from portal_web;
grant select on agreement_version, register_entry to portal_worker;

-- The common procurement vocabulary (Regulation 213/2008), brought in by `import cpv`; empty, no code is checked against it.
create table cpv_code (
  code text primary key check (code ~ '^[0-9]{8}$'),
  check_digit text not null,
  title_da text not null,
  title_en text not null
);
grant select on cpv_code to portal_web, portal_worker;
