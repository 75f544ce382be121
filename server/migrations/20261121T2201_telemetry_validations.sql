-- Batches of readings that were validated and certified. What was validated is kept beside it as it was, so that anybody who
-- is handed the certificate can do it again; the rule on how long readings are kept reaches it too.
create table telemetry.validation (
  validation_id text primary key check (validation_id ~ '^val_[0-9A-HJKMNP-TV-Z]{26}$'),
  organisation_id text not null,
  validated_at timestamptz not null,
  validation_level text not null check (validation_level in ('basic', 'standard', 'strict')),
  project_id text not null,
  sensor_ids text[] not null,
  total_readings integer not null,
  valid_readings integer not null check (valid_readings between 1 and total_readings),
  quality_score double precision not null,
  certificate_id text not null,
  certificate_hash text not null,
  -- As JSON text: jsonb would write numbers and keys anew, and cannot hold everything that a device may send. Null once the
  -- readings are kept no longer.
  evidence text
);
create index validation_newest on telemetry.validation (organisation_id, validated_at desc, validation_id desc);
select platform.keep_apart('telemetry.validation', 'select, insert, update, delete');
