-- The log of who did what. Rows are added and never changed, each holds the hash of the one before, and the database
-- itself refuses everything else: whoever gets around that is found by anybody who computes the chain again.
create schema audit;

-- Whom a pseudonym stands for. Outside the chain, so that a name can be erased and the chain stays whole.
create table audit.actor (
  actor_ref text primary key check (actor_ref ~ '^act_[A-Za-z0-9_-]{22}$'),
  kind text not null check (kind in ('person', 'key')),
  id text not null,
  name text,
  unique (kind, id)
);

create table audit.event (
  seq bigint primary key,
  event_id text not null unique check (event_id ~ '^aud_[0-9A-HJKMNP-TV-Z]{26}$'),
  at timestamptz not null,
  actor_kind text not null check (actor_kind in ('anonymous', 'system', 'person', 'key')),
  actor_ref text,
  organisation_id text,
  action text not null,
  resource_type text,
  resource_id text,
  result text not null check (result in ('done', 'refused', 'failed')),
  ip_prefix text,
  request_id text not null,
  before_digest text,
  after_digest text,
  prev_hash text not null check (prev_hash ~ '^[0-9a-f]{64}$'),
  hash text not null check (hash ~ '^[0-9a-f]{64}$')
);
create index event_of_organisation on audit.event (organisation_id, seq desc);
create index event_of_actor on audit.event (actor_ref, seq desc);
create index event_of_resource on audit.event (resource_type, resource_id, seq desc);

-- Where the chain ends. Whoever adds a row holds this one until their transaction ends: numbers have no gap, because a
-- number that was taken by a transaction that is undone is free again.
create table audit.head (
  only_one boolean primary key default true check (only_one),
  seq bigint not null,
  hash text not null
);
insert into audit.head (seq, hash) values (0, repeat('0', 64));

create function audit.take_head(out seq bigint, out hash text) language sql security definer set search_path = pg_catalog as
$$ select h.seq, h.hash from audit.head h for update $$;

-- Gives the pseudonym of somebody, the same one every time, until they are erased.
create function audit.ref_of(given_kind text, given_id text, fresh_ref text) returns text
  language plpgsql security definer set search_path = pg_catalog as $$
declare
  found_ref text;
begin
  select a.actor_ref into found_ref from audit.actor a where a.kind = given_kind and a.id = given_id;
  if found_ref is null then
    insert into audit.actor (actor_ref, kind, id) values (fresh_ref, given_kind, given_id)
      on conflict (kind, id) do update set id = excluded.id returning actor_ref into found_ref;
  end if;
  return found_ref;
end
$$;

create function audit.link_event() returns trigger language plpgsql security definer set search_path = pg_catalog as $$
begin
  update audit.head h set seq = new.seq, hash = new.hash where h.seq = new.seq - 1 and h.hash = new.prev_hash;
  if not found then
    raise exception 'an event follows the last one of the log: % refused', new.seq using errcode = 'restrict_violation';
  end if;
  return new;
end
$$;

create function audit.refuse_change() returns trigger language plpgsql as $$
begin
  raise exception 'the log is only added to: % refused', tg_op using errcode = 'restrict_violation';
end
$$;

create trigger event_is_linked before insert on audit.event for each row execute function audit.link_event();
create trigger event_is_final before update or delete on audit.event for each row execute function audit.refuse_change();
create trigger events_stay before truncate on audit.event for each statement execute function audit.refuse_change();
create trigger head_stays before delete on audit.head for each row execute function audit.refuse_change();

-- An organisation sees its own events, and the names of those who made them. What is done in no organisation, such as a
-- failed sign-in, may be added by anybody and is seen by the system alone.
alter table audit.event enable row level security;
alter table audit.event force row level security;
create policy of_own_organisation on audit.event for select to tidemark_app
  using (organisation_id = current_setting('app.organisation', true));
create policy adds_to_the_log on audit.event for insert to tidemark_app
  with check (organisation_id is null or organisation_id = current_setting('app.organisation', true));
alter table audit.actor enable row level security;
alter table audit.actor force row level security;
create policy of_own_events on audit.actor for select to tidemark_app
  using (exists (select from audit.event e where e.actor_ref = actor.actor_ref));
do $$
begin
  execute format('create policy of_the_system on audit.event to %I using (true) with check (true)', current_user);
  execute format('create policy of_the_system on audit.actor to %I using (true) with check (true)', current_user);
end
$$;
grant usage on schema audit to tidemark_app;
grant select, insert on audit.event to tidemark_app;
grant select on audit.actor to tidemark_app;
