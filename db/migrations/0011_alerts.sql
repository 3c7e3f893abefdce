-- Alerts by mail without an account: what was announced, who asked to hear of what, and what each was told.

-- One row per piece of news, written in the transaction that publishes it. The same news twice is one row.
create table announcement (
  id uuid primary key default gen_random_uuid(),
  kind text not null check (kind in ('tender', 'agreement')),
  subject text not null,
  version integer not null,
  reason text not null check (reason in ('planned', 'opened', 'changed', 'answered', 'closing-soon', 'cancelled', 'awarded', 'published')),
  -- What makes it news again: the version, but for a reminder the deadline, which a correction of the text does not move.
  occasion text not null,
  title_da text not null,
  title_en text not null,
  path_da text not null check (path_da ~ '^/[^/\\]'),
  path_en text not null check (path_en ~ '^/[^/\\]'),
  summary_da text not null,
  summary_en text not null,
  categories text[] not null,
  deadline_at timestamptz,
  changes jsonb not null,
  -- All that subscribers' words are looked for in: Danish and English stems, and the words as written.
  lexemes tsvector not null,
  announced_at timestamptz not null default now(),
  unique (kind, subject, reason, occasion)
);
create index announcement_newest on announcement (announced_at desc);

-- An address and how often it wants mail. Nothing else is kept about a person. address_key and mailbox_key are keyed
-- hashes: of the address, and of the mailbox behind it (without what stands after a +). When it is stopped the address
-- goes at once; the hashes stay for a year, so that nobody is written to again who has not signed up anew.
create table subscription (
  id uuid primary key default gen_random_uuid(),
  address text check (address ~ '^[!-~]+@[!-~]+$'),
  address_key text not null unique check (address_key ~ '^[0-9a-f]{64}$'),
  mailbox_key text not null check (mailbox_key ~ '^[0-9a-f]{64}$'),
  lang text not null check (lang in ('da', 'en')),
  rhythm text not null check (rhythm in ('at-once', 'daily', 'weekly')),
  created_at timestamptz not null,
  confirmation_sent_at timestamptz,
  confirmed_at timestamptz,
  -- The morning of the latest collected mail: there is one for each morning at most.
  digest_at timestamptz,
  stopped_at timestamptz,
  stopped_why text check (stopped_why in ('unsubscribed', 'declined', 'bounced')),
  check ((address is null) = (stopped_at is not null)),
  check ((stopped_why is null) = (stopped_at is null))
);
create index subscription_mailbox on subscription (mailbox_key);
create index subscription_unconfirmed on subscription (created_at) where confirmed_at is null;

-- What a subscriber wants to hear of. Until it is confirmed from the mailbox nothing is sent because of it.
create table subscription_choice (
  subscription_id uuid not null references subscription on delete cascade,
  kind text not null check (kind in ('category', 'words', 'agreement', 'tender', 'planned', 'all-tenders')),
  value text not null,
  query tsquery,
  confirmed boolean not null,
  asked_at timestamptz not null,
  primary key (subscription_id, kind, value),
  check ((kind = 'words') = (query is not null)),
  check ((kind in ('planned', 'all-tenders')) = (value = ''))
);
create index subscription_choice_named on subscription_choice (kind, value) include (subscription_id) where confirmed and kind <> 'words';
create index subscription_choice_words on subscription_choice (subscription_id) where confirmed and kind = 'words';

-- Who is told of what: the key is the promise that nobody is told of the same twice. mail_id is written in the
-- transaction that queues the mail.
create table alert (
  announcement_id uuid not null references announcement,
  subscription_id uuid not null references subscription on delete cascade,
  -- The choices it was found by, as kind:value.
  because text[] not null,
  created_at timestamptz not null,
  mail_id uuid,
  primary key (announcement_id, subscription_id)
);
create index alert_unsent_of_announcement on alert (announcement_id, subscription_id) where mail_id is null;
create index alert_unsent on alert (subscription_id) where mail_id is null;

-- A mail to a subscriber goes with the subscription, and loses address and text once it was sent.
alter table mail
  add column headers jsonb not null default '{}',
  add column subscription_id uuid references subscription on delete cascade,
  -- A server said for good that it will not take it.
  add column refused_at timestamptz,
  add column bounce text check (bounce in ('hard', 'soft'));
