-- Checking files: what the worker must know to tell people, and what waits for whom.

-- A file that a person let through without a scanner is still unscanned.
drop policy staff_decides on stored_file;
create policy staff_decides on stored_file for update to portal_web
  using ((select acting_reviewer()) and verdict = 'held') with check ((select acting_reviewer()) and verdict in ('clean', 'unscanned', 'refused'));

-- note_stored runs as the role that migrates, which row-level security holds back too.
create policy owner_notes on stored_file to current_user using (true) with check (true);

-- Files that new signatures are tried on, the oldest verdict first.
create index stored_file_open on stored_file (checked_at) where verdict in ('clean', 'unscanned', 'held') and erased_at is null;

-- Who brought a file, and who has read it: they are told when it is refused.
create policy worker_tells on document for select to portal_worker using (true);
create policy worker_tells on evidence_version for select to portal_worker using (true);
create policy worker_tells on document_read for select to portal_worker using (true);
grant select (id, name, kind, sha256, obligation_id, supplier_id, submission_id, stored_by, stored_at) on document to portal_worker;
grant select (id, name, kind, sha256, supplier_id, stored_by, stored_at) on evidence_version to portal_worker;
grant select (document_id, account_name, what) on document_read to portal_worker;
grant select (id, name, email, language, disabled_at) on account to portal_worker;
grant select (id, name) on supplier to portal_worker;

-- Many files at once. A higher priority waits behind a lower one: files that can be opened already wait behind those that cannot.
create function jobs.enqueue_files(files json[], job_priority integer) returns void
  language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  perform graphile_worker.add_jobs(array(
    select row ('file-check', file, null, null, 25, 'file-check ' || (file ->> 'sha256') || ' ' || (file ->> 'kind'), job_priority, null)::graphile_worker.job_spec
    from unnest(files) as file));
end
$$;
alter function jobs.enqueue_files(json[], integer) owner to portal_jobs;
revoke all on function jobs.enqueue_files(json[], integer) from public;
grant execute on function jobs.enqueue_files(json[], integer) to portal_worker;
