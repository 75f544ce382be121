-- People, organisations and what opens the door. No secret lies here that could be used: of tokens, links and keys there is
-- a SHA-256 (they are 256 random bits), of passwords and recovery codes an argon2id hash, of authenticator seeds what the
-- key-encryption key makes of them. Only the system reads these tables: the role of requests gets no right on the schema.
create schema accounts;

create table accounts.instance (
  only_one boolean primary key default true check (only_one),
  -- Of the link that makes the first real account; gone once it was used.
  claim_hash bytea,
  claimed_at timestamptz,
  open_registration boolean not null default false
);
insert into accounts.instance default values;

create table accounts.person (
  person_id text primary key check (person_id ~ '^per_[0-9A-HJKMNP-TV-Z]{26}$'),
  -- In its normal form, which is how it is looked for.
  email text not null unique,
  email_verified_at timestamptz,
  name text not null,
  locale text not null check (locale in ('en', 'fr')),
  -- Argon2id in PHC form; null for who signs in through a provider, and for the guest of the demonstration.
  password_hash text,
  instance_admin boolean not null default false,
  is_demo boolean not null default false,
  suspended_at timestamptz,
  created_at timestamptz not null
);

create table accounts.organisation (
  organisation_id text primary key check (organisation_id ~ '^org_[0-9A-HJKMNP-TV-Z]{26}$'),
  name text not null,
  country text not null check (country ~ '^[A-Z]{2}$'),
  sector text,
  employees bigint check (employees >= 0),
  turnover_eur double precision check (turnover_eur >= 0),
  sites json not null default '[]',
  plan text not null default 'free' check (plan in ('free', 'pro', 'enterprise')),
  is_demo boolean not null default false,
  created_at timestamptz not null,
  deletion_due_at timestamptz
);

create table accounts.membership (
  organisation_id text not null references accounts.organisation on delete cascade,
  person_id text not null references accounts.person on delete cascade,
  role text not null check (role in ('owner', 'admin', 'editor', 'contributor', 'reader', 'verifier', 'operator')),
  joined_at timestamptz not null,
  primary key (person_id, organisation_id)
);
create index membership_of_organisation on accounts.membership (organisation_id, person_id);

create table accounts.invitation (
  invitation_id text primary key check (invitation_id ~ '^inv_[0-9A-HJKMNP-TV-Z]{26}$'),
  organisation_id text not null references accounts.organisation on delete cascade,
  email text not null,
  role text not null check (role in ('owner', 'admin', 'editor', 'contributor', 'reader', 'verifier', 'operator')),
  token_hash bytea not null unique,
  invited_by text references accounts.person on delete set null,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  accepted_at timestamptz,
  revoked_at timestamptz
);
-- One open invitation for an address: inviting again replaces the one before.
create unique index invitation_open on accounts.invitation (organisation_id, email)
  where accepted_at is null and revoked_at is null;

create table accounts.session (
  session_id text primary key check (session_id ~ '^ses_[0-9A-HJKMNP-TV-Z]{26}$'),
  token_hash bytea not null unique,
  person_id text not null references accounts.person on delete cascade,
  organisation_id text references accounts.organisation on delete set null,
  created_at timestamptz not null,
  last_seen_at timestamptz not null,
  expires_at timestamptz not null,
  stepped_up_at timestamptz,
  ip_prefix text not null,
  user_agent text not null
);
create index session_of_person on accounts.session (person_id);

-- What a program got by signing in: one chain of refresh tokens, each of which is used once.
create table accounts.refresh_family (
  session_id text primary key check (session_id ~ '^ses_[0-9A-HJKMNP-TV-Z]{26}$'),
  person_id text not null references accounts.person on delete cascade,
  organisation_id text references accounts.organisation on delete set null,
  created_at timestamptz not null,
  last_seen_at timestamptz not null,
  expires_at timestamptz not null,
  revoked_at timestamptz,
  stepped_up_at timestamptz,
  ip_prefix text not null,
  user_agent text not null
);
create index refresh_family_of_person on accounts.refresh_family (person_id);
create table accounts.refresh_token (
  token_hash bytea primary key,
  session_id text not null references accounts.refresh_family on delete cascade,
  created_at timestamptz not null,
  used_at timestamptz
);
create index refresh_token_of_family on accounts.refresh_token (session_id);

create table accounts.api_key (
  key_id text primary key check (key_id ~ '^key_[0-9A-HJKMNP-TV-Z]{26}$'),
  kind text not null check (kind in ('personal', 'organisation')),
  prefix text not null unique,
  secret_hash bytea not null,
  name text not null,
  organisation_id text not null references accounts.organisation on delete cascade,
  -- Whose role limits it: the maker, or who took it over.
  person_id text not null references accounts.person on delete cascade,
  -- Separated by blanks.
  scopes text not null,
  ip_list text not null default '',
  created_at timestamptz not null,
  expires_at timestamptz not null,
  last_used_at timestamptz,
  revoked_at timestamptz
);
create index api_key_of_organisation on accounts.api_key (organisation_id);
create index api_key_of_person on accounts.api_key (person_id);

create table accounts.second_factor (
  person_id text primary key references accounts.person on delete cascade,
  seed bytea not null,
  created_at timestamptz not null,
  -- Null while a first code is awaited.
  confirmed_at timestamptz,
  -- No code of this half minute or an earlier one counts again.
  last_step bigint not null default -1,
  recovery_salt bytea
);
create table accounts.recovery_code (
  person_id text not null references accounts.second_factor on delete cascade,
  code_hash bytea not null,
  used_at timestamptz,
  primary key (person_id, code_hash)
);

create table accounts.oauth_identity (
  provider text not null,
  subject text not null,
  person_id text not null references accounts.person on delete cascade,
  created_at timestamptz not null,
  primary key (provider, subject)
);
create index oauth_identity_of_person on accounts.oauth_identity (person_id);

create table accounts.email_token (
  token_hash bytea primary key,
  purpose text not null check (purpose in ('sign_up', 'change', 'reset', 'second_factor')),
  email text not null,
  person_id text references accounts.person on delete cascade,
  -- Of a sign-up: what the account will be made of once the address is confirmed.
  pending json,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  used_at timestamptz
);
create index email_token_of_email on accounts.email_token (email, purpose);

-- Failures in a row. Named by a keyed digest, so that addresses that were only tried are not kept.
create table accounts.login_attempt (
  subject text primary key check (subject ~ '^[0-9a-f]{64}$'),
  failures integer not null,
  locked_until timestamptz,
  last_at timestamptz not null
);

-- Given and withdrawn, each with the wording that was seen: rows are added and never changed.
create table accounts.consent (
  person_id text not null references accounts.person on delete cascade,
  purpose text not null,
  given boolean not null,
  text_version text not null,
  text_digest text not null,
  at timestamptz not null,
  seq bigint generated always as identity primary key
);
create index consent_of_person on accounts.consent (person_id, purpose, seq desc);
