-- What becomes of files: which bytes the store holds and when they were last read back, how long each kind of
-- document is kept, and what was erased.

-- Bytes that the store holds, or held. A row is there before the bytes are, and stays when they have been removed.
create table held_file (
  sha256 text primary key check (sha256 ~ '^[0-9a-f]{64}$'),
  -- Null until the store has told.
  size_bytes bigint check (size_bytes >= 0),
  -- When they were last brought, or found in the store without a row.
  kept_at timestamptz not null,
  -- When they were last read to the end and found to be what they should be.
  verified_at timestamptz,
  -- When it was first seen that no row refers to them.
  unreferenced_since timestamptz,
  -- missing: a row refers to them and the store has none; damaged: they are not what their checksum says
  fault text check (fault in ('missing', 'damaged')),
  fault_at timestamptz,
  removed_at timestamptz,
  -- How often they have been removed.
  removals integer not null default 0,
  check ((fault is null) = (fault_at is null)),
  check (removed_at is null or fault is null)
);
create index held_file_reading on held_file (coalesce(verified_at, kept_at)) where removed_at is null;
create index held_file_unreferenced on held_file (unreferenced_since) where unreferenced_since is not null and removed_at is null;
create index held_file_fault on held_file (fault_at) where fault is not null;

-- What a nightly look at the store found.
create table store_check (
  id bigint generated always as identity primary key,
  started_at timestamptz not null,
  finished_at timestamptz not null,
  -- Contents that rows refer to, and those of them that the store has with the same size.
  referred integer not null,
  matched integer not null,
  missing integer not null,
  damaged integer not null,
  -- What the store holds, and what of it no row refers to.
  held integer not null,
  held_bytes bigint not null,
  unreferenced integer not null,
  unreferenced_bytes bigint not null,
  -- Read to the end that night, and removed.
  reread integer not null,
  removed integer not null
);

alter table document add column erased_at timestamptz;
alter table evidence_version add column erased_at timestamptz;
-- What was answered has been emptied, or there was nothing to empty; its files are gone.
alter table submission add column erased_at timestamptz;

create index upload_content on upload (sha256) where sha256 is not null;
create index notice_content on notice (sha256);

-- Every row that needs bytes in the store. A new table with a SHA-256 belongs in here (a test looks).
create view file_reference with (security_invoker) as
  select sha256, size_bytes from document where erased_at is null
  union all select sha256, size_bytes from evidence_version where erased_at is null
  union all select sha256, size_bytes from upload where sha256 is not null
  union all select sha256, null from notice;

insert into held_file (sha256, size_bytes, kept_at)
  select sha256, max(size_bytes), now() from (select sha256, size_bytes from stored_file union all select sha256, size_bytes from file_reference) r group by sha256;

-- Before bytes are kept: from now on they are on their way, and nobody removes them for the time of grace. Returns how often
-- they had been removed when they are not in the store, for whoever has kept them to say that they are there again.
create function claim_bytes(new_sha256 text, new_size bigint, at timestamptz) returns integer
  language sql security definer set search_path = pg_catalog, public, pg_temp as $$
  insert into held_file (sha256, size_bytes, kept_at) values (new_sha256, new_size, at)
  on conflict (sha256) do update set size_bytes = excluded.size_bytes, kept_at = greatest(held_file.kept_at, excluded.kept_at)
  returning case when removed_at is not null then removals end
$$;

-- Says that bytes which had been removed are back. False when they have been removed once more since they were claimed.
create function bytes_are_back(of_sha256 text, after_removals integer) returns boolean
  language sql security definer set search_path = pg_catalog, public, pg_temp as $$
  with back as (update held_file set removed_at = null where sha256 = of_sha256 and removals = after_removals returning 1)
  select exists (select from back)
$$;

-- A row that refers to bytes holds them until it is committed, and is refused when they have been removed: whoever
-- removes takes the same row for itself and looks for references afterwards. So no reference dangles, whoever is first.
create function hold_bytes() returns trigger
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  gone timestamptz;
begin
  insert into held_file (sha256, kept_at) values (new.sha256, now()) on conflict (sha256) do nothing;
  select removed_at into gone from held_file where sha256 = new.sha256 for key share;
  if gone is not null then
    raise exception 'the bytes of % were removed at %', new.sha256, gone using errcode = 'PF001';
  end if;
  return new;
