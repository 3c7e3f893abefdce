-- Who may connect. The role that migrates owns everything and serves no request.
-- portal_web     the web process
-- portal_worker  the handlers of background jobs
-- portal_jobs    owns the job library's schema and nothing else
-- portal_window  nobody logs in as it: owns the narrow functions through which the public may see a private table
do $$
declare
  name text;
begin
  foreach name in array array['portal_web', 'portal_worker', 'portal_jobs', 'portal_window'] loop
    if not exists (select from pg_roles where rolname = name) then
      execute format('create role %I %s', name, case name when 'portal_window' then 'nologin' else 'login' end);
    end if;
    execute format('grant %I to current_user', name);
  end loop;
end
$$;

revoke all on schema public from public;
grant usage on schema public to portal_web, portal_worker, portal_window;
grant create on schema public to portal_window;

-- The account on whose behalf this transaction runs; null when nobody is logged in.
create function acting_account() returns uuid
  language sql stable parallel safe
  return nullif(current_setting('app.actor', true), '')::uuid;
