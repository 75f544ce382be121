-- Places where energy is made, kept and used: what stands there, what energy costs there. Its readings are telemetry's.
create schema sites;

create table sites.site (
  id text primary key check (id ~ '^site_[0-9A-HJKMNP-TV-Z]{26}$'),
  organisation_id text not null,
  name text not null,
  latitude double precision not null,
  longitude double precision not null,
  time_zone text not null,
  country text not null,
  tariff jsonb,
  assets jsonb not null,
  shiftable_loads jsonb not null,
  simulated boolean not null,
  created_at timestamptz not null,
  changed_at timestamptz not null
);
create index site_of_organisation on sites.site (organisation_id, name, id);

select platform.keep_apart('sites.site', 'select, insert, update, delete');
