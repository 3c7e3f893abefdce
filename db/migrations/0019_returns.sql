-- A file whose lines are a return: read and checked by the worker, its lines kept when there is nothing to mend.
-- It belongs to a document; where that is taken out of its draft or erased, the clock removes the lines.
create table return_file (
  id uuid primary key default gen_random_uuid(),
  document_id uuid unique references document on delete set null,
  obligation_id uuid not null,
  supplier_id uuid not null,
  state text not null default 'waiting' check (state in ('waiting', 'read', 'unreadable')),
  -- Lines read so far; of a file that was read, all of them.
  line_count bigint not null default 0,
  -- What was found, as src/returns/check.ts reports it; of a file that cannot be read, why.
  report jsonb,
  refusal jsonb,
  made_at timestamptz not null,
  read_at timestamptz,
  check ((state = 'read') = (report is not null)),
  check ((state = 'unreadable') = (refusal is not null))
);
create index return_file_obligation on return_file (obligation_id);
create index return_file_without_document on return_file (id) where document_id is null;

-- PostgreSQL takes no COPY into a table with row-level security: the worker alone may read and write this one.
-- A line of a return: its cells in the order of the type's columns, numbers with a point, days as YYYY-MM-DD, null where there is nothing.
create table return_line (
  return_file_id uuid not null references return_file,
  line integer not null check (line > 0),
  cells text[] not null,
  primary key (return_file_id, line)
);

alter table return_file enable row level security;
alter table return_file force row level security;
create policy own_rows on return_file for select to portal_web using (supplier_id = any ((select acting_suppliers())::uuid[]));
create policy staff_reads on return_file for select to portal_web using ((select acting_reader()));
create policy supplier_sends on return_file for insert to portal_web with check (supplier_id = any ((select acting_suppliers())::uuid[]) and state = 'waiting');
create policy worker_reads on return_file for all to portal_worker using (true) with check (true);
grant select, insert on return_file to portal_web;
grant select, delete, update (state, line_count, report, refusal, read_at) on return_file to portal_worker;
grant select, insert, delete on return_line to portal_worker;
-- What the worker holds lines against, and where they lie.
grant select (id, cvr) on supplier to portal_worker;
grant select (id, agreement_id, type, period) on obligation to portal_worker;

do $$
begin
  execute replace(pg_get_functiondef('jobs.enqueue(text, json, text)'::regprocedure), 'task not in (', 'task not in (''return-read'', ');
end
$$;
