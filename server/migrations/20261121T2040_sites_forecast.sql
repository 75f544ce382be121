-- What was learnt of a site, one of each kind: what learns, and what repeats until there is one that learns.
create table sites.forecast_model (
  model_id text primary key check (model_id ~ '^fcm_[0-9A-HJKMNP-TV-Z]{26}$'),
  organisation_id text not null,
  site_id text not null references sites.site on delete cascade,
  learns boolean not null,
  trained_at timestamptz not null,
  model jsonb not null,
  unique (site_id, learns)
);

-- When a site was last handed to a learner, so that a page that asks again and again asks once.
create table sites.forecast_wish (
  site_id text primary key references sites.site on delete cascade,
  organisation_id text not null,
  asked_at timestamptz not null
);

-- Day-ahead forecasts as they were told, and what became of them.
create table sites.forecast (
  site_id text not null references sites.site on delete cascade,
  target text not null check (target in ('load', 'generation', 'net')),
  made_at timestamptz not null,
  organisation_id text not null,
  level text not null check (level in ('full', 'baseline', 'flatliner')),
  model_id text,
  slot_s integer not null,
  -- Points and bands of the day ahead, in kW.
  told jsonb not null,
  -- Slots, how many lay in the bands, sum of errors; null until the day is over.
  outcome jsonb,
  primary key (site_id, target, made_at)
);
create index forecast_open on sites.forecast (made_at) where outcome is null;

-- Weather as it was forecast: what was said of an hour, each time that it was said.
create table sites.weather (
  site_id text not null references sites.site on delete cascade,
  name text not null,
  at timestamptz not null,
  issued_at timestamptz not null,
  organisation_id text not null,
  value double precision not null,
  primary key (site_id, name, at, issued_at)
);

select platform.keep_apart('sites.forecast_model', 'select, insert, update, delete');
select platform.keep_apart('sites.forecast_wish', 'select, insert, update, delete');
select platform.keep_apart('sites.forecast', 'select, insert, update, delete');
select platform.keep_apart('sites.weather', 'select, insert, update, delete');
