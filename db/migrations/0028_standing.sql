-- What is asked for and documented under an agreement is counted under a lock on the agreement: two decisions at the same
-- moment each counted without the other, and the register said one too few for good. An agreement that comes back after it
-- was withdrawn is counted anew: it came back as if nothing was asked for.
grant select (id, withdrawn_at), update (withdrawn_at) on agreement to portal_window;
-- To lock it, that is; nothing is written.
create policy window_locks on agreement for update to portal_window using (true) with check (false);

create or replace function count_standing() returns trigger
  language plpgsql security definer set search_path = pg_catalog, public as $$
begin
  perform recount_standing(array[coalesce(new.agreement_id, old.agreement_id)]);
  return null;
end
$$;

create function recount_standing(agreements uuid[]) returns void
  language plpgsql security definer set search_path = pg_catalog, public as $$
begin
  -- A statement of its own: the next one sees what the holders of the locks before us have done.
  perform from agreement a where a.id = any (agreements) order by a.id for no key update;
  update register_entry e set asked = s.asked, documented = s.documented
  from (
    select a.id, count(o.agreement_id) as asked, count(*) filter (where o.state = 'accepted') as documented
    from unnest(agreements) as a (id) left join obligation o on o.agreement_id = a.id group by a.id
  ) s
  where e.agreement_id = s.id and (e.asked, e.documented) is distinct from (s.asked, s.documented);
end
$$;
grant create on schema public to portal_window;
alter function recount_standing(uuid[]) owner to portal_window;
revoke create on schema public from portal_window;
revoke execute on function recount_standing(uuid[]) from public;
grant execute on function recount_standing(uuid[]) to portal_web, portal_worker, portal_window;

-- As the public sees them, and as the function counts from here on.
update register_entry e set asked = s.asked, documented = s.documented
from (
  select e.agreement_id, count(o.agreement_id) as asked, count(*) filter (where o.state = 'accepted') as documented
  from register_entry e left join obligation o on o.agreement_id = e.agreement_id and o.shown_publicly and o.state <> 'waived' group by e.agreement_id
) s
where e.agreement_id = s.agreement_id and (e.asked, e.documented) is distinct from (s.asked, s.documented);
