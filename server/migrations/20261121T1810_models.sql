-- The life of models: what they are, which versions there were, who decided which of them answers, how each was trained,
-- what it said and what came true. History is only added to, so that "which version answered then, and why" has an answer.
create schema if not exists models;

-- Whoever did something stands in these tables by the pseudonym that the log gives them, so that a name can be forgotten.

create table models.model (
  model_id text primary key check (model_id ~ '^mdl_[0-9A-HJKMNP-TV-Z]{26}$'),
  organisation_id text not null,
  name text not null check (name ~ '^[a-z][a-z0-9._-]{0,99}$'),
  title text not null,
  task text not null,
  -- How it is trained; null for one whose versions are uploaded.
  recipe jsonb,
  settings jsonb not null,
  card jsonb not null,
  card_revision integer not null default 1,
  -- When the schedule asks for training next; null when it is off.
  next_run_at timestamptz,
  created_at timestamptz not null,
  created_by text not null,
  retired_at timestamptz,
  unique (organisation_id, name)
);
create index model_due on models.model (next_run_at) where next_run_at is not null and retired_at is null;

-- One attempt at a version, with everything that it follows from.
create table models.run (
  run_id text primary key check (run_id ~ '^run_[0-9A-HJKMNP-TV-Z]{26}$'),
  organisation_id text not null,
  model_id text not null references models.model on delete cascade,
  kind text not null check (kind in ('train', 'reproduce')),
  cause text not null check (cause in ('person', 'schedule', 'drift')),
  state text not null check (state in ('queued', 'running', 'succeeded', 'failed', 'cancelled')),
  -- Data, algorithm, parameters, seed and code: the same record gives the same bytes.
  record jsonb not null,
  reproduces text,
  step integer not null default 0,
  steps integer,
  loss double precision,
  reason text,
  verdict jsonb,
  result_version integer,
  artifact_sha256 text,
  -- Of a reproduction: whether the same bytes came out.
  identical boolean,
  cancel_asked boolean not null default false,
  -- Which process works on it, and that it still does.
  worker text,
  alive_at timestamptz,
  created_at timestamptz not null,
  created_by text not null,
  started_at timestamptz,
  ended_at timestamptz
);
create index run_of_model on models.run (model_id, run_id desc);
create index run_of_organisation on models.run (organisation_id, run_id desc);
create index run_open on models.run (state) where state in ('queued', 'running');

create table models.run_line (
  run_id text not null references models.run on delete cascade,
  seq integer not null,
  organisation_id text not null,
  at timestamptz not null,
  level text not null check (level in ('info', 'warning', 'error')),
  line text not null,
  step integer,
  loss double precision,
  primary key (run_id, seq)
);

create table models.version (
  model_id text not null references models.model on delete cascade,
  version integer not null check (version > 0),
  organisation_id text not null,
  run_id text,
  format text not null check (format in ('tidemark', 'onnx')),
  artifact_sha256 text not null check (artifact_sha256 ~ '^[0-9a-f]{64}$'),
  artifact_bytes bigint not null,
  -- Rows of the training data, to compare later ones with; null for what was trained elsewhere.
  reference_sha256 text,
  signature jsonb not null,
  algorithm text not null,
  record jsonb,
  metrics jsonb not null,
  evaluation jsonb,
  verdict jsonb,
  card jsonb not null,
  created_at timestamptz not null,
  created_by text not null,
  retired_at timestamptz,
  primary key (model_id, version)
);

create table models.alias (
  model_id text not null references models.model on delete cascade,
  alias text not null check (alias ~ '^[a-z][a-z0-9._-]{0,62}$'),
  organisation_id text not null,
  version integer not null,
  primary key (model_id, alias),
  foreign key (model_id, version) references models.version (model_id, version) on delete cascade
);

-- Every move of an alias. Only added to: "which version was champion on the day this number was made" is read from here.
create table models.alias_event (
  model_id text not null references models.model on delete cascade,
  seq integer not null,
  organisation_id text not null,
  alias text not null,
  from_version integer,
  to_version integer,
  action text not null check (action in ('promote', 'rollback', 'set', 'remove', 'retire')),
  reason text not null,
  -- Whether a gate had said no and a person decided otherwise.
  against_verdict boolean not null,
  run_id text,
  experiment_id text,
  at timestamptz not null,
  by text not null,
  primary key (model_id, seq)
);

-- What the card said at each time. Only added to.
create table models.card_revision (
  model_id text not null references models.model on delete cascade,
  revision integer not null,
  organisation_id text not null,
  card jsonb not null,
  at timestamptz not null,
  by text not null,
  primary key (model_id, revision)
);

create table models.experiment (
  experiment_id text primary key check (experiment_id ~ '^exp_[0-9A-HJKMNP-TV-Z]{26}$'),
  organisation_id text not null,
  model_id text not null references models.model on delete cascade,
  champion integer not null,
  challenger integer not null,
  plan jsonb not null,
  state text not null check (state in ('collecting', 'challenger-wins', 'champion-kept', 'stopped', 'undecided')),
  reason text,
  result jsonb,
  started_at timestamptz not null,
  started_by text not null,
  ended_at timestamptz
);
create unique index experiment_running on models.experiment (model_id) where ended_at is null;

