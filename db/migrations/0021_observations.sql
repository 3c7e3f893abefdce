-- What accepted follow-up says in figures, one row per obligation and figure, and what they add up to.

create table observation (
  obligation_id uuid not null,
  submission_id uuid not null,
  agreement_id uuid not null,
  supplier_id uuid not null,
  requirement_id text not null,
  type text not null,
  -- As the type's visibility was when it was accepted: shown per agreement and in sums, in sums alone, or to nobody outside.
  openness text not null check (openness in ('agreement', 'sums', 'closed')),
  indicator text not null,
  -- A state at the end of its period: only a year's latest one counts.
  latest boolean not null,
  -- 2026, 2026-H1, 2026-Q3, 2026-07, or days from/to.
  period text not null,
  year smallint not null,
  -- Money in øre.
  value numeric not null,
  -- Which answers it was made of, as the obligation type's entry says; of lines, which of them counted.
  source jsonb not null,
  return_file_id uuid,
  accepted_at timestamptz not null,
  primary key (obligation_id, indicator),
  foreign key (submission_id, supplier_id) references submission (id, supplier_id),
  foreign key (obligation_id, supplier_id) references obligation (id, supplier_id)
);
create index observation_series on observation (agreement_id, supplier_id, type, year, indicator, period);
create index observation_submission on observation (submission_id);

-- Those that count in the sums of their year. The same return that is asked for under two requirements of an agreement counts once,
-- under the first of them; of states the latest of the year counts.
create view observation_counted with (security_invoker) as
  select o.obligation_id, o.agreement_id, o.supplier_id, o.requirement_id, o.type, o.openness, o.indicator, o.latest, o.period, o.year, o.value, o.accepted_at
  from observation o
  where not exists (
    select from observation twin
    where twin.agreement_id = o.agreement_id and twin.supplier_id = o.supplier_id and twin.type = o.type and twin.year = o.year
      and twin.indicator = o.indicator and twin.period = o.period and twin.requirement_id < o.requirement_id)
  and (not o.latest or not exists (
    select from observation later
    where later.agreement_id = o.agreement_id and later.supplier_id = o.supplier_id and later.type = o.type and later.year = o.year
      and later.indicator = o.indicator and later.period > o.period));

-- Their sums by year: of a requirement, of a supplier under a requirement, of an agreement. What a sum is not of is null.
create table observation_rollup (
  indicator text not null,
  type text not null,
  openness text not null,
  year smallint not null,
  requirement_id text,
  supplier_id uuid,
  agreement_id uuid,
  value numeric not null,
  -- Obligations behind it.
  deliveries integer not null,
  constraint observation_rollup_once unique nulls not distinct (indicator, year, type, openness, requirement_id, supplier_id, agreement_id)
);
create index observation_rollup_requirement on observation_rollup (requirement_id) where supplier_id is null and agreement_id is null;
create index observation_rollup_suppliers on observation_rollup (requirement_id, indicator, type, year) where supplier_id is not null;
create index observation_rollup_agreement on observation_rollup (indicator, year, value desc, agreement_id) where agreement_id is not null;
create index observation_rollup_of_agreement on observation_rollup (agreement_id, year) where agreement_id is not null;
create index observation_rollup_empty on observation_rollup (deliveries) where deliveries = 0;

alter table observation enable row level security;
alter table observation force row level security;
alter table observation_rollup enable row level security;
alter table observation_rollup force row level security;
create policy own_rows on observation for select to portal_web using (supplier_id = any ((select acting_suppliers())::uuid[]));
create policy staff_reads on observation for select to portal_web using ((select acting_reader()));
create policy staff_reads on observation_rollup for select to portal_web using ((select acting_reader()));
grant select on observation, observation_counted, observation_rollup to portal_web;
-- Both are written by the functions below and by nothing else.
create policy owner_keeps on observation for all to current_user using (true) with check (true);
create policy owner_keeps on observation_rollup for all to current_user using (true) with check (true);
create policy owner_reads on obligation for select to current_user using (true);
create policy owner_reads on submission for select to current_user using (true);
create policy owner_reads on document for select to current_user using (true);
create policy owner_reads on return_file for select to current_user using (true);

-- Replaces an obligation's figures by those of a submission, or by none, and carries the difference into the sums. One at a time:
-- figures of one series depend on each other, and sums shared by many would else be locked in circles. Acceptances follow one
-- another anyhow, since each ends with an entry in the log.
create function observation_replace(for_obligation uuid, of_submission uuid, of_openness text, of_period text, of_year integer, at timestamptz, figures jsonb)
  returns void language plpgsql set search_path = pg_catalog, public, pg_temp as $$
