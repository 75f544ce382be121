-- Recordings of vibration: what was found in each, and the samples of the newest.
create table sites.waveform (
  waveform_id text primary key check (waveform_id ~ '^wav_[0-9A-HJKMNP-TV-Z]{26}$'),
  organisation_id text not null,
  site_id text not null references sites.site on delete cascade,
  asset_id text not null,
  captured_at timestamptz not null,
  sample_rate_hz double precision not null,
  rpm double precision,
  unit text not null check (unit in ('g', 'm/s2', 'mm/s')),
  sample_count integer not null,
  -- Of the bytes of the samples: the same recording sent twice is one.
  sha256 bytea not null,
  -- Little-endian 64-bit floats; null once newer ones have taken their place.
  samples bytea,
  features jsonb not null,
  unique (site_id, asset_id, captured_at)
);

-- How far indicators may go where a site says so itself.
create table sites.maintenance_limit (
  site_id text not null references sites.site on delete cascade,
  asset_id text not null,
  organisation_id text not null,
  limits jsonb not null,
  primary key (site_id, asset_id)
);

select platform.keep_apart('sites.waveform', 'select, insert, update, delete');
select platform.keep_apart('sites.maintenance_limit', 'select, insert, update, delete');
