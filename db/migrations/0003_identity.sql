create table account (
  id uuid primary key default gen_random_uuid(),
  email text not null check (email = lower(email) and email like '%_@_%'),
  name text not null,
  password_hash text not null,
  language text not null default 'da' check (language in ('da', 'en')),
  disabled_at timestamptz,
  created_at timestamptz not null default now(),
  unique (email)
);

create table account_role (
  account_id uuid not null references account,
  role text not null check (role in ('case_officer', 'contract_manager', 'publisher', 'budget_holder', 'auditor', 'administrator')),
  primary key (account_id, role)
);

-- id is the SHA-256 of the token in the cookie: a stolen copy of this table opens nothing.
create table session (
  id text primary key check (id ~ '^[0-9a-f]{64}$'),
  account_id uuid not null references account on delete cascade,
  created_at timestamptz not null,
  expires_at timestamptz not null
);
create index session_account on session (account_id);

-- Guesses at passwords, counted per account name and per address in windows of 15 minutes.
create table log_in_guess (
  key text not null,
  window_starts_at timestamptz not null,
  count integer not null,
  primary key (key, window_starts_at)
);

create table supplier (
  id uuid primary key default gen_random_uuid(),
  cvr text not null unique check (cvr ~ '^[0-9]{8}$'),
  name text not null,
  town text not null,
  is_example boolean not null default false
);

create table membership (
  account_id uuid not null references account,
  supplier_id uuid not null references supplier,
  role text not null check (role in ('administrator', 'member')),
  primary key (account_id, supplier_id)
);

alter table membership enable row level security;
alter table membership force row level security;
create policy own_memberships on membership for select to portal_web using (account_id = acting_account());
create policy owner_manages on membership to current_user using (true) with check (true);

-- Suppliers for which the acting account may act; read from the table each time, so a removed member is out at once.
create function acting_suppliers() returns uuid[]
  language sql stable
  return array(select m.supplier_id from membership m where m.account_id = acting_account());

-- Whether the acting account may see every supplier's cases (reading), or decide them.
create function acting_reader() returns boolean
  language sql stable
  return exists (select from account_role r where r.account_id = acting_account() and r.role in ('case_officer', 'contract_manager', 'auditor'));
create function acting_reviewer() returns boolean
  language sql stable
  return exists (select from account_role r where r.account_id = acting_account() and r.role in ('case_officer', 'contract_manager'));

grant select on account, account_role, membership, supplier to portal_web;
grant select, insert, update, delete on session, log_in_guess to portal_web;
grant delete on session, log_in_guess to portal_worker;
grant select (expires_at) on session to portal_worker;
grant select (window_starts_at) on log_in_guess to portal_worker;
