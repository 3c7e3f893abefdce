-- What is known of the bytes of a file, once for each content and kind: whether anybody may open them.
-- waiting: not checked to the end; reason says what is in the way, next_try_at when it is tried again
-- clean: our checks and the scanner found nothing
-- unscanned: our checks found nothing, and this instance has no scanner
-- refused: never to be opened by anybody; reason says why
-- held: could not be judged; a person decides; reason says why
create table stored_file (
  sha256 text not null check (sha256 ~ '^[0-9a-f]{64}$'),
  kind text not null,
  size_bytes bigint not null check (size_bytes > 0),
  stored_at timestamptz not null,
  verdict text not null default 'waiting' check (verdict in ('waiting', 'clean', 'unscanned', 'refused', 'held')),
  reason text check (reason ~ '^[a-z0-9]+(-[a-z0-9]+)*$'),
  -- The text or a name in it looks like a CPR number: its owner is asked to look again.
  mentions_cpr boolean not null default false,
  -- Version of the scanner's signatures at the latest verdict.
  signatures text,
  checked_at timestamptz,
  tries integer not null default 0,
  next_try_at timestamptz,
  decided_by uuid references account,
  decided_by_name text,
  -- Its bytes were erased at the end of their time; see erased.
  erased_at timestamptz,
  primary key (sha256, kind),
  check (verdict not in ('refused', 'held') or reason is not null)
);
create index stored_file_waiting on stored_file (next_try_at) where verdict = 'waiting';
create index stored_file_held on stored_file (checked_at) where verdict = 'held';

insert into stored_file (sha256, kind, size_bytes, stored_at, next_try_at)
  select sha256, kind, max(size_bytes), min(stored_at), now() from document group by sha256, kind;
alter table document drop column scan;
alter table document add foreign key (sha256, kind) references stored_file;
create index document_content on document (sha256);

-- A file on its way in (tus 1.0.0). Its bytes lie in the folder of incoming files under its id.
create table upload (
  id text primary key check (id ~ '^[0-9a-f]{32}$'),
  account_id uuid not null references account,
  supplier_id uuid not null references supplier,
  -- Into whose draft it goes when it is whole; null: into the evidence library.
  obligation_id uuid,
  name text not null check (length(name) between 1 and 200),
  kind text not null,
  size_bytes bigint not null check (size_bytes > 0),
  declared_sha256 text check (declared_sha256 ~ '^[0-9a-f]{64}$'),
  -- Bytes that are safe on the disk; more may have been written, but they do not count.
  received_bytes bigint not null default 0,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  -- Whole: bytes in the store under sha256. Or given up, and why.
  finished_at timestamptz,
  sha256 text,
  fault text,
  -- Upload-Metadata as it was sent, which tus gives back.
  metadata text not null default '' check (length(metadata) <= 4000),
  foreign key (obligation_id, supplier_id) references obligation (id, supplier_id),
  foreign key (sha256, kind) references stored_file,
  check (received_bytes between 0 and size_bytes),
  -- All of it only when it is whole, so that nobody takes the last byte for the end.
  check ((received_bytes = size_bytes) = (sha256 is not null)),
  check ((sha256 is not null) <= (finished_at is not null))
);
create index upload_supplier on upload (supplier_id, expires_at);
create index upload_expiry on upload (expires_at);

-- The evidence library: a certificate once, in as many versions as it is renewed.
create table evidence (
  id uuid primary key default gen_random_uuid(),
  supplier_id uuid not null references supplier,
  -- The obligation type that it answers, such as iso-certifikat.
  type text not null,
  created_at timestamptz not null,
  created_by uuid not null references account,
  withdrawn_at timestamptz,
  withdrawn_by uuid references account,
  withdrawn_reason text,
  unique (id, supplier_id),
  check ((withdrawn_at is null) = (withdrawn_reason is null))
);
create index evidence_supplier on evidence (supplier_id);

create table evidence_version (
  id uuid primary key default gen_random_uuid(),
  evidence_id uuid not null,
  supplier_id uuid not null,
  number integer not null check (number > 0),
  name text not null check (length(name) between 1 and 200),
  kind text not null,
  size_bytes bigint not null check (size_bytes > 0),
  sha256 text not null,
  -- What the type asks for, as answered: number, issuer, dates.
  answers jsonb not null,
  valid_from date,
  valid_to date,
  stored_at timestamptz not null,
  stored_by uuid not null references account,
  stored_by_name text not null,
  foreign key (evidence_id, supplier_id) references evidence (id, supplier_id),
  foreign key (sha256, kind) references stored_file,
  unique (id, supplier_id),
  unique (evidence_id, number),
  check (valid_to >= valid_from)
);
create index evidence_version_content on evidence_version (sha256);
create index evidence_version_expiry on evidence_version (valid_to);

-- What is asked for anew because a certificate runs out: the certificate that a new version of will answer it.
alter table obligation add column renews_evidence_id uuid;
alter table obligation add foreign key (renews_evidence_id, supplier_id) references evidence (id, supplier_id);

-- A document taken from the library.
alter table document add column evidence_version_id uuid;
alter table document add foreign key (evidence_version_id, supplier_id) references evidence_version (id, supplier_id);
create index document_evidence on document (evidence_version_id);
grant update (evidence_version_id) on document to portal_web;