end
$$;

alter table held_file enable row level security;
alter table held_file force row level security;
create policy worker_keeps on held_file for all to portal_worker using (true) with check (true);
create policy staff_reads on held_file for select to portal_web using ((select acting_reader()));
grant select on held_file to portal_web;
grant select, insert, update on held_file to portal_worker;
alter table store_check enable row level security;
alter table store_check force row level security;
create policy worker_tells on store_check for all to portal_worker using (true) with check (true);
create policy staff_reads on store_check for select to portal_web using ((select acting_reader()));
grant select on store_check to portal_web;
grant select, insert on store_check to portal_worker;
grant select on file_reference to portal_worker;
grant select on notice to portal_worker;

grant create on schema public to portal_worker;
alter function claim_bytes(text, bigint, timestamptz) owner to portal_worker;
alter function bytes_are_back(text, integer) owner to portal_worker;
alter function hold_bytes() owner to portal_worker;
revoke all on function claim_bytes(text, bigint, timestamptz), bytes_are_back(text, integer) from public;
grant execute on function claim_bytes(text, bigint, timestamptz), bytes_are_back(text, integer) to portal_web, portal_worker;
-- Commands run as the role that migrates.
do $$
begin
  execute format('grant execute on function claim_bytes(text, bigint, timestamptz), bytes_are_back(text, integer) to %I', current_user);
end
$$;

create trigger holds_bytes before insert or update of sha256 on document for each row execute function hold_bytes();
create trigger holds_bytes before insert or update of sha256 on evidence_version for each row execute function hold_bytes();
create trigger holds_bytes before insert or update of sha256 on notice for each row execute function hold_bytes();
create trigger holds_bytes before insert or update of sha256 on upload for each row when (new.sha256 is not null) execute function hold_bytes();
create trigger holds_bytes before insert or update of erased_at on stored_file for each row when (new.erased_at is null) execute function hold_bytes();

-- Something that law, a dispute or an audit demands: nothing of an agreement or of a supplier is erased meanwhile.
create table legal_hold (
  id uuid primary key default gen_random_uuid(),
  agreement_id uuid references agreement,
  supplier_id uuid references supplier,
  reason text not null check (length(reason) between 1 and 1000),
  set_at timestamptz not null,
  set_by uuid not null references account,
  set_by_name text not null,
  lifted_at timestamptz,
  lifted_by uuid references account,
  lifted_by_name text,
  lifted_reason text check (length(lifted_reason) between 1 and 1000),
  check (num_nonnulls(agreement_id, supplier_id) = 1),
  check (num_nonnulls(lifted_at, lifted_by, lifted_by_name, lifted_reason) in (0, 4))
);
create unique index legal_hold_agreement on legal_hold (agreement_id) where lifted_at is null;
create unique index legal_hold_supplier on legal_hold (supplier_id) where lifted_at is null;
alter table legal_hold enable row level security;
alter table legal_hold force row level security;
create policy staff_reads on legal_hold for select to portal_web using ((select acting_reader()));
create policy reviewer_holds on legal_hold for insert to portal_web with check ((select acting_reviewer()) and set_by = acting_account());
create policy reviewer_lifts on legal_hold for update to portal_web
  using ((select acting_reviewer()) and lifted_at is null) with check ((select acting_reviewer()) and lifted_by = acting_account());
create policy worker_reads on legal_hold for select to portal_worker using (true);
grant select, insert, update (lifted_at, lifted_by, lifted_by_name, lifted_reason) on legal_hold to portal_web;
grant select on legal_hold to portal_worker;

