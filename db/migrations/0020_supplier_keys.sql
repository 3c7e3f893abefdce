-- Keys by which a supplier's own programs file. A key acts as the account that made it, for one supplier. Of the secret its SHA-256
-- alone is kept: whoever reads this table can open nothing.
create table supplier_key (
  id uuid primary key,
  supplier_id uuid not null references supplier,
  account_id uuid not null references account,
  name text not null check (name = btrim(name) and length(name) between 1 and 60),
  sha256 bytea not null unique check (octet_length(sha256) = 32),
  -- The first characters, by which a person knows which key it is.
  begins_with text not null check (length(begins_with) <= 16),
  made_at timestamptz not null,
  -- To the hour.
  last_used_at timestamptz,
  ended_at timestamptz
);
create index supplier_key_supplier on supplier_key (supplier_id);
create index supplier_key_account on supplier_key (account_id);

-- Suppliers whose keys the acting account may make and end.
create function acting_administrated() returns uuid[]
  language sql stable
  return array(select m.supplier_id from membership m where m.account_id = acting_account() and m.role = 'administrator');

alter table supplier_key enable row level security;
alter table supplier_key force row level security;
create policy owner_manages on supplier_key to current_user using (true) with check (true);
create policy members_read on supplier_key for select to portal_web using (supplier_id = any ((select acting_suppliers())::uuid[]));
create policy administrator_makes on supplier_key for insert to portal_web
  with check (supplier_id = any ((select acting_administrated())::uuid[]) and account_id = (select acting_account()) and ended_at is null);
-- What has ended stays so.
create policy administrator_ends on supplier_key for update to portal_web
  using (supplier_id = any ((select acting_administrated())::uuid[]) and ended_at is null) with check (ended_at is not null);
grant select, insert, update (ended_at) on supplier_key to portal_web;

-- Who is behind a secret, asked before anybody acts. Nothing comes of a key that has ended or whose account may not log in.
create policy window_finds on supplier_key for select to portal_window using (true);
create policy window_notes_use on supplier_key for update to portal_window using (true);
grant select, update (last_used_at) on supplier_key to portal_window;
grant select (id, email, name, disabled_at) on account to portal_window;
grant create on schema public to portal_window;
create function use_supplier_key(secret_sha256 bytea, at timestamptz)
  returns table (id uuid, name text, supplier_id uuid, account_id uuid, account_email text, account_name text)
  language sql security definer set search_path = pg_catalog, public, pg_temp as $$
  update supplier_key k set last_used_at = at
    where k.sha256 = secret_sha256 and k.ended_at is null and (k.last_used_at is null or k.last_used_at < at - interval '1 hour');
  select k.id, k.name, k.supplier_id, k.account_id, a.email, a.name
    from supplier_key k join account a on a.id = k.account_id
    where k.sha256 = secret_sha256 and k.ended_at is null and a.disabled_at is null;
$$;
alter function use_supplier_key(bytea, timestamptz) owner to portal_window;
revoke create on schema public from portal_window;
revoke all on function use_supplier_key(bytea, timestamptz) from public;
grant execute on function use_supplier_key(bytea, timestamptz) to portal_web;

-- Keys end for good with the membership or the account behind them, whoever ends those: coming back brings none of them back.
create function end_supplier_keys(of_account uuid, of_supplier uuid, reason text) returns void
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  ended supplier_key;
begin
  for ended in
    update supplier_key k set ended_at = now()
      where k.account_id = of_account and (of_supplier is null or k.supplier_id = of_supplier) and k.ended_at is null returning k.*
  loop
    perform audit_append('supplier-key.ended', ended.id::text, jsonb_build_object('because', reason), ended.supplier_id);
  end loop;
end
$$;
revoke all on function end_supplier_keys(uuid, uuid, text) from public;

create function end_keys_of_leaver() returns trigger
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
  perform end_supplier_keys(old.account_id, old.supplier_id, 'membership-ended');
  return null;
end
$$;
create trigger membership_ends_keys after delete on membership for each row execute function end_keys_of_leaver();

create function end_keys_of_disabled() returns trigger
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
  perform end_supplier_keys(new.id, null, 'account-disabled');
  return null;
end
$$;
create trigger account_ends_keys after update of disabled_at on account
  for each row when (old.disabled_at is null and new.disabled_at is not null) execute function end_keys_of_disabled();
