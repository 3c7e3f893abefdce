create table agreement (
  id uuid primary key default gen_random_uuid(),
  number text not null unique,
  kind text not null check (kind in ('framework', 'contract', 'joint-purchase', 'ski', 'dynamic-system')),
  kind_of_contract text not null check (kind_of_contract in ('supplies', 'services', 'works')),
  title_da text not null,
  title_en text not null,
  summary_da text not null,
  summary_en text not null,
  cpv_main text not null check (cpv_main ~ '^[0-9]{8}$'),
  cpv text[] not null,
  starts_on date not null,
  ends_on date not null,
  procedure text not null check (procedure in ('open', 'restricted', 'negotiated', 'below-threshold', 'direct', 'joint')),
  estimated_value_ore bigint check (estimated_value_ore >= 0),
  mandatory boolean not null,
  coverage_da text not null,
  coverage_en text not null,
  ordering_da text not null,
  ordering_en text not null,
  not_covered_da text not null,
  not_covered_en text not null,
  is_example boolean not null default false,
  updated_at timestamptz not null default now(),
  check (ends_on >= starts_on)
);
create index agreement_ends_on on agreement (ends_on, number);

create table agreement_option (
  agreement_id uuid not null references agreement on delete cascade,
  extends_to date not null,
  notice_by date not null,
  used_at timestamptz,
  primary key (agreement_id, extends_to)
);

create table agreement_supplier (
  agreement_id uuid not null references agreement on delete cascade,
  supplier_id uuid not null references supplier,
  call_off_order integer not null check (call_off_order > 0),
  primary key (agreement_id, supplier_id)
);
create index agreement_supplier_supplier on agreement_supplier (supplier_id);

-- requirement_id is the name of a file in content/requirements.
create table agreement_requirement (
  agreement_id uuid not null references agreement on delete cascade,
  requirement_id text not null,
  primary key (agreement_id, requirement_id)
);
create index agreement_requirement_requirement on agreement_requirement (requirement_id);

create table tender (
  id text primary key check (id ~ '^[a-z0-9]+(-[a-z0-9]+)*$'),
  title_da text not null,
  title_en text not null,
  summary_da text not null,
  summary_en text not null,
  status text not null check (status in ('planned', 'open', 'closed')),
  procedure text not null check (procedure in ('open', 'restricted', 'negotiated', 'below-threshold', 'direct', 'joint')),
  kind_of_contract text not null check (kind_of_contract in ('supplies', 'services', 'works')),
  cpv_main text not null check (cpv_main ~ '^[0-9]{8}$'),
  deadline_at timestamptz,
  expected_quarter text check (expected_quarter ~ '^[0-9]{4}-Q[1-4]$'),
  estimated_value_ore bigint check (estimated_value_ore >= 0),
  replaces_number text,
  requirement_ids text[] not null,
  submit_url text,
  is_example boolean not null default false,
  check ((status = 'planned') = (expected_quarter is not null)),
  check (status = 'planned' or deadline_at is not null)
);

grant select on agreement, agreement_option, agreement_supplier, agreement_requirement, tender to portal_web;
