-- Programs of others are told of what happens here. The event is written in the transaction of what it tells of, and what
-- was sent and answered is kept, so that its receiver can see what went wrong and ask again.
create schema webhooks;

create table webhooks.endpoint (
  endpoint_id text primary key check (endpoint_id ~ '^whk_[0-9A-HJKMNP-TV-Z]{26}$'),
  organisation_id text not null,
  url text not null,
  events text[] not null,
  description text not null,
  -- Signs requests, so it is needed in clear: encrypted under the key-encryption key.
  wrapped_secret bytea not null,
  active boolean not null,
  disabled_reason text check (disabled_reason in ('by-hand', 'failures', 'gone')),
  failures integer not null default 0,
  created_at timestamptz not null,
  check (active = (disabled_reason is null))
);
create index endpoint_of_organisation on webhooks.endpoint (organisation_id, endpoint_id);

create table webhooks.event (
  event_id text primary key check (event_id ~ '^evt_[0-9A-HJKMNP-TV-Z]{26}$'),
  organisation_id text not null,
  event text not null,
  created_at timestamptz not null,
  -- The very text that is signed and sent, at every attempt.
  body text not null
);
create index event_by_age on webhooks.event (created_at);

create table webhooks.delivery (
  delivery_id text primary key check (delivery_id ~ '^dlv_[0-9A-HJKMNP-TV-Z]{26}$'),
  organisation_id text not null,
  endpoint_id text not null references webhooks.endpoint on delete cascade,
  event_id text not null references webhooks.event on delete cascade,
  state text not null check (state in ('waiting', 'delivered', 'failed')),
  attempts integer not null default 0,
  created_at timestamptz not null,
  next_attempt_at timestamptz,
  last_attempt_at timestamptz,
  last_status integer,
  last_answer text,
  last_duration_ms integer
);
create index delivery_of_endpoint on webhooks.delivery (endpoint_id, delivery_id desc);
create index delivery_of_event on webhooks.delivery (event_id);

select platform.keep_apart('webhooks.endpoint', 'select, insert, update, delete');
select platform.keep_apart('webhooks.event', 'select, insert, delete');
select platform.keep_apart('webhooks.delivery', 'select, insert, update, delete');
