-- A supplier says by itself that something has happened that follow-up of its agreement is switched on for.
create policy supplier_sees_its_own on followup_plan for select to portal_web using (
  exists (select from agreement_supplier s where s.agreement_id = followup_plan.agreement_id and s.supplier_id = any ((select acting_suppliers())::uuid[]))
);
create policy supplier_reports on obligation for insert to portal_web with check (
  supplier_id = any ((select acting_suppliers())::uuid[]) and state = 'open' and renews_evidence_id is null
  and exists (select from followup_plan p where (p.agreement_id, p.requirement_id, p.type) = (obligation.agreement_id, obligation.requirement_id, obligation.type))
);
