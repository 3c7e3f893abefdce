-- What is asked of the suppliers of an agreement, and for which days that was last laid out. The obligations follow from it.
create table followup_plan (
  agreement_id uuid not null references agreement on delete cascade,
  requirement_id text not null,
  type text not null,
  -- Nothing that was due before this day is asked for.
  begins_on date not null,
  -- The agreement's days when the obligations were last laid out; another end lays them out anew.
  starts_on date not null,
  ends_on date not null,
  made_at timestamptz not null,
  made_by uuid not null references account,
  made_by_name text not null,
  primary key (agreement_id, requirement_id, type)
);
alter table followup_plan enable row level security;
alter table followup_plan force row level security;
create policy staff_reads on followup_plan for select to portal_web using ((select acting_reader()));
create policy staff_plans on followup_plan for all to portal_web using ((select acting_reviewer())) with check ((select acting_reviewer()));
create policy worker_lays_out on followup_plan for all to portal_worker using (true) with check (true);
grant select, insert, delete on followup_plan to portal_web;
grant update (begins_on, starts_on, ends_on) on followup_plan to portal_web;
grant select, update (starts_on, ends_on) on followup_plan to portal_worker;

-- What nobody has touched is moved or dropped with the plan.
create policy staff_drops on obligation for delete to portal_web using ((select acting_reviewer()) and state in ('planned', 'open'));
create policy worker_lays_out on obligation for all to portal_worker using (true) with check (state in ('planned', 'open'));
grant update (opens_on), delete on obligation to portal_web;
grant update (opens_on, due_on), delete on obligation to portal_worker;

-- Which obligations somebody has begun on or filed. Drafts are the supplier's own: that there is one is all that this tells.
create policy window_sees_begun on draft for select to portal_window using (true);
create policy window_sees_filed on submission for select to portal_window using (true);
grant select (obligation_id) on draft, submission to portal_window;
create function has_begun(obligation uuid) returns boolean
  language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  select exists (select from draft d where d.obligation_id = obligation) or exists (select from submission s where s.obligation_id = obligation)
$$;
grant create on schema public to portal_window;
alter function has_begun(uuid) owner to portal_window;
revoke create on schema public from portal_window;
revoke all on function has_begun(uuid) from public;
grant execute on function has_begun(uuid) to portal_web, portal_worker;
grant select (agreement_id, supplier_id) on agreement_supplier to portal_worker;
grant select (id, number, starts_on, ends_on, withdrawn_at, is_example) on agreement to portal_worker;
