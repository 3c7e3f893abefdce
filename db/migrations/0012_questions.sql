-- Questions to a tender: asked by anybody with an address that was confirmed, answered by staff, published without who asked.
create table question (
  id uuid primary key,
  tender_id text not null references tender,
  -- In the order of publication; null until it is answered.
  number integer,
  lang text not null check (lang in ('da', 'en')),
  -- As asked; staff may leave out what tells who asked before it is published.
  text text not null check (length(text) between 1 and 4000),
  asked_at timestamptz not null,
  confirmed_at timestamptz,
  answer_da text,
  answer_en text,
  published_at timestamptz,
  published_by uuid references account,
  unique (tender_id, number),
  check ((published_at is null) = (number is null)),
  check (published_at is null or (answer_da is not null and confirmed_at is not null))
);
create index question_tender on question (tender_id, published_at);
create index question_waiting on question (asked_at) where published_at is null;

-- Whom the answer is sent to. Nobody reads it but the functions below; gone when the answer has been sent.
create table question_asker (
  question_id uuid primary key references question on delete cascade,
  address text not null,
  token_sha256 bytea not null unique
);

alter table question enable row level security;
create policy everyone_reads_published on question for select using (published_at is not null);
create policy anybody_asks on question for insert to portal_web with check (published_at is null and confirmed_at is null and answer_da is null and answer_en is null);
create policy keeper_reads_confirmed on question for select to portal_web using (confirmed_at is not null and (select acting_register_keeper()));
create policy keeper_answers on question for update to portal_web using (confirmed_at is not null and (select acting_register_keeper()));
create policy keeper_deletes on question for delete to portal_web using (confirmed_at is not null and (select acting_register_keeper()));
create policy worker_forgets on question to portal_worker using (confirmed_at is null) with check (false);
grant select, insert, update, delete on question to portal_web;
grant select (id, asked_at, confirmed_at, published_at), delete on question to portal_worker;
grant insert on question_asker to portal_web;

create policy window_confirms on question to portal_window using (true);
grant select, update (confirmed_at) on question to portal_window;
grant select, delete on question_asker to portal_window;
grant usage on schema public to portal_window;
-- take_asker asks who acts.
grant select on account_role to portal_window;
grant create on schema public to portal_window;

-- What the holder of a link may see: the question, and where it belongs.
create function question_by_token(sha256 bytea) returns table (tender_id text, text text, confirmed boolean)
  language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  select q.tender_id, q.text, q.confirmed_at is not null from question q join question_asker a on a.question_id = q.id where a.token_sha256 = sha256
$$;
alter function question_by_token(bytea) owner to portal_window;

create function confirm_question(sha256 bytea, at timestamptz) returns text
  language sql security definer set search_path = pg_catalog, public, pg_temp as $$
  update question q set confirmed_at = coalesce(q.confirmed_at, at) from question_asker a where a.question_id = q.id and a.token_sha256 = sha256 returning q.tender_id
$$;
alter function confirm_question(bytea, timestamptz) owner to portal_window;

-- Gives out the address once, for the mail with the answer, and forgets it.
create function take_asker(question uuid) returns text
  language sql security definer set search_path = pg_catalog, public, pg_temp as $$
  delete from question_asker a using question q where q.id = a.question_id and q.id = question and q.published_at is not null and acting_register_keeper() returning a.address
$$;
alter function take_asker(uuid) owner to portal_window;
revoke create on schema public from portal_window;
-- The owner brings notices in by the command, and tells followers.
do $$
begin
  execute format('grant usage on schema jobs to %I', current_user);
  execute format('grant execute on function jobs.enqueue(text, json, text) to %I', current_user);
end
$$;

revoke all on function question_by_token(bytea), confirm_question(bytea, timestamptz), take_asker(uuid) from public;
grant execute on function question_by_token(bytea), confirm_question(bytea, timestamptz), take_asker(uuid) to portal_web;