-- What was erased, by which rule, and the entry of the audit log that says so. Nothing of what it said.
create table erasure (
  id uuid primary key default gen_random_uuid(),
  -- The class in content/retention.yaml.
  class text not null,
  subject text not null check (subject in ('document', 'evidence', 'answers', 'draft', 'readings')),
  -- The document, evidence version, submission or obligation; null for readings.
  subject_id uuid,
  agreement_id uuid references agreement,
  supplier_id uuid references supplier,
  sha256 text check (sha256 ~ '^[0-9a-f]{64}$'),
  kind text,
  size_bytes bigint,
  -- How many readings.
  count integer,
  due_on date not null,
  erased_at timestamptz not null,
  audit_seq bigint not null references audit_entry,
  check (num_nonnulls(sha256, kind, size_bytes) = case when subject in ('document', 'evidence') then 3 else 0 end),
  check ((subject = 'readings') = (count is not null))
);
create index erasure_newest on erasure (erased_at desc, id);
create index erasure_content on erasure (sha256) where sha256 is not null;
alter table erasure enable row level security;
alter table erasure force row level security;
create policy staff_reads on erasure for select to portal_web using ((select acting_reader()));
create policy worker_erases on erasure for all to portal_worker using (true) with check (true);
grant select on erasure to portal_web;
grant select, insert on erasure to portal_worker;

-- The rules as the worker last read them, and since when: a change erases nothing until it has stood for a week.
create table retention_rules (
  id bigint generated always as identity primary key,
  rules jsonb not null,
  since timestamptz not null
);
alter table retention_rules enable row level security;
alter table retention_rules force row level security;
create policy staff_reads on retention_rules for select to portal_web using ((select acting_reader()));
create policy worker_notes on retention_rules for all to portal_worker using (true) with check (true);
grant select on retention_rules to portal_web;
grant select, insert on retention_rules to portal_worker;

-- Everything that has a time to go, by the rules of content/retention.yaml:
--   [{"class", "covers": filed | drafts | library | readings, "types": [...] or null, "after", "months", "answers"}]
-- waits: why it does not go on its day. hold: somebody has put a hold on it; case: it has not been decided yet.
-- due_on is the first day on which it is erased, in Denmark.
create function retention_items(rules jsonb)
  returns table (class text, covers text, subject_id uuid, agreement_id uuid, supplier_id uuid, due_on date, waits text)
  language sql stable as $$
  with rule as materialized (
    select * from jsonb_to_recordset(rules) as r (class text, covers text, types text[], after text, months integer, answers text)
  ), holds as materialized (
    select h.agreement_id, h.supplier_id from legal_hold h where h.lifted_at is null
  ), filed as (
    select r.class, s.id as subject_id, o.agreement_id, s.supplier_id,
      (case r.after
        when 'filing' then (s.submitted_at at time zone 'Europe/Copenhagen')::date
        else greatest(a.ends_on, (select max(p.extends_to) from agreement_option p where p.agreement_id = a.id))
      end + make_interval(months => r.months))::date as due_on,
      case when exists (select from holds h where h.agreement_id = o.agreement_id or h.supplier_id = s.supplier_id) then 'hold'
           when o.state in ('submitted', 'under_review') then 'case' end as waits
    from submission s
      join obligation o on o.id = s.obligation_id
      join agreement a on a.id = o.agreement_id
      join lateral (select * from rule where rule.covers = 'filed' and (rule.types is null or o.type = any (rule.types)) order by rule.types is null limit 1) r on true
    where s.erased_at is null
      and (r.answers = 'erase' or exists (select from document d where d.submission_id = s.id and d.erased_at is null))
  )
  select f.class, 'filed', f.subject_id, f.agreement_id, f.supplier_id, f.due_on, f.waits from filed f
  union all
  select r.class, 'drafts', o.id, o.agreement_id, o.supplier_id,
    (greatest(o.due_on, (touched.at at time zone 'Europe/Copenhagen')::date) + make_interval(months => r.months))::date,
    case when exists (select from holds h where h.agreement_id = o.agreement_id or h.supplier_id = o.supplier_id) then 'hold' end
  from (
      select obligation_id, max(at) as at
      from (select d.obligation_id, d.saved_at as at from draft d
            union all select f.obligation_id, f.stored_at from document f where f.submission_id is null and f.erased_at is null) unfiled
      group by obligation_id) touched
    join obligation o on o.id = touched.obligation_id
    join lateral (select * from rule where rule.covers = 'drafts' and (rule.types is null or o.type = any (rule.types)) order by rule.types is null limit 1) r on true
  union all
  select r.class, 'library', v.id, null, v.supplier_id,
    greatest((least(v.valid_to, (e.withdrawn_at at time zone 'Europe/Copenhagen')::date) + make_interval(months => r.months))::date, used.due_on),
    case when exists (select from holds h where h.supplier_id = v.supplier_id) then 'hold' else used.waits end
  from evidence_version v
    join evidence e on e.id = v.evidence_id
    join lateral (select * from rule where rule.covers = 'library' and (rule.types is null or e.type = any (rule.types)) order by rule.types is null limit 1) r on true
    -- A certificate that has been filed stays as long as what it was filed with.
    cross join lateral (
      select max(f.due_on) as due_on, max(f.waits) as waits
      from document d join filed f on f.subject_id = d.submission_id
      where d.evidence_version_id = v.id and d.erased_at is null) used
  where v.erased_at is null and (v.valid_to is not null or e.withdrawn_at is not null)
  union all
  select r.class, 'readings', x.id, o.agreement_id, x.supplier_id,
    ((x.at at time zone 'Europe/Copenhagen')::date + make_interval(months => r.months))::date,
    case when exists (select from holds h where h.agreement_id = o.agreement_id or h.supplier_id = x.supplier_id) then 'hold' end
  from document_read x
    join document d on d.id = x.document_id
    join obligation o on o.id = d.obligation_id
    join rule r on r.covers = 'readings'
