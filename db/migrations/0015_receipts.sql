-- Proof of what was filed: a Merkle tree over the audit log (RFC 6962, RFC 9162), checkpoints of it, and signed receipts.

-- The exact text of an entry that its hash is made of; a receipt carries it.
create function audit_text(entry_seq bigint, entry_at timestamptz, entry_actor uuid, entry_event text, entry_subject text, entry_supplier uuid, entry_detail jsonb)
  returns text language sql stable
  return jsonb_build_array(
    entry_seq, to_char(entry_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
    entry_actor, entry_event, entry_subject, entry_supplier, entry_detail)::text;

create or replace function audit_hash(previous bytea, entry_seq bigint, entry_at timestamptz, entry_actor uuid, entry_event text, entry_subject text, entry_supplier uuid, entry_detail jsonb)
  returns bytea language sql stable
  return sha256(previous || convert_to(audit_text(entry_seq, entry_at, entry_actor, entry_event, entry_subject, entry_supplier, entry_detail), 'UTF8'));

-- Hashes of the tree's whole subtrees: 2^level leaves from leaf position * 2^level on. Leaf n is entry n + 1, its hash is
-- computed from the entry. Each entry completes one subtree on average, so the table has as many rows as the log.
create table audit_node (
  level integer not null check (level between 1 and 52),
  position bigint not null check (position >= 0),
  hash bytea not null check (octet_length(hash) = 32),
  primary key (level, position)
);

create function audit_leaf(entry_hash bytea) returns bytea
  language sql immutable strict parallel safe
  return sha256('\x00'::bytea || entry_hash);
create function audit_parent(before bytea, after bytea) returns bytea
  language sql immutable strict parallel safe
  return sha256('\x01'::bytea || before || after);

create function audit_subtree(of_level integer, of_position bigint) returns bytea
  language sql stable
  return case when of_level = 0 then (select audit_leaf(e.hash) from audit_entry e where e.seq = of_position + 1)
              else (select n.hash from audit_node n where n.level = of_level and n.position = of_position) end;

-- Writes the subtrees that the new entry completes, in the transaction that appends it. Where one is missing the entry
-- is refused, loudly: a tree with a hole proves nothing.
create function audit_grow() returns trigger language plpgsql as $$
declare
  at_level integer := 0;
  place bigint := new.seq - 1;
  grown bytea := audit_leaf(new.hash);
begin
  while place % 2 = 1 loop
    grown := audit_parent(audit_subtree(at_level, place - 1), grown);
    at_level := at_level + 1;
    place := place / 2;
    insert into audit_node (level, position, hash) values (at_level, place, grown);
  end loop;
  return null;
end
$$;

-- Subtrees of entries that were there before the tree was.
do $$
declare
  at_level integer := 1;
begin
  insert into audit_node (level, position, hash)
    select 1, (a.seq - 1) / 2, audit_parent(audit_leaf(a.hash), audit_leaf(b.hash))
    from audit_entry a join audit_entry b on b.seq = a.seq + 1
    where a.seq % 2 = 1;
  while found loop
    insert into audit_node (level, position, hash)
      select at_level + 1, a.position / 2, audit_parent(a.hash, b.hash)
      from audit_node a join audit_node b on b.level = a.level and b.position = a.position + 1
      where a.level = at_level and a.position % 2 = 0;
    at_level := at_level + 1;
  end loop;
end
$$;

create trigger audit_entry_grows_the_tree after insert on audit_entry
  for each row execute function audit_grow();
create trigger audit_node_is_append_only before update or delete on audit_node
  for each row execute function audit_refuse_change();
create trigger audit_node_is_never_emptied before truncate on audit_node
  for each statement execute function audit_refuse_change();

-- How often a number can be halved: 2^height is its greatest power of two.
create function audit_height(number bigint) returns integer
  language sql immutable strict parallel safe
  return length(ltrim(number::bit(53)::text, '0')) - 1;

-- Where a tree over two leaves or more is cut: at the greatest power of two below its width (RFC 6962, 2.1).
create function audit_cut(width bigint) returns bigint
  language sql immutable strict parallel safe
  return 1::bigint << audit_height(width - 1);

-- The hash over `width` leaves from `first` on, as the tree cuts them.
create function audit_span(first bigint, width bigint) returns bytea
  language plpgsql stable as $$
declare
  cut bigint;
begin
  if width = 1::bigint << audit_height(width) then
    return audit_subtree(audit_height(width), first / width);
  end if;
  cut := audit_cut(width);
  return audit_parent(audit_span(first, cut), audit_span(first + cut, width - cut));
end
$$;

-- The hashes that lead from a leaf to the root of the tree of the first `size` entries (RFC 6962, 2.1.1).
create function audit_path(leaf bigint, size bigint) returns bytea[]
  language plpgsql stable as $$
declare
  first bigint := 0;
  width bigint := size;
  cut bigint;
  path bytea[] := '{}';
begin
  while width > 1 loop
    cut := audit_cut(width);
    if leaf - first < cut then
      path := audit_span(first + cut, width - cut) || path;
      width := cut;
    else
      path := audit_span(first, cut) || path;
      first := first + cut;
      width := width - cut;
    end if;
  end loop;
  return path;
end
$$;

-- The hashes that show that the tree of the first `before` entries is the beginning of that of the first `size` (RFC 6962, 2.1.2).
-- Null unless 1 <= before <= size and there are so many entries.
create function audit_consistency(before bigint, size bigint) returns bytea[]
  language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  first bigint := 0;
  width bigint := size;
  rest bigint := before;
  cut bigint;
  path bytea[] := '{}';
begin
  if before < 1 or before > size or size > (select seq from audit_head) then
    return null;
  end if;
  while rest <> width loop
    cut := audit_cut(width);
    if rest <= cut then
      path := audit_span(first + cut, width - cut) || path;
      width := cut;
    else
      path := audit_span(first, cut) || path;
      first := first + cut;
      width := width - cut;
      rest := rest - cut;
    end if;
  end loop;
  return case when first = 0 then path else audit_span(first, width) || path end;
end
$$;
revoke all on function audit_consistency(bigint, bigint) from public;
grant execute on function audit_consistency(bigint, bigint) to portal_web, portal_worker;

-- How many entries there are, and the root of the tree over them, or over the first `before` of them; no row where there
-- are not so many. Says nothing of what is in them.
create function audit_tree(before bigint default null) returns table (size bigint, root bytea)
  language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  select coalesce(before, h.seq), audit_span(0, coalesce(before, h.seq)) from audit_head h where coalesce(before, h.seq) between 1 and h.seq
$$;
revoke all on function audit_tree(bigint) from public;
grant execute on function audit_tree(bigint) to portal_web, portal_worker;

-- The latest entry, if the acting account wrote it, and the proof that it is the last of the tree. Whoever has just
-- appended holds the head until the commit, so that it is theirs.
create function audit_latest() returns table (seq bigint, entry text, previous_hash bytea, root bytea, path bytea[])
  language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  select e.seq, audit_text(e.seq, e.at, e.actor, e.event, e.subject, e.supplier_id, e.detail), e.previous_hash, audit_span(0, e.seq), audit_path(e.seq - 1, e.seq)
  from audit_head h join audit_entry e on e.seq = h.seq
  where e.actor is not distinct from acting_account()
$$;
revoke all on function audit_latest() from public;
grant execute on function audit_latest() to portal_web, portal_worker;
do $$
declare
  helper text;
begin
  foreach helper in array array['audit_subtree(integer, bigint)', 'audit_span(bigint, bigint)', 'audit_path(bigint, bigint)', 'audit_grow()'] loop
    execute format('revoke all on function %s from public', helper);
  end loop;
end
$$;

-- The tree as it was at a time, signed (C2SP tlog-checkpoint). Published, so that whoever keeps one can tell whether
-- anything before it was changed since, whoever changed it.
create table audit_checkpoint (
  size bigint primary key check (size > 0),
  root bytea not null check (octet_length(root) = 32),
  note text not null,
  made_at timestamptz not null
);
create trigger audit_checkpoint_is_append_only before update or delete on audit_checkpoint
  for each row execute function audit_refuse_change();
create trigger audit_checkpoint_is_never_emptied before truncate on audit_checkpoint
  for each statement execute function audit_refuse_change();
grant select on audit_checkpoint to portal_web, portal_worker;
grant insert on audit_checkpoint to portal_worker;

-- Every key that receipts and checkpoints were ever signed with: the public half (Ed25519, RFC 8032).
create table receipt_key (
  id text primary key check (id = left(encode(sha256(public_key), 'hex'), 16)),
  public_key bytea not null check (octet_length(public_key) = 32),
  since timestamptz not null default now()
);
create trigger receipt_key_is_append_only before update or delete on receipt_key
  for each row execute function audit_refuse_change();
create trigger receipt_key_is_never_emptied before truncate on receipt_key
  for each statement execute function audit_refuse_change();
grant select on receipt_key to portal_web, portal_worker;

-- Notes a key before anything is signed with it. Each new one is an entry in the log, so that none comes unseen.
create function note_receipt_key(new_key bytea) returns void
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  new_id text := left(encode(sha256(new_key), 'hex'), 16);
begin
  insert into receipt_key (id, public_key) values (new_id, new_key) on conflict do nothing;
  if found then
    perform audit_append('receipt-key.noted', new_id, '{}');
  end if;
end
$$;
revoke all on function note_receipt_key(bytea) from public;
grant execute on function note_receipt_key(bytea) to portal_web, portal_worker;

-- What a supplier got for what was filed: the text that was signed, and by which key. It goes with its submission when
-- that is erased; the log still says that there was one, and nothing of what it said.
create table receipt (
  submission_id uuid primary key,
  supplier_id uuid not null,
  body text not null,
  key_id text not null references receipt_key,
  signature bytea not null check (octet_length(signature) = 64),
  -- Stands in the file of answers, whose hash the receipt names: without it nobody can guess answers from the hash.
  answers_salt text not null check (answers_salt ~ '^[0-9a-f]{32}$'),
  foreign key (submission_id, supplier_id) references submission (id, supplier_id) on delete cascade
);
alter table receipt enable row level security;
alter table receipt force row level security;
create policy own_rows on receipt for select to portal_web using (supplier_id = any ((select acting_suppliers())::uuid[]));
create policy staff_reads on receipt for select to portal_web using ((select acting_reader()));
create policy supplier_files on receipt for insert to portal_web with check (supplier_id = any ((select acting_suppliers())::uuid[]));
-- The command that checks the log compares it with every receipt's root.
create policy owner_verifies on receipt for select to current_user using (true);
create policy worker_issues on receipt for all to portal_worker using (true) with check (true);
grant select, insert on receipt to portal_web;
grant select (submission_id), insert on receipt to portal_worker;

-- What was filed before there were receipts gets one from the worker, which sees exactly those submissions.
create policy worker_sees_without_receipt on submission for select to portal_worker
  using (not exists (select from receipt r where r.submission_id = submission.id));
create policy worker_sees_without_receipt on obligation for select to portal_worker
  using (exists (select from submission s where s.obligation_id = obligation.id));
create policy worker_sees_without_receipt on document for select to portal_worker
  using (exists (select from submission s where s.id = document.submission_id));
grant select (id, obligation_id, supplier_id, number, answers, submitted_by_name, submitted_at, receipt_number) on submission to portal_worker;
grant select (id, agreement_id, supplier_id, requirement_id, type, period, due_on) on obligation to portal_worker;
grant select (submission_id, name, size_bytes, sha256, stored_at) on document to portal_worker;

-- Whether a file with this hash was ever filed, and on which day first (Danish time). For whoever holds the file; says
-- neither who filed it nor for what.
create function file_received_on(of_sha256 text) returns date
  language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  select (min(s.submitted_at) at time zone 'Europe/Copenhagen')::date
  from document d join submission s on s.id = d.submission_id
  where d.sha256 = of_sha256
$$;
create policy window_knows_filed on document for select to portal_window using (submission_id is not null);
create policy window_knows_when on submission for select to portal_window using (true);
grant select (sha256, submission_id) on document to portal_window;
grant select (id, submitted_at) on submission to portal_window;
grant create on schema public to portal_window;
alter function file_received_on(text) owner to portal_window;
revoke create on schema public from portal_window;
revoke all on function file_received_on(text) from public;
grant execute on function file_received_on(text) to portal_web;
