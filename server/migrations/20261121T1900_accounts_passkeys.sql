-- Passkeys, and organisations that ask every member for a second factor. Of a passkey only the public half lies here; like
-- all of this schema it is open to the system alone.
create table accounts.passkey (
  passkey_id text primary key check (passkey_id ~ '^psk_[0-9A-HJKMNP-TV-Z]{26}$'),
  person_id text not null references accounts.person on delete cascade,
  -- What the device calls it: random, and unique in the world.
  credential_id bytea not null unique check (octet_length(credential_id) between 1 and 1023),
  -- What stands for the person on the device: random, the same for all passkeys of one person.
  user_handle bytea not null check (octet_length(user_handle) between 16 and 64),
  -- COSE_Key (RFC 9052).
  public_key bytea not null,
  -- For which name of this service it was made: under another one browsers do not offer it.
  rp_id text not null,
  name text not null,
  -- How often the device says it was used; stays 0 on devices that do not count.
  counter bigint not null check (counter >= 0),
  -- How the browser reaches it, separated by blanks.
  transports text not null,
  synchronised boolean not null,
  created_at timestamptz not null,
  last_used_at timestamptz,
  -- Since when its counter went back, as it does when a key was copied: from then on it opens nothing.
  blocked_at timestamptz
);
create index passkey_of_person on accounts.passkey (person_id);

-- Questions that were answered, kept until they could not be answered any more: each counts once.
create table accounts.used_challenge (
  challenge_hash bytea primary key,
  expires_at timestamptz not null
);

alter table accounts.organisation add column second_factor_required boolean not null default false;

-- Whether a session has shown two factors: a code beside the password, or a passkey.
alter table accounts.session add column two_factors boolean not null default false;
alter table accounts.refresh_family add column two_factors boolean not null default false;
-- Whoever has an authenticator was asked for it by every session that is open: turning it on ended the others.
update accounts.session set two_factors = true
  where person_id in (select person_id from accounts.second_factor where confirmed_at is not null);
update accounts.refresh_family set two_factors = true
  where person_id in (select person_id from accounts.second_factor where confirmed_at is not null);