$$;

-- The same for staff who read cases: drafts are the supplier's own, but that there is one, and when it goes, is no secret.
create function retention_plan(rules jsonb)
  returns table (class text, covers text, subject_id uuid, agreement_id uuid, supplier_id uuid, due_on date, waits text)
  language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  select * from retention_items(rules) where acting_reader()
$$;
alter function retention_plan(jsonb) owner to portal_worker;
revoke create on schema public from portal_worker;
revoke all on function retention_plan(jsonb) from public;
grant execute on function retention_plan(jsonb) to portal_web;
revoke all on function retention_items(jsonb) from public;
grant execute on function retention_items(jsonb) to portal_worker;

-- Nobody files an obligation while its draft is erased: the lock that filing takes as well. Its owner may see and lock
-- every obligation, and change none.
do $$
begin
  if not exists (select from pg_roles where rolname = 'portal_keeper') then
    create role portal_keeper nologin;
  end if;
  execute format('grant portal_keeper to %I', current_user);
end
$$;
grant usage, create on schema public to portal_keeper;
grant select (id), update (id) on obligation to portal_keeper;
create policy keeper_sees on obligation for select to portal_keeper using (true);
create policy keeper_locks on obligation for update to portal_keeper using (true) with check (false);
create function lock_obligation(obligation_id uuid) returns void
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
  perform from obligation o where o.id = obligation_id for update;
end
$$;
alter function lock_obligation(uuid) owner to portal_keeper;
revoke create on schema public from portal_keeper;
revoke all on function lock_obligation(uuid) from public;
grant execute on function lock_obligation(uuid) to portal_worker;

-- What the worker may see and erase.
do $$
declare
  tab text;
begin
  foreach tab in array array['submission', 'document', 'draft', 'evidence', 'evidence_version', 'document_read'] loop
    execute format('create policy clock_sees on %I for select to portal_worker using (true)', tab);
  end loop;
  foreach tab in array array['draft', 'document', 'document_read'] loop
    execute format('create policy clock_erases on %I for delete to portal_worker using (true)', tab);
  end loop;
end
$$;
create policy clock_sees on obligation for select to portal_worker using (true);
create policy clock_empties on submission for update to portal_worker using (true) with check (answers = '{}' or erased_at is not null);
create policy clock_empties on document for update to portal_worker using (true) with check (erased_at is not null);
create policy clock_empties on evidence_version for update to portal_worker using (true) with check (erased_at is not null);
grant select (id, obligation_id, supplier_id, number, submitted_at, erased_at), update (answers, erased_at) on submission to portal_worker;
grant select, update (name, erased_at), delete on document to portal_worker;
grant select (obligation_id, saved_at), delete on draft to portal_worker;
grant select on evidence to portal_worker;
grant select (id, evidence_id, supplier_id, number, kind, size_bytes, sha256, valid_to, stored_at, erased_at), update (name, answers, erased_at) on evidence_version to portal_worker;
grant select, delete on document_read to portal_worker;
grant select (id, agreement_id, supplier_id, requirement_id, type, period, due_on) on obligation to portal_worker;
grant select on agreement_option, account_role to portal_worker;
