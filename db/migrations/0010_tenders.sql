-- Tenders as they come: from notices (eForms) or typed, every publication kept. Where a tender stands follows from its dates.
drop table tender;

-- Every notice as it was received; the same version of the same notice is one row.
create table notice (
  -- BT-701 and BT-757.
  id text not null,
  version text not null,
  -- BT-04; planning notices have none, and stand for themselves.
  procedure_id text,
  subtype text not null,
  kind text not null,
  buyer_cvrs text[] not null,
  title text not null,
  -- OPP-010, where it has been published in the EU's gazette.
  publication_number text,
  dispatched_on date not null,
  content jsonb not null,
  -- The file itself, in the store.
  sha256 text not null,
  file_name text not null,
  received_at timestamptz not null,
  received_by uuid references account,
  received_by_name text not null,
  tender_id text,
  primary key (id, version)
);
create index notice_procedure on notice (procedure_id);
create index notice_publication on notice (publication_number);
create index notice_tender on notice (tender_id);
create index notice_received on notice (received_at desc, id);

create table tender (
  id text primary key check (id ~ '^[a-z0-9]+(-[a-z0-9]+)*$'),
  procedure_id text unique,
  version integer not null,
  content jsonb not null,
  title_da text not null collate danish,
  title_en text not null,
  summary_da text not null,
  summary_en text not null,
  procedure text not null check (procedure in ('open', 'restricted', 'negotiated', 'below-threshold', 'direct', 'joint', 'not-stated')),
  kind_of_contract text not null check (kind_of_contract in ('supplies', 'services', 'works')),
  cpv_main text not null check (cpv_main ~ '^[0-9]{8}$'),
  category text,
  nuts text[] not null,
  marks text[] not null,
  is_reserved boolean not null,
  -- In kroner only; amounts in other currencies are in content.
  value_ore bigint check (value_ore >= 0),
  closes_at timestamptz,
  questions_until timestamptz,
  expected_quarter text check (expected_quarter ~ '^[0-9]{4}-Q[1-4]$'),
  published_on date,
  is_cancelled boolean not null,
  awarded_on date,
  ends_on date,
  replaces_number text,
  requirement_ids text[] not null,
  submit_url text,
  is_example boolean not null default false,
  updated_at timestamptz not null,
  lexemes tsvector not null
);
create index tender_closes on tender (closes_at, id);
create index tender_awarded on tender (awarded_on desc, id) where awarded_on is not null;
create index tender_lexemes on tender using gin (lexemes);
create index tender_replaces on tender (replaces_number) where replaces_number is not null;

create table tender_version (
  id bigint generated always as identity primary key,
  tender_id text not null references tender,
  number integer not null,
  content jsonb not null,
  -- Fields that differ from the version before.
  changes jsonb not null,
  reason text not null check (reason in ('planned', 'opened', 'changed', 'cancelled', 'awarded')),
  note text not null default '',
  published_at timestamptz not null,
  published_by uuid references account,
  unique (tender_id, number)
);

-- What staff are working on. revision tells two people apart.
create table tender_draft (
  id text primary key,
  content jsonb not null,
  revision integer not null,
  saved_at timestamptz not null,
  saved_by uuid not null references account,
  saved_by_name text not null
);

do $$
declare
  tab text;
begin
  foreach tab in array array['tender', 'tender_version'] loop
    execute format('alter table %I enable row level security', tab);
    execute format('create policy everyone_reads on %I for select using (true)', tab);
    execute format('create policy keeper_writes on %I for all to portal_web using ((select acting_register_keeper())) with check ((select acting_register_keeper()))', tab);
    execute format('create policy worker_writes on %I for all to portal_worker using (true) with check (true)', tab);
    execute format('grant select, insert, update, delete on %I to portal_web', tab);
    execute format('grant select, insert, update on %I to portal_worker', tab);
  end loop;
  -- What is withheld in a notice is not for everyone.
  foreach tab in array array['notice', 'tender_draft'] loop
    execute format('alter table %I enable row level security', tab);
    execute format('create policy keepers_only on %I for all to portal_web using ((select acting_register_keeper())) with check ((select acting_register_keeper()))', tab);
    execute format('create policy worker_reads on %I for all to portal_worker using (true) with check (true)', tab);
    execute format('grant select, insert, update, delete on %I to portal_web', tab);
    execute format('grant select, update on %I to portal_worker', tab);
  end loop;
end
$$;
revoke delete, update on tender_version from portal_web;
revoke update on tender_version from portal_worker;
