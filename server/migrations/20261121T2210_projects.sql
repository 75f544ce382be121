-- Restoration projects: who restores what where, what pictures show of it, and what reviewers decide.
create schema projects;

-- The last number given within an organisation. Kept apart from the things, so that none is given again.
create table projects.counter (
  organisation_id text not null,
  kind text not null check (kind in ('project', 'evidence')),
  last integer not null,
  primary key (organisation_id, kind)
);
select platform.keep_apart('projects.counter', 'select, insert, update');

create function projects.next_number(of_organisation text, of_kind text) returns integer language sql
  set search_path = pg_catalog as $$
  insert into projects.counter as c (organisation_id, kind, last) values (of_organisation, of_kind, 1)
  on conflict (organisation_id, kind) do update set last = c.last + 1
  returning last
$$;
grant execute on function projects.next_number to tidemark_app;

create table projects.project (
  id text primary key check (id ~ '^prj_[0-9A-HJKMNP-TV-Z]{26}$'),
  organisation_id text not null,
  number integer not null,
  name text not null,
  developer text not null,
  ecosystem text not null,
  description text,
  claimed_ha double precision check (claimed_ha > 0),
  -- GeoJSON, with what was measured of it on the ellipsoid.
  boundary jsonb,
  measured_ha double precision,
  perimeter_m double precision,
  method_parameters jsonb not null,
  state text not null,
  generated boolean not null,
  created_at timestamptz not null,
  changed_at timestamptz not null,
  -- Pseudonyms of the log, here and below. Everybody who ever described it: none of them reviews it.
  created_by text not null,
  described_by text[] not null,
  unique (organisation_id, number)
);
create index project_of_organisation on projects.project (organisation_id, name, id);
select platform.keep_apart('projects.project', 'select, insert, update, delete');

create table projects.period (
  period_id text primary key check (period_id ~ '^prd_[0-9A-HJKMNP-TV-Z]{26}$'),
  organisation_id text not null,
  project_id text not null references projects.project on delete cascade,
  name text not null,
  from_day date not null,
  to_day date not null check (to_day >= from_day),
  note text,
  created_at timestamptz not null,
  created_by text not null
);
create index period_of_project on projects.period (project_id, from_day);
select platform.keep_apart('projects.period', 'select, insert');

-- A sensor series as it stood when it was cited; what the series becomes later changes nothing here.
create table projects.citation (
  citation_id text primary key check (citation_id ~ '^cit_[0-9A-HJKMNP-TV-Z]{26}$'),
  organisation_id text not null,
  period_id text not null references projects.period on delete cascade,
  series_id integer not null,
  cited jsonb not null,
  digest text not null,
  note text,
  cited_at timestamptz not null,
  cited_by text not null
);
create index citation_of_period on projects.citation (period_id, cited_at);
select platform.keep_apart('projects.citation', 'select, insert');

create table projects.document (
  document_id text primary key check (document_id ~ '^doc_[0-9A-HJKMNP-TV-Z]{26}$'),
  organisation_id text not null,
  project_id text not null references projects.project on delete cascade,
  name text not null,
  kind text not null,
  media_type text not null,
  bytes bigint not null,
  sha256 text not null check (sha256 ~ '^[0-9a-f]{64}$'),
  added_at timestamptz not null,
  added_by text not null
);
create index document_of_project on projects.document (project_id, added_at);
create index document_bytes on projects.document (sha256);
select platform.keep_apart('projects.document', 'select, insert');

create table projects.evidence (
  id text primary key check (id ~ '^evd_[0-9A-HJKMNP-TV-Z]{26}$'),
  organisation_id text not null,
  number integer not null,
  project_id text not null references projects.project on delete cascade,
  evidence_type text not null default 'general' check (evidence_type in ('before', 'after', 'general')),
  -- Of the digests of its files, in order: the same bytes for the same project and type are one.
  content_sha256 text not null check (content_sha256 ~ '^[0-9a-f]{64}$'),
  evidence_class text not null,
  -- As typed by whoever sent it; none of it is believed.
  uploader text,
  gps jsonb,
  claimed_co2 double precision,
  project_area_hectares double precision,
  captured_at text,
  sensor text,
  generated boolean not null,
  uploaded_at timestamptz not null,
  uploaded_by text not null,
  withdrawn_at timestamptz,
  withdrawn_reason text,
  unique (organisation_id, number)
);
create unique index evidence_once on projects.evidence (project_id, evidence_type, content_sha256) where withdrawn_at is null;
create index evidence_of_project on projects.evidence (project_id, uploaded_at desc);
select platform.keep_apart('projects.evidence', 'select, insert, update');

-- One picture of it. What the file says of itself is kept raw, beside the digests that find it again anywhere.
create table projects.evidence_file (
  evidence_id text not null references projects.evidence on delete cascade,
  place smallint not null,
  organisation_id text not null,
  name text not null,
  sha256 text not null check (sha256 ~ '^[0-9a-f]{64}$'),
  pixels_sha256 text not null check (pixels_sha256 ~ '^[0-9a-f]{64}$'),
  phash text check (phash ~ '^[0-9a-f]{16}$'),
  facts jsonb not null,
  primary key (evidence_id, place)
);
create index evidence_file_bytes on projects.evidence_file (sha256);
create index evidence_file_pixels on projects.evidence_file (pixels_sha256);
select platform.keep_apart('projects.evidence_file', 'select, insert');

