-- Tables that models learn from: named, in versions that never change, each known by the digest of its columns and cells.
create schema if not exists models;

create table models.dataset (
  dataset_id text primary key check (dataset_id ~ '^dat_[0-9A-HJKMNP-TV-Z]{26}$'),
  organisation_id text not null,
  name text not null check (name ~ '^[a-z][a-z0-9._-]{0,79}$'),
  title text not null,
  description text not null,
  -- What every version should comply with, as data.
  expectations jsonb not null,
  version_count integer not null default 0,
  created_at timestamptz not null,
  unique (organisation_id, name)
);

create table models.dataset_version (
  dataset_id text not null references models.dataset on delete cascade,
  version integer not null check (version > 0),
  organisation_id text not null,
  sha256 text not null check (sha256 ~ '^[0-9a-f]{64}$'),
  row_count integer not null,
  bytes bigint not null,
  -- Each column with its type and where its cells lie: one file a column, so that one can be read without the others.
  columns jsonb not null,
  source jsonb not null,
  schema_changes jsonb not null,
  created_at timestamptz not null,
  -- The pseudonym that the log gives whoever brought it in.
  created_by text not null,
  primary key (dataset_id, version)
);

select platform.keep_apart('models.dataset', 'select, insert, update');
-- No right to change one: a version stays what it was.
select platform.keep_apart('models.dataset_version', 'select, insert');
