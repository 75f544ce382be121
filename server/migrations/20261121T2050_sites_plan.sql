-- Plans as they were given, with what they rested on, to be held against what really happened.
create table sites.plan (
  plan_id text primary key check (plan_id ~ '^plan_[0-9A-HJKMNP-TV-Z]{26}$'),
  organisation_id text not null,
  site_id text not null references sites.site on delete cascade,
  horizon text not null check (horizon in ('24h', '7d')),
  -- The first slot.
  made_at timestamptz not null,
  -- As the site was described then: another description asks for another plan.
  site_changed_at timestamptz not null,
  task jsonb not null,
  schedule jsonb not null,
  answer jsonb not null,
  unique (site_id, horizon, made_at, site_changed_at)
);

select platform.keep_apart('sites.plan', 'select, insert, update, delete');
