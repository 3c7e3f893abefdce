-- A draft knows the published version that it began from, and each saving has a number that never comes back: a form that
-- was opened before a colleague saved or published is told from one that was opened after, also when a draft has ended.
create sequence agreement_draft_revision as integer;
select setval('agreement_draft_revision', coalesce(max(revision), 0) + 1, false) from agreement_draft;
grant usage on sequence agreement_draft_revision to portal_web;
alter table agreement_draft
  alter column revision set default nextval('agreement_draft_revision'),
  -- 0: nothing was published then.
  add column begun_from integer not null default 0;
alter sequence agreement_draft_revision owned by agreement_draft.revision;
-- Of those that are open nobody knows it: what had been published when they were last saved.
update agreement_draft d set begun_from = coalesce((
  select max(v.number) from agreement a join agreement_version v on v.agreement_id = a.id where a.number = d.number and v.published_at <= d.saved_at), 0);
alter table agreement_draft alter column begun_from drop default;

-- What staff's list shows, the latest first, without reading the register from end to end: what is on the site, and what
-- was withdrawn, each by itself; and any part of a number or a title.
set local statement_timeout = 0;
create index agreement_latest on agreement (updated_at desc, number) where withdrawn_at is null;
create index agreement_withdrawn on agreement (updated_at desc, number) where withdrawn_at is not null;
create index agreement_trigrams on agreement using gin ((' ' || number || ' ' || title_da) gin_trgm_ops);
