-- A query that forgets whose rows it may see must find nothing of others. PostgreSQL keeps that itself, by row-level
-- security: requests run under the role tidemark_app, which sees the rows of the organisation named in app.organisation.

-- The role is shared by all databases of a server, and other databases may be migrating at this moment. Where the account
-- that migrates may make no roles, an administrator makes it beforehand: create role tidemark_app nologin.
do $$
begin
  if not exists (select from pg_roles where rolname = 'tidemark_app') then
    create role tidemark_app nologin;
  end if;
exception when duplicate_object or unique_violation then null;
end
$$;
do $$
begin
  -- True of a superuser without any grant.
  if not pg_has_role(current_user, 'tidemark_app', 'member') then
    execute format('grant tidemark_app to %I', current_user);
  end if;
end
$$;

/*
 * Keeps the rows of a table apart by its column organisation_id, and grants the role of requests what is named.
 * Forced, because whoever migrates owns the tables and would be exempt; the owner's own policy then says openly that the
 * system sees everything.
 */
create function platform.keep_apart(which regclass, privileges text) returns void language plpgsql as $$
begin
  execute format('alter table %s enable row level security', which);
  execute format('alter table %s force row level security', which);
  execute format('create policy of_own_organisation on %s to tidemark_app
    using (organisation_id = current_setting(''app.organisation'', true))
    with check (organisation_id = current_setting(''app.organisation'', true))', which);
  execute format('create policy of_the_system on %s to %I using (true) with check (true)', which, current_user);
  execute format('grant usage on schema %s to tidemark_app',
    (select quote_ident(nspname) from pg_namespace join pg_class on relnamespace = pg_namespace.oid where pg_class.oid = which));
  execute format('grant %s on %s to tidemark_app', privileges, which);
end
$$;

-- What is there belongs to the demo organisation. The default goes again: a store that forgets whose row it writes fails.
alter table footprint.calculation add column organisation_id text not null default 'org_00000000000000000000000000'
  check (organisation_id ~ '^org_[0-9A-HJKMNP-TV-Z]{26}$');
alter table footprint.calculation alter column organisation_id drop default;
drop index footprint.calculation_newest;
create index calculation_newest on footprint.calculation (organisation_id, calculated_at desc, id desc);
select platform.keep_apart('footprint.calculation', 'select, insert');

-- Two organisations may both have certificates of one subject. Neither may learn it, so each keeps a key of its own.
alter table certificates.certificate drop constraint certificate_subject_ref_fkey;
alter table certificates.subject add column organisation_id text not null default 'org_00000000000000000000000000'
  check (organisation_id ~ '^org_[0-9A-HJKMNP-TV-Z]{26}$');
alter table certificates.subject alter column organisation_id drop default;
alter table certificates.subject drop constraint subject_pkey, add primary key (organisation_id, subject_ref);
alter table certificates.certificate add column organisation_id text not null default 'org_00000000000000000000000000'
  check (organisation_id ~ '^org_[0-9A-HJKMNP-TV-Z]{26}$');
alter table certificates.certificate alter column organisation_id drop default;
alter table certificates.certificate
  add foreign key (organisation_id, subject_ref) references certificates.subject (organisation_id, subject_ref);
drop index certificates.certificate_newest, certificates.certificate_of_subject;
create index certificate_newest on certificates.certificate (organisation_id, issued_at desc, certificate_id desc);
create index certificate_of_subject on certificates.certificate (organisation_id, subject_ref);
select platform.keep_apart('certificates.certificate', 'select, insert');
select platform.keep_apart('certificates.subject', 'select, insert, update');

-- Factors of publishers are everybody's; those that an organisation wrote are its own. They lie in tables of their own:
-- under row-level security no word index can be used, and the hundred thousand rows that need one need no such security.
-- Readers see both through the views.
create table factors.own_edition (
  organisation_id text not null check (organisation_id ~ '^org_[0-9A-HJKMNP-TV-Z]{26}$'),
  like factors.edition including defaults,
  primary key (organisation_id, dataset, edition)
);
create unique index own_edition_one_current on factors.own_edition (organisation_id, dataset) where is_current;

create table factors.own_factor (
  organisation_id text not null check (organisation_id ~ '^org_[0-9A-HJKMNP-TV-Z]{26}$'),
  like factors.factor including defaults including constraints including storage,
  -- What serves an activity is everybody's: the server keeps those factors in memory, for all organisations at once.
  check (activity is null),
  primary key (organisation_id, id, edition),
  foreign key (organisation_id, dataset, edition) references factors.own_edition (organisation_id, dataset, edition)
);

create table factors.own_word (
  organisation_id text not null check (organisation_id ~ '^org_[0-9A-HJKMNP-TV-Z]{26}$'),
  word text collate "C" not null,
  primary key (organisation_id, word)
);

insert into factors.own_edition select 'org_00000000000000000000000000', edition.* from factors.edition where dataset = 'custom';
insert into factors.own_factor select 'org_00000000000000000000000000', factor.* from factors.factor where dataset = 'custom';
insert into factors.own_word select 'org_00000000000000000000000000', word
  from factors.word where exists (select from factors.factor where dataset = 'custom');
delete from factors.factor where dataset = 'custom';
delete from factors.edition where dataset = 'custom';

alter table factors.edition add constraint edition_of_a_publisher check (dataset <> 'custom');

select platform.keep_apart('factors.own_edition', 'select, insert, update');
select platform.keep_apart('factors.own_factor', 'select, insert');
select platform.keep_apart('factors.own_word', 'select, insert');
grant select on factors.factor, factors.edition, factors.word, factors.embedded to tidemark_app;

-- The reader's rights and policies hold, not those of the views' owner.
create view factors.any_factor with (security_invoker = true) as
  select 'everyone' as organisation_id, factor.* from factors.factor
  union all select own_factor.* from factors.own_factor;
create view factors.any_edition with (security_invoker = true) as
  select 'everyone' as organisation_id, edition.* from factors.edition
  union all select own_edition.* from factors.own_edition;
create view factors.any_word with (security_invoker = true) as
  select 'everyone' as organisation_id, word.* from factors.word
  union all select own_word.* from factors.own_word;
grant select on factors.any_factor, factors.any_edition, factors.any_word to tidemark_app;

-- How often something was asked lately: one number for each who asks, the time at which all is forgotten. Losing it in a
-- crash only forgives, so it is not logged.
create unlogged table platform.rate_limit (
  name text primary key,
  full_at_ms double precision not null
);
