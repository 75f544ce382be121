-- What was found on sites that is not as it should be, and who is to be told of what.

-- When a site was last looked at, over which time, and how much there was to look at.
create table sites.detection (
  site_id text primary key references sites.site on delete cascade,
  organisation_id text not null,
  ran_at timestamptz not null,
  judged_from timestamptz not null,
  judged_to timestamptz not null,
  -- How many readings there were: another number means that there is something new, however old it is.
  readings bigint not null,
  -- What each detector looked at, and what it still needs.
  judged jsonb not null
);

create table sites.anomaly (
  anomaly_id text primary key check (anomaly_id ~ '^ano_[0-9A-HJKMNP-TV-Z]{26}$'),
  organisation_id text not null,
  site_id text not null references sites.site on delete cascade,
  type text not null,
  asset_id text,
  from_at timestamptz not null,
  to_at timestamptz not null,
  found_at timestamptz not null,
  is_open boolean not null,
  severity text not null check (severity in ('low', 'medium', 'high', 'critical')),
  strength double precision not null,
  simulated boolean not null,
  -- Values, cause, evidence, window and loss, as the detectors told them.
  told jsonb not null,
  stored_at timestamptz not null,
  changed_at timestamptz not null,
  -- Later readings showed that there was nothing: a gap was filled, say.
  withdrawn_at timestamptz,
  verdict text check (verdict in ('correct', 'false_alarm')),
  judged_at timestamptz
);
create index anomaly_of_site on sites.anomaly (organisation_id, site_id, from_at desc);

create table sites.alert_rule (
  rule_id text primary key check (rule_id ~ '^alr_[0-9A-HJKMNP-TV-Z]{26}$'),
  organisation_id text not null,
  site_id text not null references sites.site on delete cascade,
  asset_id text,
  name text not null,
  active boolean not null,
  -- What it watches for: anomalies of some types, or a measure that passes a threshold.
  watches jsonb not null,
  repeat_after_s integer not null,
  alerts_per_week double precision not null,
  -- Learnt from what people said of earlier ones: findings weaker than this raise no alert.
  strength_min double precision not null,
  muted_until timestamptz,
  -- Of threshold rules: for each device whether it is beyond, since when, and up to where was looked.
  states jsonb not null,
  created_at timestamptz not null,
  changed_at timestamptz not null
);
create index alert_rule_of_site on sites.alert_rule (organisation_id, site_id);

create table sites.alert (
  alert_id text primary key check (alert_id ~ '^alt_[0-9A-HJKMNP-TV-Z]{26}$'),
  organisation_id text not null,
  site_id text not null references sites.site on delete cascade,
  rule_id text not null references sites.alert_rule on delete cascade,
  anomaly_id text references sites.anomaly on delete cascade,
  asset_id text,
  sensor_id text,
  -- Alerts of one rule about the same thing share it: a second one is counted, not told.
  subject text not null,
  severity text not null check (severity in ('low', 'medium', 'high', 'critical')),
  told jsonb not null,
  times integer not null,
  raised_at timestamptz not null,
  from_at timestamptz not null,
  last_seen_at timestamptz not null,
  resolved_at timestamptz,
  acknowledged_at timestamptz,
  muted_until timestamptz,
  verdict text check (verdict in ('correct', 'false_alarm')),
  note text not null
);
create index alert_newest on sites.alert (organisation_id, raised_at desc);
create index alert_of_rule on sites.alert (rule_id, subject, last_seen_at desc);

select platform.keep_apart('sites.detection', 'select, insert, update, delete');
select platform.keep_apart('sites.anomaly', 'select, insert, update, delete');
select platform.keep_apart('sites.alert_rule', 'select, insert, update, delete');
select platform.keep_apart('sites.alert', 'select, insert, update, delete');
