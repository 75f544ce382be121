-- A ticket opens one socket, once, within half a minute: for pages and programs that can send no header with it. What is
-- kept is its digest and who asked for it.
create table platform.socket_ticket (
  digest bytea primary key check (octet_length(digest) = 32),
  actor jsonb not null,
  expires_at timestamptz not null
);
create index socket_ticket_over on platform.socket_ticket (expires_at);