declare
  asked record;
  years integer[];
  before observation_counted[];
begin
  perform pg_advisory_xact_lock(hashtextextended('observation_rollup', 0));
  select o.id, o.agreement_id, o.supplier_id, o.requirement_id, o.type into strict asked from obligation o where o.id = for_obligation;
  years := array(select distinct o.year from observation o where o.obligation_id = for_obligation) || of_year;
  before := array(select c from observation_counted c
    where (c.agreement_id, c.supplier_id, c.type) = (asked.agreement_id, asked.supplier_id, asked.type) and c.year = any (years));
  delete from observation o where o.obligation_id = for_obligation;
  insert into observation (obligation_id, submission_id, agreement_id, supplier_id, requirement_id, type, openness, indicator, latest, period, year, value, source, return_file_id, accepted_at)
  select asked.id, of_submission, asked.agreement_id, asked.supplier_id, asked.requirement_id, asked.type, of_openness, f.indicator, f.latest, of_period, of_year, f.value, f.source,
    case when f.source ? 'lines' then (select r.id from return_file r join document d on d.id = r.document_id where d.submission_id = of_submission limit 1) end, at
  from jsonb_to_recordset(figures) as f (indicator text, latest boolean, value numeric, source jsonb);
  insert into observation_rollup as r (indicator, type, openness, year, requirement_id, supplier_id, agreement_id, value, deliveries)
  select c.indicator, c.type, c.openness, c.year, c.requirement_id, c.supplier_id, c.agreement_id, sum(c.sign * c.value), sum(c.sign)
  from (
    select -1 as sign, b.* from unnest(before) b
    union all
    select 1, n.* from observation_counted n
    where (n.agreement_id, n.supplier_id, n.type) = (asked.agreement_id, asked.supplier_id, asked.type) and n.year = any (years)
  ) c
  group by c.indicator, c.type, c.openness, c.year, grouping sets ((c.requirement_id), (c.requirement_id, c.supplier_id), (c.agreement_id))
  having sum(c.sign * c.value) <> 0 or sum(c.sign) <> 0
  on conflict on constraint observation_rollup_once do update set value = r.value + excluded.value, deliveries = r.deliveries + excluded.deliveries;
  delete from observation_rollup where deliveries = 0;
end
$$;
revoke all on function observation_replace(uuid, uuid, text, text, integer, timestamptz, jsonb) from public;

-- The figures of a submission that the acting account has just accepted.
create function observe(of_submission uuid, of_openness text, of_period text, of_year integer, figures jsonb) returns void
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  accepted record;
begin
  select r.obligation_id, r.decided_at into accepted from review r
  where r.submission_id = of_submission and r.decision = 'accepted' and r.decided_by = acting_account();
  if not found then
    raise exception 'figures are kept of what the acting account has accepted' using errcode = 'insufficient_privilege';
  end if;
  perform observation_replace(accepted.obligation_id, of_submission, of_openness, of_period, of_year, accepted.decided_at, figures);
end
$$;
create policy owner_reads on review for select to current_user using (true);
revoke all on function observe(uuid, text, text, integer, jsonb) from public;
grant execute on function observe(uuid, text, text, integer, jsonb) to portal_web;

-- What was answered is erased: so are the figures made of it.
create function observation_forget() returns trigger
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
  if exists (select from observation o where o.submission_id = new.id) then
    perform observation_replace(new.obligation_id, null, null, null, null, null, '[]');
  end if;
  return null;
end
$$;
revoke all on function observation_forget() from public;
create trigger submission_erased_takes_its_figures after update of erased_at on submission
  for each row when (old.erased_at is null and new.erased_at is not null) execute function observation_forget();

-- What the sums must be.
create view observation_sum with (security_invoker) as
  select c.indicator, c.type, c.openness, c.year, c.requirement_id, c.supplier_id, c.agreement_id, sum(c.value) as value, count(*)::integer as deliveries
  from observation_counted c
  group by c.indicator, c.type, c.openness, c.year, grouping sets ((c.requirement_id), (c.requirement_id, c.supplier_id), (c.agreement_id));

