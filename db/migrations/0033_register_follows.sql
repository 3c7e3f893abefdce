-- The register follows what editors say of categories and requirements: what was last followed, as a checksum. The worker
-- enters agreements anew when it is another; before, an edit of either reached the filters only with the next publication.
create table register_catalogue (
  only_one boolean primary key default true check (only_one),
  checksum text not null
);
do $$
declare
  tab text;
begin
  alter table register_catalogue enable row level security;
  foreach tab in array array['register_catalogue', 'register_entry', 'register_text', 'register_word', 'register_facet_set'] loop
    execute format('create policy worker_follows on %I for all to portal_worker using (true) with check (true)', tab);
    execute format('grant select, insert, update on %I to portal_worker', tab);
  end loop;
  create policy worker_follows on agreement for update to portal_worker using (true) with check (true);
  grant update (category) on agreement to portal_worker;
end
$$;
