-- Readings of sensors: what came in, one row for each value, in a partition for each month; and beside it sums over slots
-- of time, so that a year can be drawn without reading a year.
create schema telemetry;

create table telemetry.device (
  device_id text primary key check (device_id ~ '^dev_[0-9A-HJKMNP-TV-Z]{26}$'),
  organisation_id text not null,
  sensor_id text not null,
  name text not null,
  kind text not null,
  project_id text,
  site_id text,
  placement jsonb,
  measures jsonb not null,
  simulated boolean not null,
  created_at timestamptz not null,
  retired_at timestamptz,
  last_reading_at timestamptz,
  battery_level_percent double precision,
  signal_strength_percent double precision,
  calibrated_at timestamptz,
  unique (organisation_id, sensor_id)
);
create index device_of_site on telemetry.device (organisation_id, site_id) where site_id is not null;
create index device_of_project on telemetry.device (organisation_id, project_id) where project_id is not null;

create table telemetry.series (
  series_id integer generated always as identity primary key,
  organisation_id text not null,
  device_id text not null references telemetry.device on delete cascade,
  measure text not null,
  readings bigint not null default 0,
  first_at timestamptz,
  -- The newest value that was ever stored, whatever was thought of it: what comes before it may be there already.
  last_at timestamptz,
  last_value double precision,
  -- What the checks remember from reading to reading.
  state jsonb not null,
  -- What the checks learnt from accepted readings; null until there are enough.
  profile jsonb,
  profile_at timestamptz,
  unique (device_id, measure)
);

create table telemetry.reading (
  captured_at timestamptz not null,
  received_at timestamptz not null,
  value double precision not null,
  series_id integer not null,
  -- 0 valid, 1 suspect, 2 invalid.
  verdict smallint not null check (verdict between 0 and 2),
  -- One bit for each check that found something, in the order of the contract.
  findings smallint not null,
  organisation_id text not null,
  primary key (series_id, captured_at)
) partition by range (captured_at);

-- Sums that only ever grow: a late reading is added to its slot like any other. A slot is named by its beginning.
create table telemetry.rollup (
  slot_start timestamptz not null,
  series_id integer not null,
  slot_s integer not null,
  readings integer not null,
  not_counted integer not null,
  sum double precision not null,
  low double precision,
  high double precision,
  -- What a counter counted in the slot.
  amount double precision not null,
  organisation_id text not null,
  primary key (series_id, slot_s, slot_start)
);

create table telemetry.batch (
  batch_id text primary key check (batch_id ~ '^bat_[0-9A-HJKMNP-TV-Z]{26}$'),
  organisation_id text not null,
  received_at timestamptz not null,
  source text not null check (source in ('http', 'csv', 'mqtt', 'websocket')),
  received integer not null,
  stored_values integer not null,
  valid integer not null,
  suspect integer not null,
  invalid integer not null,
  duplicates integer not null,
  conflicts integer not null,
  refused integer not null
);
create index batch_newest on telemetry.batch (organisation_id, received_at desc);

/*
 * Makes the partition of a month, for whoever may write readings: they may not make tables otherwise. Months from 2000 to
 * the next one; two that ask at once take turns.
 */
create function telemetry.make_month(which timestamptz) returns void language plpgsql security definer
set search_path = pg_catalog as $$
declare
  month_start timestamptz := date_trunc('month', which, 'UTC');
  name text := 'reading_' || to_char(month_start at time zone 'UTC', 'YYYY_MM');
begin
  if which < '2000-01-01T00:00:00Z' or which > now() + interval '31 days' then
    raise exception 'readings of % have no place', which;
  end if;
  if to_regclass('telemetry.' || name) is not null then return; end if;
  perform pg_advisory_xact_lock(hashtext('telemetry.make_month'));
  execute format('create table if not exists telemetry.%I partition of telemetry.reading for values from (%L) to (%L)',
    name, month_start, date_trunc('month', month_start + interval '40 days', 'UTC'));
end
$$;

select platform.keep_apart('telemetry.device', 'select, insert, update, delete');
select platform.keep_apart('telemetry.series', 'select, insert, update, delete');
select platform.keep_apart('telemetry.reading', 'select, insert, delete');
select platform.keep_apart('telemetry.rollup', 'select, insert, update, delete');
select platform.keep_apart('telemetry.batch', 'select, insert, delete');
grant execute on function telemetry.make_month to tidemark_app;
