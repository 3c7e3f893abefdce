-- By number of agreement, the suppliers that cannot be taken off it since something was asked of them, shown publicly or not.
-- What was asked is not told.
grant usage, create on schema public to portal_keeper;
grant select (agreement_id, supplier_id) on obligation to portal_keeper;
grant select (id, number) on agreement to portal_keeper;
grant select (id, cvr) on supplier to portal_keeper;
create function suppliers_asked(numbers text[]) returns table (number text, cvrs text[])
  language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  select a.number, array_agg(distinct s.cvr)
  from agreement a join obligation o on o.agreement_id = a.id join supplier s on s.id = o.supplier_id
  where a.number = any (numbers) group by a.number
$$;
alter function suppliers_asked(text[]) owner to portal_keeper;
revoke create on schema public from portal_keeper;
revoke all on function suppliers_asked(text[]) from public;
grant execute on function suppliers_asked(text[]) to portal_web;

-- What suppliers were called before a list named them otherwise, and what the list made of it.
create table agreement_import_supplier (
  import_id uuid not null references agreement_import on delete cascade,
  cvr text not null,
  name text not null,
  town text,
  made_name text,
  made_town text,
  primary key (import_id, cvr)
);
alter table agreement_import_supplier enable row level security;
create policy keepers_only on agreement_import_supplier for all to portal_web using ((select acting_register_keeper())) with check ((select acting_register_keeper()));
grant select, insert, update, delete on agreement_import_supplier to portal_web;
