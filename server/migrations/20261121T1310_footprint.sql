-- Calculations are kept whole, with the inventory and the very factors they used: a result must replay for ever, also
-- after a publisher has corrected an edition. The documents are json, not jsonb, so that they come back as they went in.
create schema footprint;

create table footprint.calculation (
  id text primary key check (id ~ '^calc_[0-9A-Z]{26}$'),
  calculated_at timestamptz not null,
  certificate_id text not null unique,
  certificate_hash text not null,
  organisation_name text not null,
  start_date date not null,
  end_date date not null,
  emissions_kg_co2e double precision not null,
  engine_version text not null,
  input_digest text not null,
  result_digest text not null,
  inventory json not null,
  factors json not null,
  airports json not null,
  result json not null
);

create index calculation_newest on footprint.calculation (calculated_at desc, id desc);