create index mail_subscription on mail (subscription_id, queued_at desc) where subscription_id is not null;

-- A subscriber's words as a question: every word must stand there in some form, or begin a word if it has four letters.
-- Words that stand everywhere are left out; null when nothing is left.
create function alert_query(words text[]) returns tsquery
  language sql stable parallel safe
  return (
    select string_agg(asked.forms, ' & ')::tsquery
    from (
      select '(' || string_agg(distinct quote_literal(form) || case when length(word) >= 4 then ':*' else '' end, ' | ') || ')' as forms
      from unnest(words) as word
        cross join lateral unnest(coalesce(ts_lexize('danish_stem', word), '{}') || coalesce(ts_lexize('english_stem', word), '{}') || array[search_folded(word)]) as form
      where cardinality(ts_lexize('danish_stem', word)) > 0 and cardinality(ts_lexize('english_stem', word)) > 0
      group by word
    ) asked);

-- Row-level security: the web role sees a subscription only if it names it, by the id from a signed link or by the
-- mailbox that somebody typed. Nothing lists addresses; without a name the table is empty.
alter table subscription enable row level security;
alter table subscription force row level security;
alter table subscription_choice enable row level security;
alter table subscription_choice force row level security;
alter table alert enable row level security;
alter table alert force row level security;
create policy named_one on subscription for all to portal_web
  using (id = nullif(current_setting('app.subscription', true), '')::uuid or mailbox_key = current_setting('app.mailbox', true))
  with check (id = nullif(current_setting('app.subscription', true), '')::uuid or mailbox_key = current_setting('app.mailbox', true));
create policy of_named_one on subscription_choice for all to portal_web
  using (exists (select from subscription s where s.id = subscription_id)) with check (exists (select from subscription s where s.id = subscription_id));
create policy worker_tells on subscription for all to portal_worker using (true) with check (true);
create policy worker_matches on subscription_choice for all to portal_worker using (true) with check (true);
create policy worker_notes on alert for all to portal_worker using (true) with check (true);
grant select, insert, update on subscription to portal_web;
grant select, insert, update, delete on subscription_choice to portal_web;
grant select, update, delete on subscription to portal_worker;
grant select, delete on subscription_choice to portal_worker;
grant select, insert, update, delete on alert to portal_worker;

-- News is public, but only staff and the clock make it.
alter table announcement enable row level security;
create policy everyone_reads on announcement for select using (true);
create policy keeper_announces on announcement for insert to portal_web with check ((select acting_register_keeper()));
create policy clock_announces on announcement for insert to portal_worker with check (true);
grant select, insert on announcement to portal_web, portal_worker;

grant insert, delete on mail to portal_worker;
grant update (to_address, body, refused_at, bounce) on mail to portal_worker;

-- Whoever stops a subscription: the address goes, and so does everything that was still to be sent.
create function forget_subscriber() returns trigger
  language plpgsql security definer set search_path = pg_catalog, public as $$
begin
  delete from subscription_choice where subscription_id = new.id;
  delete from alert where subscription_id = new.id and mail_id is null;
  delete from mail where subscription_id = new.id and sent_at is null;
  new.address := null;
  return new;
end
$$;
grant create on schema public to portal_worker;
alter function forget_subscriber() owner to portal_worker;
revoke create on schema public from portal_worker;
create trigger subscription_stopped before update of stopped_at on subscription
  for each row when (old.stopped_at is null and new.stopped_at is not null) execute function forget_subscriber();

-- The door into the queue of jobs learns one more name; what else it knows stays.
do $$
begin
  execute replace(pg_get_functiondef('jobs.enqueue(text, json, text)'::regprocedure), 'task not in (', 'task not in (''alerts-match'', ');
end
$$;
-- Many mails at once, behind all other jobs: nobody's receipt waits for fifty thousand alerts.
create function jobs.enqueue_mails(ids uuid[]) returns void
  language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  perform graphile_worker.add_jobs(array(
    select row ('mail-send', json_build_object('mailId', id), null, null, 25, id::text, 10, null)::graphile_worker.job_spec from unnest(ids) as id));
end
$$;
alter function jobs.enqueue_mails(uuid[]) owner to portal_jobs;
revoke all on function jobs.enqueue_mails(uuid[]) from public;
grant execute on function jobs.enqueue_mails(uuid[]) to portal_worker;