-- Each reading of a supplier's document by staff, for the supplier to see; the audit log holds it as well.
create table document_read (
  id uuid primary key default gen_random_uuid(),
  document_id uuid not null references document on delete cascade,
  supplier_id uuid not null,
  account_id uuid not null references account,
  account_name text not null,
  -- preview: the picture of its first page; download: the file
  what text not null check (what in ('preview', 'download')),
  at timestamptz not null default now()
);
create index document_read_document on document_read (document_id, at);

do $$
declare
  tab text;
begin
  foreach tab in array array['evidence', 'evidence_version', 'document_read'] loop
    execute format('alter table %I enable row level security', tab);
    execute format('alter table %I force row level security', tab);
    execute format('create policy own_rows on %I for select to portal_web using (supplier_id = any ((select acting_suppliers())::uuid[]))', tab);
    execute format('create policy staff_reads on %I for select to portal_web using ((select acting_reader()))', tab);
  end loop;
end
$$;
create policy supplier_keeps on evidence for insert to portal_web with check (supplier_id = any ((select acting_suppliers())::uuid[]));
create policy supplier_changes on evidence for update to portal_web
  using (supplier_id = any ((select acting_suppliers())::uuid[])) with check (supplier_id = any ((select acting_suppliers())::uuid[]));
create policy supplier_keeps on evidence_version for insert to portal_web with check (supplier_id = any ((select acting_suppliers())::uuid[]));
create policy staff_notes on document_read for insert to portal_web with check ((select acting_reader()) and account_id = acting_account());

alter table upload enable row level security;
alter table upload force row level security;
-- Colleagues see that something is on its way (quotas count it); only who began it may go on with it.
create policy own_rows on upload for select to portal_web using (supplier_id = any ((select acting_suppliers())::uuid[]));
create policy own_begins on upload for insert to portal_web
  with check (account_id = acting_account() and supplier_id = any ((select acting_suppliers())::uuid[]));
create policy own_goes_on on upload for update to portal_web
  using (account_id = acting_account()) with check (account_id = acting_account() and supplier_id = any ((select acting_suppliers())::uuid[]));
create policy own_ends on upload for delete to portal_web using (account_id = acting_account());
create policy worker_sweeps on upload for all to portal_worker using (true) with check (true);

-- What is known of some bytes is for whoever sees a file that consists of them.
alter table stored_file enable row level security;
alter table stored_file force row level security;
create policy with_the_file on stored_file for select to portal_web using (
  exists (select from document d where d.sha256 = stored_file.sha256 and d.kind = stored_file.kind)
  or exists (select from evidence_version v where v.sha256 = stored_file.sha256 and v.kind = stored_file.kind)
  or exists (select from upload u where u.sha256 = stored_file.sha256 and u.kind = stored_file.kind));
create policy staff_decides on stored_file for update to portal_web
  using ((select acting_reviewer()) and verdict = 'held') with check ((select acting_reviewer()) and verdict in ('clean', 'refused'));
create policy worker_checks on stored_file for all to portal_worker using (true) with check (true);

-- Notes that bytes are in the store, whoever brought them. They are checked unless they have been, and an answer of
-- the past holds: the caller is not told whether the bytes were here before.
create function note_stored(new_sha256 text, new_kind text, new_size bigint, at timestamptz) returns void
  language sql security definer set search_path = pg_catalog, public, pg_temp as $$
  insert into stored_file (sha256, kind, size_bytes, stored_at, next_try_at) values (new_sha256, new_kind, new_size, at, at)
  on conflict (sha256, kind) do update set erased_at = null, verdict = 'waiting', reason = null, next_try_at = excluded.next_try_at, tries = 0
    where stored_file.erased_at is not null
$$;
revoke all on function note_stored(text, text, bigint, timestamptz) from public;
grant execute on function note_stored(text, text, bigint, timestamptz) to portal_web;

grant select on stored_file to portal_web, portal_worker;
grant update (verdict, reason, checked_at, decided_by, decided_by_name) on stored_file to portal_web;
grant update on stored_file to portal_worker;
grant select, insert, update, delete on upload to portal_web;
grant select, delete on upload to portal_worker;
grant select, insert on evidence, evidence_version, document_read to portal_web;
grant update (withdrawn_at, withdrawn_by, withdrawn_reason) on evidence to portal_web;

-- The clock asks for renewals and reminds of them.
create policy worker_chases on evidence for select to portal_worker using (true);
create policy worker_chases on evidence_version for select to portal_worker using (true);
create policy worker_chases on document for select to portal_worker using (evidence_version_id is not null);
create policy worker_chases on membership for select to portal_worker using (true);
create policy worker_sees_accepted on obligation for select to portal_worker using (state = 'accepted' or renews_evidence_id is not null);
grant select on evidence, evidence_version, membership, supplier to portal_worker;
grant select (id, obligation_id, submission_id, evidence_version_id) on document to portal_worker;
grant select (id, email, name, language, disabled_at) on account to portal_worker;
grant select, insert on obligation to portal_worker;

do $$
begin
  execute replace(pg_get_functiondef('jobs.enqueue(text, json, text)'::regprocedure), 'task not in (', 'task not in (''file-check'', ');
end
$$;