-- How many sums are not what the figures add up to. One statement sees figures and sums as one moment left them, so nobody waits for it.
create function observation_wrong_sums() returns integer
  language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  with fresh as materialized (table observation_sum)
  select count(*) from (
    select indicator, type, openness, year, requirement_id, supplier_id, agreement_id from (table observation_rollup except table fresh) stale
    union
    select indicator, type, openness, year, requirement_id, supplier_id, agreement_id from (table fresh except table observation_rollup) missing) differing
$$;
revoke all on function observation_wrong_sums() from public;

-- Computes all sums anew where any is wrong, and returns how many were. Acceptances wait only then.
create function observation_recount() returns integer
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  wrong integer := observation_wrong_sums();
begin
  if wrong > 0 then
    perform pg_advisory_xact_lock(hashtextextended('observation_rollup', 0));
    delete from observation_rollup;
    insert into observation_rollup table observation_sum;
  end if;
  return wrong;
end
$$;
revoke all on function observation_recount() from public;
grant execute on function observation_recount() to portal_worker;

-- What everyone may read: of an agreement the figures that may be shown per agreement, by year.
create policy window_sees on observation for select to portal_window using (openness <> 'closed');
create policy window_sees on observation_rollup for select to portal_window using (openness <> 'closed');
grant select on observation_counted, observation_rollup to portal_window;
grant select (obligation_id, agreement_id, supplier_id, requirement_id, type, openness, indicator, latest, period, year, value, accepted_at) on observation to portal_window;
create function public_results(for_agreement uuid)
  returns table (indicator text, type text, requirement_id text, year integer, value numeric, deliveries bigint, last_period text, accepted_at timestamptz)
  language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  select c.indicator, c.type, c.requirement_id, c.year, sum(c.value), count(*), max(c.period), max(c.accepted_at)
  from observation_counted c
  where c.agreement_id = for_agreement and c.openness = 'agreement'
  group by c.indicator, c.type, c.requirement_id, c.year
$$;

-- And of requirements the sums. A sum of what is shown in sums alone is kept back (value null) where it rests on fewer than
-- three suppliers, for one of two could then compute the other.
create function public_sums(for_requirements text[])
  returns table (indicator text, type text, openness text, requirement_id text, year integer, value numeric, deliveries integer)
  language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  select r.indicator, r.type, r.openness, r.requirement_id, r.year,
    case when r.openness = 'agreement' or (select count(*) from (
      select from observation_rollup s
      where s.requirement_id = r.requirement_id and s.indicator = r.indicator and s.type = r.type and s.year = r.year and s.openness = r.openness and s.supplier_id is not null
      limit 3) enough) >= 3 then r.value end,
    r.deliveries
  from observation_rollup r
  where r.requirement_id = any (for_requirements) and r.supplier_id is null and r.agreement_id is null
$$;
grant create on schema public to portal_window;
alter function public_results(uuid) owner to portal_window;
alter function public_sums(text[]) owner to portal_window;
revoke create on schema public from portal_window;
revoke all on function public_results(uuid), public_sums(text[]) from public;
grant execute on function public_results(uuid), public_sums(text[]) to portal_web;

-- Lines of a return for those who may read it, which else only the worker can: staff who read cases, and members of the supplier.
-- Only lines count whose cell of that column is filled in (`wanted` null), or says `wanted`; all of them where no column is named.
create function counted_lines(file uuid, of_column integer, wanted text, after_line integer, at_most integer)
  returns table (line integer, cells text[]) language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  select l.line, l.cells from return_line l
  where l.return_file_id = file and l.line > after_line
    and (of_column is null or case when wanted is null then l.cells[of_column] <> '' else l.cells[of_column] = wanted end)
    and exists (select from return_file f where f.id = file and (acting_reader() or f.supplier_id = any (acting_suppliers())))
  order by l.line limit least(at_most, 1000)
$$;
create function counted_line_count(file uuid, of_column integer, wanted text, up_to_line integer) returns bigint
  language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  select count(*) from return_line l
  where l.return_file_id = file and (up_to_line is null or l.line <= up_to_line)
    and (of_column is null or case when wanted is null then l.cells[of_column] <> '' else l.cells[of_column] = wanted end)
    and exists (select from return_file f where f.id = file and (acting_reader() or f.supplier_id = any (acting_suppliers())))
$$;
revoke all on function counted_lines(uuid, integer, text, integer, integer), counted_line_count(uuid, integer, text, integer) from public;
grant execute on function counted_lines(uuid, integer, text, integer, integer), counted_line_count(uuid, integer, text, integer) to portal_web;