/*
 * An analysis of a pair. The columns up to analysis_summary are those of the MRV record that the registry keeps, under its
 * names and in its types; the rest is what makes it possible to say what the numbers are worth.
 */
create table projects.analysis (
  analysis_id text primary key check (analysis_id ~ '^ana_[0-9A-HJKMNP-TV-Z]{26}$'),
  organisation_id text not null,
  project_id text not null references projects.project on delete cascade,
  state text not null check (state in ('queued', 'running', 'measured', 'cannot_tell', 'failed')),
  cause text not null,
  before_evidence_id text not null references projects.evidence,
  after_evidence_id text not null references projects.evidence,

  evidence_type text not null default 'general',
  before_image_hash text,
  after_image_hash text,
  project_area_hectares double precision,
  calculated_co2_sequestration double precision,
  vegetation_change_percentage double precision,
  ndvi_improvement double precision,
  land_transformation_score double precision,
  calculated_carbon_credits double precision,
  credit_calculation_method text not null default 'ai_analysis',
  -- The whole report in its canonical form: the very bytes that report_digest is of.
  ai_analysis_results text,
  confidence_score double precision,
  analysis_summary text,

  methodology_id text,
  methodology_version text,
  params_json jsonb,
  evidence_class text,
  sensor text,
  acquisition_utc jsonb,
  crs text,
  valid_fraction double precision,
  registration_px double precision,
  season_gap_days double precision,
  integrity_flags text[] not null default '{}',
  tco2e double precision,
  unit text,

  -- What it is computed from: the project as it was described then.
  task jsonb not null,
  level text,
  -- What was certified, as it travels with the certificate: rules change, and this does not.
  evidence_text text,
  report_digest text check (report_digest ~ '^sha256:[0-9a-f]{64}$'),
  certificate_id text,
  certificate_hash text,
  histogram jsonb,
  progress jsonb,
  reason text,
  generated boolean not null,
  worker text,
  alive_at timestamptz,
  attempts integer not null default 0,
  created_at timestamptz not null,
  started_at timestamptz,
  ended_at timestamptz,
  asked_by text not null
);
create index analysis_of_project on projects.analysis (project_id, created_at desc);
create index analysis_of_before on projects.analysis (before_evidence_id, created_at desc);
create index analysis_of_after on projects.analysis (after_evidence_id, created_at desc);
create index analysis_with_result on projects.analysis (organisation_id, created_at desc) where state in ('measured', 'cannot_tell');
-- One at a time of a project, whoever asks.
create unique index analysis_underway on projects.analysis (project_id) where state in ('queued', 'running');
select platform.keep_apart('projects.analysis', 'select, insert, update');

-- What ended stays as it is, whatever a program means to do.
create function projects.stays() returns trigger language plpgsql set search_path = pg_catalog as $$
begin
  raise exception 'what was recorded of % stays as it is', tg_table_name;
end
$$;
create trigger stays before update on projects.analysis for each row when (old.ended_at is not null)
  execute function projects.stays();

create table projects.picture (
  analysis_id text not null references projects.analysis on delete cascade,
  kind text not null,
  organisation_id text not null,
  media_type text not null,
  width integer not null,
  height integer not null,
  corners jsonb,
  sha256 text not null check (sha256 ~ '^[0-9a-f]{64}$'),
  bytes bigint not null,
  primary key (analysis_id, kind)
);
create index picture_bytes on projects.picture (sha256);
select platform.keep_apart('projects.picture', 'select, insert');

create table projects.decision (
  decision_id text primary key check (decision_id ~ '^dcn_[0-9A-HJKMNP-TV-Z]{26}$'),
  organisation_id text not null,
  project_id text not null references projects.project on delete cascade,
  analysis_id text not null references projects.analysis on delete cascade,
  verdict text not null check (verdict in ('approve', 'approve_partial', 'request_more', 'reject')),
  state text not null check (state in ('waits_for_second', 'effective', 'not_confirmed')),
  method text,
  method_version text,
  measured_t_co2e double precision,
  fraction double precision,
  override_t_co2e double precision,
  -- What becomes approved when it is effective.
  proposed_t_co2e double precision not null check (proposed_t_co2e >= 0),
  reason text,
  wanted text[] not null default '{}',
  second_needed boolean not null,
  statement text,
  certificate_id text,
  certificate_hash text,
  decided_at timestamptz not null,
  decided_by text not null,
  second_at timestamptz,
  second_by text,
  second_reason text,
  check (second_by is null or second_by <> decided_by),
  check (state <> 'effective' or not second_needed or second_by is not null)
);
-- An analysis is decided once; what was not confirmed leaves it open.
create unique index decision_of_analysis on projects.decision (analysis_id) where state <> 'not_confirmed';
create index decision_of_project on projects.decision (project_id, decided_at desc);
select platform.keep_apart('projects.decision', 'select, insert, update');
create trigger stays before update on projects.decision for each row when (old.state <> 'waits_for_second')
  execute function projects.stays();

create table projects.event (
  event_id bigint generated always as identity primary key,
  organisation_id text not null,
  project_id text not null references projects.project on delete cascade,
  at timestamptz not null,
  kind text not null,
  by text not null,
  subject_id text,
  facts jsonb not null
);
create index event_of_project on projects.event (project_id, event_id desc);
select platform.keep_apart('projects.event', 'select, insert');
