-- A correction that somebody has begun of what was filed. What was filed stands until the correction is filed; then, and when it is
-- called off, the row goes.
create table correction (
  obligation_id uuid primary key,
  supplier_id uuid not null,
  begun_at timestamptz not null,
  begun_by uuid not null references account,
  begun_by_name text not null,
  foreign key (obligation_id, supplier_id) references obligation (id, supplier_id) on delete cascade
);
alter table correction enable row level security;
alter table correction force row level security;
create policy supplier_corrects on correction for all to portal_web
  using (supplier_id = any ((select acting_suppliers())::uuid[])) with check (supplier_id = any ((select acting_suppliers())::uuid[]));
create policy staff_reads on correction for select to portal_web using ((select acting_reader()));
grant select, insert, delete on correction to portal_web;

-- How the lines of a file differ from those that were filed before it, for the same task.
alter table return_file add column difference jsonb;
grant update (difference) on return_file to portal_worker;

-- Lines that are in one file and not in the other, each as often as it is. What is left is paired by the cells at the places `identity`
-- (counted from 1): a pair is a line that was changed. Gives how many were added, removed and changed, and the first `most` of them.
create function line_difference(before uuid, after uuid, identity int[], most int) returns jsonb
  language sql stable set search_path = pg_catalog, public as $$
  with old as (select line, cells, row_number() over (partition by cells order by line) as nth from return_line where return_file_id = before),
    new as (select line, cells, row_number() over (partition by cells order by line) as nth from return_line where return_file_id = after),
    gone as (
      select line, cells, who, row_number() over (partition by who order by line) as nth
      from old, lateral (select array_agg(cells[place] order by place) as who from unnest(identity) as place) as w
      where not exists (select from new where new.cells = old.cells and new.nth = old.nth)
    ),
    come as (
      select line, cells, who, row_number() over (partition by who order by line) as nth
      from new, lateral (select array_agg(cells[place] order by place) as who from unnest(identity) as place) as w
      where not exists (select from old where old.cells = new.cells and old.nth = new.nth)
    ),
    pairs as (select gone.line as was_line, come.line as line, gone.cells as was, come.cells as cells from gone full join come using (who, nth))
  select jsonb_build_object(
    'added', count(*) filter (where was is null),
    'removed', count(*) filter (where cells is null),
    'changed', count(*) filter (where was is not null and cells is not null),
    'first', (select coalesce(jsonb_agg(to_jsonb(p) order by p.line nulls last, p.was_line), '[]') from (select * from pairs order by line nulls last, was_line limit most) as p)
  ) from pairs
$$;
revoke execute on function line_difference from public;
grant execute on function line_difference to portal_worker;

-- Whom the clock warns that a draft has not been filed: who worked on it.
grant select (saved_by) on draft to portal_worker;
