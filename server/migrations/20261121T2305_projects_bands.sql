-- Bands that a person named where no file does: a list of {role, file, band}.
alter table projects.evidence add column bands jsonb;
-- Everybody who had a part in it, by the pseudonyms of the log: who sent it or named its bands, and of a key also its maker.
alter table projects.evidence add column partakers text[] not null default '{}';
