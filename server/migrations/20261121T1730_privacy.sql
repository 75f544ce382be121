-- The rights of those whose data is kept here: a copy of everything, and to be forgotten.
create schema privacy;

create table privacy.export (
  export_id text primary key check (export_id ~ '^exp_[0-9A-HJKMNP-TV-Z]{26}$'),
  subject_kind text not null check (subject_kind in ('person', 'organisation')),
  subject_id text not null,
  requested_by text not null,
  organisation_id text,
  state text not null check (state in ('making', 'ready', 'failed')),
  requested_at timestamptz not null,
  expires_at timestamptz,
  -- The document, compressed and encrypted; gone with the row a day later.
  content bytea,
  bytes bigint,
  digest text
);
create index export_of_requester on privacy.export (requested_by, requested_at desc);

create table privacy.deletion (
  deletion_id text primary key check (deletion_id ~ '^del_[0-9A-HJKMNP-TV-Z]{26}$'),
  subject_kind text not null check (subject_kind in ('person', 'organisation')),
  subject_id text not null,
  state text not null check (state in ('scheduled', 'undone', 'done')),
  requested_at timestamptz not null,
  due_at timestamptz not null,
  done_at timestamptz,
  -- How many rows of which tables went; no contents.
  erased json
);
create unique index deletion_one_scheduled on privacy.deletion (subject_kind, subject_id) where state = 'scheduled';

-- Who was erased, by an id that means nothing any more. A file beside the database says the same: after an older backup
-- was restored, whoever is in the file and not in this table is erased again.
create table privacy.tombstone (
  subject_kind text not null check (subject_kind in ('person', 'organisation')),
  subject_id text not null,
  erased_at timestamptz not null,
  primary key (subject_kind, subject_id)
);

create table privacy.retention (
  organisation_id text primary key,
  calculations_months integer check (calculations_months between 12 and 240),
  deliveries_days integer not null check (deliveries_days between 1 and 30)
);
select platform.keep_apart('privacy.retention', 'select, insert, update');
