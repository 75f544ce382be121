-- A device may sign what it sends. And how long single readings are kept is each organisation's to say; sums over slots of
-- time stay.
alter table telemetry.device add column public_key text check (public_key ~ '^[A-Za-z0-9_-]{43}$');

create table telemetry.retention (
  organisation_id text primary key,
  -- 0 keeps everything.
  readings_kept_months integer not null check (readings_kept_months between 0 and 1200),
  changed_at timestamptz not null
);
select platform.keep_apart('telemetry.retention', 'select, insert, update, delete');
