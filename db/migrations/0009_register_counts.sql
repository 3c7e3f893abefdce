-- What the register's filters count, in few and small numbers: a combination of filters, and a set of requirements, are
-- each written once; the counts then read one narrow index instead of the whole list. Rows here are never changed.
create table register_combination (
  id integer generated always as identity primary key,
  -- The three others, spelt in one way.
  key text not null unique,
  category text,
  kind text not null,
  focus_areas text[] not null
);
create table register_requirement_set (
  id integer generated always as identity primary key,
  key text not null unique,
  requirement_ids text[] not null
);

alter table register_entry
  add column combination_id integer references register_combination,
  add column requirement_set_id integer references register_requirement_set;

do $$
begin
  insert into register_combination (key, category, kind, focus_areas)
  select distinct md5(row (category, kind, focus_areas)::text), category, kind, focus_areas from register_entry;
  insert into register_requirement_set (key, requirement_ids) select distinct md5(requirement_ids::text), requirement_ids from register_entry;
  update register_entry set
    combination_id = (select c.id from register_combination c where c.key = md5(row (register_entry.category, register_entry.kind, register_entry.focus_areas)::text)),
    requirement_set_id = (select s.id from register_requirement_set s where s.key = md5(register_entry.requirement_ids::text));
end
$$;
alter table register_entry alter column combination_id set not null, alter column requirement_set_id set not null;
create index register_entry_counted on register_entry (combination_id, requirement_set_id, starts_on, ends_on, asked, documented);

do $$
declare
  tab text;
begin
  foreach tab in array array['register_combination', 'register_requirement_set'] loop
    execute format('alter table %I enable row level security', tab);
    execute format('create policy everyone_reads on %I for select using (true)', tab);
    execute format('create policy keeper_adds on %I for insert to portal_web with check ((select acting_register_keeper()))', tab);
    execute format('grant select, insert on %I to portal_web', tab);
    execute format('grant select on %I to portal_worker', tab);
  end loop;
end
$$;
