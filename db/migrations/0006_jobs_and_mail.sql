-- The job library keeps its tables in a schema of its own, owned by the role that runs jobs and nothing else.
-- Its list of migrations is made here, since the library would need the right to create schemas to make it itself.
create schema graphile_worker authorization portal_jobs;
create table graphile_worker.migrations (
  id int primary key,
  ts timestamptz not null default now(),
  breaking boolean not null default false
);
alter table graphile_worker.migrations owner to portal_jobs;

-- The one door into the queue: in the caller's transaction, and only for jobs that we have handlers for.
create schema jobs authorization portal_jobs;
create function jobs.enqueue(task text, payload json, job_key text) returns void
  language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  if task not in ('mail-send') then
    raise exception 'no handler for the job %', task using errcode = 'invalid_parameter_value';
  end if;
  perform graphile_worker.add_job(identifier => task, payload => payload, job_key => job_key, max_attempts => 25);
end
$$;
alter function jobs.enqueue(text, json, text) owner to portal_jobs;
revoke all on function jobs.enqueue(text, json, text) from public;
grant usage on schema jobs to portal_web, portal_worker;
grant execute on function jobs.enqueue(text, json, text) to portal_web, portal_worker;

-- A message and why it is sent. The reason is unique, so nothing is told twice; sent_at is written after it was handed over.
create table mail (
  id uuid primary key,
  reason text not null unique,
  to_address text not null,
  subject text not null check (subject !~ '[\r\n]'),
  body text not null,
  queued_at timestamptz not null default now(),
  sent_at timestamptz
);
grant insert on mail to portal_web;
grant select (id, reason) on mail to portal_web;
grant select, update (sent_at) on mail to portal_worker;
