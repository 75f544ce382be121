-- A job is asked for in the transaction of what it follows from: this table is where the asking is written down. It is
-- handed to the queue afterwards, so a transaction that is undone asks for nothing, and the queue need not run yet.
create table platform.job_request (
  id bigint generated always as identity primary key,
  job text not null check (job ~ '^[a-z_]+\.[a-z_]+$'),
  -- Ids, not contents: what a job works on it reads when it runs.
  payload jsonb not null check (octet_length(payload::text) <= 8192),
  start_after timestamptz,
  requested_at timestamptz not null default now()
);

-- Mails wait here until they are sent; without a mail server they stay, for the administrator to read.
create table platform.mail (
  id text primary key,
  kind text not null,
  recipient text not null,
  subject text not null,
  body text not null,
  created_at timestamptz not null,
  sent_at timestamptz,
  -- What the mail server last said, when it refused.
  refusal text
);
create index mail_newest on platform.mail (created_at desc);
create index mail_of_recipient on platform.mail (lower(recipient));
