-- What a supplier owes under an agreement, once for each time it falls due. Overdue is computed from due_on, never stored.
create table obligation (
  id uuid primary key default gen_random_uuid(),
  agreement_id uuid not null,
  supplier_id uuid not null,
  requirement_id text not null,
  type text not null,
  period text,
  opens_on date not null,
  due_on date not null,
  state text not null check (state in ('planned', 'open', 'submitted', 'under_review', 'accepted', 'returned', 'rejected', 'waived')),
  decided_at timestamptz,
  shown_publicly boolean not null,
  is_example boolean not null default false,
  foreign key (agreement_id, supplier_id) references agreement_supplier,
  unique (id, supplier_id),
  unique nulls not distinct (agreement_id, supplier_id, requirement_id, type, period)
);
create index obligation_supplier on obligation (supplier_id, due_on);
create index obligation_agreement on obligation (agreement_id);
create index obligation_queue on obligation (due_on) where state in ('submitted', 'under_review');

-- What has been typed but not filed. version tells two tabs apart.
create table draft (
  obligation_id uuid primary key,
  supplier_id uuid not null,
  answers jsonb not null,
  version integer not null,
  saved_at timestamptz not null,
  saved_by uuid not null references account,
  foreign key (obligation_id, supplier_id) references obligation (id, supplier_id)
);

create table submission (
  id uuid primary key default gen_random_uuid(),
  obligation_id uuid not null,
  supplier_id uuid not null,
  number integer not null check (number > 0),
  answers jsonb not null,
  submitted_by uuid not null references account,
  submitted_by_name text not null,
  submitted_at timestamptz not null,
  receipt_number text not null unique,
  form_key uuid not null,
  foreign key (obligation_id, supplier_id) references obligation (id, supplier_id),
  unique (id, supplier_id),
  unique (obligation_id, number),
  unique (obligation_id, form_key)
);
create sequence receipt_number_seq;

-- A file. Its bytes lie in the file store under their SHA-256; submission_id is null until it is filed.
create table document (
  id uuid primary key default gen_random_uuid(),
  obligation_id uuid not null,
  supplier_id uuid not null,
  submission_id uuid,
  name text not null check (length(name) between 1 and 200),
  kind text not null,
  size_bytes bigint not null check (size_bytes > 0),
  sha256 text not null check (sha256 ~ '^[0-9a-f]{64}$'),
  scan text not null default 'not_scanned' check (scan in ('not_scanned', 'clean', 'infected')),
  stored_at timestamptz not null,
  stored_by uuid not null references account,
  foreign key (obligation_id, supplier_id) references obligation (id, supplier_id),
  foreign key (submission_id, supplier_id) references submission (id, supplier_id)
);
create index document_obligation on document (obligation_id);
create index document_submission on document (submission_id);
-- The same bytes under the same name attached twice to one draft is a repeated request, not a second file.
create unique index document_once_per_draft on document (obligation_id, sha256, name) where submission_id is null;

create table review (
  submission_id uuid primary key,
  obligation_id uuid not null,
  supplier_id uuid not null,
  decision text not null check (decision in ('accepted', 'returned')),
  reason text not null check (decision <> 'returned' or length(reason) > 0),
  new_due_on date,
  decided_by uuid not null references account,
  decided_by_name text not null,
  decided_at timestamptz not null,
  foreign key (submission_id, supplier_id) references submission (id, supplier_id),
  foreign key (obligation_id, supplier_id) references obligation (id, supplier_id)
);
create index review_obligation on review (obligation_id);

-- Row-level security: a supplier's rows are for its members and for the staff who follow contracts up.
-- Without an acting account the lists are empty, so a forgotten condition shows nothing.
do $$
declare
  tab text;
begin
  foreach tab in array array['obligation', 'draft', 'submission', 'document', 'review'] loop
    execute format('alter table %I enable row level security', tab);
    execute format('alter table %I force row level security', tab);
    execute format('create policy own_rows on %I for select to portal_web using (supplier_id = any ((select acting_suppliers())::uuid[]))', tab);
    if tab <> 'draft' then
      execute format('create policy staff_reads on %I for select to portal_web using ((select acting_reader()))', tab);
    end if;
  end loop;
end
$$;
create policy supplier_files on obligation for update to portal_web
  using (supplier_id = any ((select acting_suppliers())::uuid[]))
  with check (supplier_id = any ((select acting_suppliers())::uuid[]) and state = 'submitted');
create policy staff_decides on obligation for update to portal_web
  using ((select acting_reviewer())) with check ((select acting_reviewer()));
create policy staff_asks on obligation for insert to portal_web with check ((select acting_reviewer()));
create policy clock_opens on obligation for all to portal_worker using (state in ('planned', 'open')) with check (state = 'open');
create policy supplier_drafts on draft for all to portal_web
  using (supplier_id = any ((select acting_suppliers())::uuid[]))
  with check (supplier_id = any ((select acting_suppliers())::uuid[]));
create policy supplier_submits on submission for insert to portal_web with check (supplier_id = any ((select acting_suppliers())::uuid[]));
create policy supplier_attaches on document for insert to portal_web
  with check (supplier_id = any ((select acting_suppliers())::uuid[]) and submission_id is null);
create policy supplier_files_document on document for update to portal_web
  using (supplier_id = any ((select acting_suppliers())::uuid[]) and submission_id is null)
  with check (supplier_id = any ((select acting_suppliers())::uuid[]));
create policy supplier_removes on document for delete to portal_web
  using (supplier_id = any ((select acting_suppliers())::uuid[]) and submission_id is null);
create policy staff_reviews on review for insert to portal_web with check ((select acting_reviewer()));

grant select, insert on obligation, submission, document, review to portal_web;
grant update (state, due_on, decided_at) on obligation to portal_web;
grant select, insert, update, delete on draft to portal_web;
grant update (submission_id) on document to portal_web;
grant delete on document to portal_web;
grant usage on sequence receipt_number_seq to portal_web;
grant select (id, state, opens_on), update (state) on obligation to portal_worker;

-- What everyone may know about the follow-up of an agreement: that something was asked, by when, and whether it is in place.
-- Never what was answered, never a file, never a person.
grant select (agreement_id, supplier_id, requirement_id, type, period, state, due_on, decided_at, shown_publicly) on obligation to portal_window;
create policy public_standing on obligation for select to portal_window using (shown_publicly and state <> 'waived');

create function public_standing(for_agreement uuid default null, for_requirement text default null)
  returns table (agreement_id uuid, supplier_id uuid, requirement_id text, type text, period text, state text, due_on date, decided_at timestamptz)
  language sql stable security definer set search_path = pg_catalog, public as $$
  select o.agreement_id, o.supplier_id, o.requirement_id, o.type, o.period, o.state, o.due_on, o.decided_at
  from obligation o
  where (for_agreement is null or o.agreement_id = for_agreement)
    and (for_requirement is null or o.requirement_id = for_requirement)
  order by o.due_on, o.type
$$;
alter function public_standing(uuid, text) owner to portal_window;
revoke all on function public_standing(uuid, text) from public;
grant execute on function public_standing(uuid, text) to portal_web;
revoke create on schema public from portal_window;