-- What a version said. The input is kept where the settings say so, for drift and to replay.
create table models.prediction (
  prediction_id text primary key check (prediction_id ~ '^prd_[0-9A-HJKMNP-TV-Z]{26}$'),
  organisation_id text not null,
  model_id text not null references models.model on delete cascade,
  version integer not null,
  alias text,
  part text not null check (part in ('answer', 'shadow')),
  -- What a shadow prediction stands beside: the answer that was given.
  beside text,
  experiment_id text,
  key_sha256 text,
  input_sha256 text not null,
  input jsonb,
  output jsonb not null,
  value double precision,
  latency_us integer not null,
  at timestamptz not null
);
create index prediction_of_model on models.prediction (model_id, prediction_id desc);
create index prediction_of_experiment on models.prediction (experiment_id, prediction_id) where experiment_id is not null;
create index prediction_beside on models.prediction (beside) where beside is not null;

-- What came true, known later. Only added to.
create table models.outcome (
  prediction_id text primary key references models.prediction on delete cascade,
  organisation_id text not null,
  model_id text not null references models.model on delete cascade,
  realised double precision not null,
  source text not null,
  observed_at timestamptz,
  at timestamptz not null,
  by text not null
);
create index outcome_of_model on models.outcome (model_id, prediction_id);

create table models.alert (
  alert_id text primary key check (alert_id ~ '^alt_[0-9A-HJKMNP-TV-Z]{26}$'),
  organisation_id text not null,
  model_id text not null references models.model on delete cascade,
  version integer not null,
  kind text not null check (kind in ('drift', 'quality', 'accuracy', 'coverage', 'experiment', 'training')),
  feature text,
  slice text,
  says text not null,
  facts jsonb not null,
  since timestamptz not null,
  raised_at timestamptz not null,
  seen_at timestamptz not null,
  acknowledged_at timestamptz,
  acknowledged_by text,
  resolved_at timestamptz
);
create unique index alert_open on models.alert (model_id, version, kind, coalesce(feature, ''), coalesce(slice, ''))
  where resolved_at is null;
create index alert_of_model on models.alert (model_id, alert_id desc);

-- What is only added to refuses everything else; whole models go with their organisation, by way of their parent row.
create function models.refuse_change() returns trigger language plpgsql as $$
begin
  raise exception 'this history is only added to: % refused', tg_op using errcode = 'restrict_violation';
end
$$;
create function models.refuse_other_bytes() returns trigger language plpgsql as $$
begin
  if (to_jsonb(new) - 'retired_at') is distinct from (to_jsonb(old) - 'retired_at') then
    raise exception 'a version is never changed: make another' using errcode = 'restrict_violation';
  end if;
  return new;
end
$$;
create function models.refuse_deletion() returns trigger language plpgsql as $$
begin
  -- The row above is gone already when a whole model is deleted, and still there when somebody picks at its history.
  if exists (select from models.model m where m.model_id = old.model_id) then
    raise exception 'this history goes with its model or not at all: delete refused' using errcode = 'restrict_violation';
  end if;
  return old;
end
$$;
create trigger alias_event_is_final before update on models.alias_event for each row execute function models.refuse_change();
create trigger alias_event_stays before delete on models.alias_event for each row execute function models.refuse_deletion();
create trigger alias_events_stay before truncate on models.alias_event for each statement execute function models.refuse_change();
create trigger card_revision_is_final before update on models.card_revision for each row execute function models.refuse_change();
create trigger card_revision_stays before delete on models.card_revision for each row execute function models.refuse_deletion();
create trigger card_revisions_stay before truncate on models.card_revision for each statement execute function models.refuse_change();
create trigger version_is_final before update on models.version for each row execute function models.refuse_other_bytes();
create trigger version_stays before delete on models.version for each row execute function models.refuse_deletion();
create trigger versions_stay before truncate on models.version for each statement execute function models.refuse_change();
create trigger outcome_is_final before update on models.outcome for each row execute function models.refuse_change();

select platform.keep_apart('models.model', 'select, insert, update, delete');
select platform.keep_apart('models.run', 'select, insert, update');
select platform.keep_apart('models.run_line', 'select, insert');
select platform.keep_apart('models.version', 'select, insert, update');
select platform.keep_apart('models.alias', 'select, insert, update, delete');
select platform.keep_apart('models.alias_event', 'select, insert');
select platform.keep_apart('models.card_revision', 'select, insert');
select platform.keep_apart('models.experiment', 'select, insert, update');
select platform.keep_apart('models.prediction', 'select, insert');
select platform.keep_apart('models.outcome', 'select, insert');
select platform.keep_apart('models.alert', 'select, insert, update');
