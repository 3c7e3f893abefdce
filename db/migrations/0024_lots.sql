-- What is asked of a supplier for each lot that it delivers under. Null: of the whole agreement. No reference: lots are written anew
-- whenever their agreement is published, and what was asked for stays.
alter table obligation add column lot text;
alter table obligation drop constraint obligation_agreement_id_supplier_id_requirement_id_type_per_key;
alter table obligation add constraint obligation_once unique nulls not distinct (agreement_id, supplier_id, requirement_id, type, period, lot);

-- Who owes what follow-up lays out, as one text: another text lays it out anew.
create function agreement_parties(agreement uuid) returns text
  language sql stable
  return (
    select coalesce(string_agg(s.supplier_id || ' ' || coalesce(l.lot_number, ''), ',' order by s.supplier_id, l.lot_number), '')
    from agreement_supplier s left join agreement_lot_supplier l using (agreement_id, supplier_id)
    where s.agreement_id = agreement
  );
alter table followup_plan add column parties text not null default '';
grant update (parties) on followup_plan to portal_web, portal_worker;
grant select (agreement_id, lot_number, supplier_id) on agreement_lot_supplier to portal_worker;
grant select (lot) on obligation to portal_worker, portal_window;

-- Everyone sees for which lot.
drop function public_standing(uuid, text);
create function public_standing(for_agreement uuid default null, for_requirement text default null)
  returns table (agreement_id uuid, supplier_id uuid, requirement_id text, type text, period text, lot text, state text, due_on date, decided_at timestamptz)
  language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  select o.agreement_id, o.supplier_id, o.requirement_id, o.type, o.period, o.lot, o.state, o.due_on, o.decided_at
  from obligation o
  where (for_agreement is null or o.agreement_id = for_agreement)
    and (for_requirement is null or o.requirement_id = for_requirement)
  order by o.due_on, o.type, o.lot
$$;
grant create on schema public to portal_window;
alter function public_standing(uuid, text) owner to portal_window;
revoke create on schema public from portal_window;
revoke all on function public_standing(uuid, text) from public;
grant execute on function public_standing(uuid, text) to portal_web;
