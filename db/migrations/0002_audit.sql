-- One entry per change, in the transaction of the change, each sealed with the hash of the one before (ASVS 5.0 16.4.2).
create table audit_entry (
  seq bigint primary key,
  at timestamptz not null,
  actor uuid,
  event text not null check (event ~ '^[a-z]+(-[a-z]+)*\.[a-z]+(-[a-z]+)*$'),
  subject text not null,
  supplier_id uuid,
  detail jsonb not null,
  previous_hash bytea not null check (octet_length(previous_hash) = 32),
  hash bytea not null check (octet_length(hash) = 32)
);

-- The last link of the chain; its one row is what appending transactions queue up for.
create table audit_head (
  only_row boolean primary key default true check (only_row),
  seq bigint not null,
  hash bytea not null
);
insert into audit_head (seq, hash) values (0, decode(repeat('00', 32), 'hex'));

create function audit_hash(previous bytea, entry_seq bigint, entry_at timestamptz, entry_actor uuid, entry_event text, entry_subject text, entry_supplier uuid, entry_detail jsonb)
  returns bytea language sql stable
  return sha256(previous || convert_to(jsonb_build_array(
    entry_seq, to_char(entry_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
    entry_actor, entry_event, entry_subject, entry_supplier, entry_detail)::text, 'UTF8'));

-- Appends one entry for the acting account and returns its number. The time is the database's own.
create function audit_append(entry_event text, entry_subject text, entry_detail jsonb, entry_supplier uuid default null)
  returns bigint language plpgsql security definer set search_path = pg_catalog, public as $$
declare
  head audit_head;
  now_exactly timestamptz;
  sealed bytea;
begin
  select * into head from audit_head for update;
  now_exactly := clock_timestamp();
  sealed := audit_hash(head.hash, head.seq + 1, now_exactly, acting_account(), entry_event, entry_subject, entry_supplier, entry_detail);
  insert into audit_entry (seq, at, actor, event, subject, supplier_id, detail, previous_hash, hash)
    values (head.seq + 1, now_exactly, acting_account(), entry_event, entry_subject, entry_supplier, entry_detail, head.hash, sealed);
  update audit_head set seq = head.seq + 1, hash = sealed;
  return head.seq + 1;
end
$$;
revoke all on function audit_append(text, text, jsonb, uuid) from public;
grant execute on function audit_append(text, text, jsonb, uuid) to portal_web, portal_worker;

-- The number of the first entry that does not fit its place in the chain, or null when all is as it was written.
create function audit_first_fault() returns bigint
  language sql stable as $$
  with chain as (
    select e.*, lag(e.hash, 1, decode(repeat('00', 32), 'hex')) over (order by e.seq) as expected_previous,
           row_number() over (order by e.seq) as place
    from audit_entry e
  ), faults as (
    select place as seq from chain
    where seq <> place or previous_hash <> expected_previous
       or hash <> audit_hash(previous_hash, seq, at, actor, event, subject, supplier_id, detail)
    union all
    select h.seq from audit_head h
    where h.seq <> (select count(*) from audit_entry)
       or h.hash <> coalesce((select e.hash from audit_entry e order by e.seq desc limit 1), decode(repeat('00', 32), 'hex'))
  )
  select min(seq) from faults
$$;
revoke all on function audit_first_fault() from public;

create function audit_refuse_change() returns trigger language plpgsql as $$
begin
  raise exception 'the audit log is append-only: % refused', lower(tg_op) using errcode = 'insufficient_privilege';
end
$$;
create trigger audit_entry_is_append_only before update or delete on audit_entry
  for each row execute function audit_refuse_change();
create trigger audit_entry_is_never_emptied before truncate on audit_entry
  for each statement execute function audit_refuse_change();
create trigger audit_head_is_never_removed before delete or truncate on audit_head
  for each statement execute function audit_refuse_change();
