-- The private address of an account's calendar of tasks, and which one holds. The address is derived from account and version
-- under the secret key: whoever reads this table alone can open nothing. A version is never used again.
create table task_calendar (
  account_id uuid primary key references account on delete cascade,
  version uuid not null,
  made_at timestamptz not null
);
alter table task_calendar enable row level security;
alter table task_calendar force row level security;
create policy own_calendar on task_calendar for all to portal_web
  using (account_id = (select acting_account())) with check (account_id = (select acting_account()));
grant select, insert, delete on task_calendar to portal_web;
grant update (version, made_at) on task_calendar to portal_web;

-- How often an obligation was given another state or another day, and when last: calendars must know which of two copies is newer.
alter table obligation add column revision integer not null default 0, add column changed_at timestamptz not null default now();
create function count_revision() returns trigger
  language plpgsql set search_path = pg_catalog, public, pg_temp as $$
begin
  new.revision := old.revision + 1;
  new.changed_at := now();
  return new;
end
$$;
create trigger obligation_revision before update of state, due_on on obligation
  for each row when ((old.state, old.due_on) is distinct from (new.state, new.due_on)) execute function count_revision();
