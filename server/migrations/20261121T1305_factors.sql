-- Emission factors. One row is one factor of one edition and never changes once it is there: what was calculated with
-- it can be calculated again. Documents are json, not jsonb, so that they come back as they went in.
create schema factors;

create table factors.edition (
  dataset text not null,
  edition text not null,
  publisher text not null,
  -- SHA-256 of each file that was read into this edition.
  digests text[] not null default '{}',
  imported_at timestamptz not null,
  counts jsonb not null,
  is_current boolean not null,
  primary key (dataset, edition)
);

create unique index edition_one_current on factors.edition (dataset) where is_current;

create table factors.factor (
  id text not null,
  edition text not null,
  dataset text not null,
  -- The embedded dataset that brings this factor; null when a file or a person did.
  embedded_in text,
  -- Digest of what the publisher says, the raw row apart: two renderings of one row have one content.
  content text not null,
  doc json not null,
  name_fr text not null,
  name_en text not null,
  -- The plain beginnings of both names, folded: an exact match ranks first.
  heads text[] not null,
  unit text not null,
  -- Null where the unit is the publisher's own and has no exact counterpart: such a factor cannot be calculated with.
  dimension text,
  geography text not null,
  category text,
  activity text,
  status text not null check (status in ('valid', 'archived')),
  valid_from date,
  valid_to date,
  year integer,
  plainness real not null,
  search tsvector not null,
  primary key (id, edition),
  foreign key (dataset, edition) references factors.edition (dataset, edition)
) with (toast_tuple_target = 512);

-- Documents lie apart and are not compressed: a search reads thousands of the narrow rows that remain, and twenty documents.
alter table factors.factor alter column doc set storage external,
  alter column search set storage main, alter column heads set storage main;

-- The datasets that come with the program, as they were last put in: a start that finds them unchanged does nothing.
create table factors.embedded (
  name text primary key,
  digest text not null
);

create index factor_of_activity on factors.factor (activity) where activity is not null;
create index factor_search on factors.factor using gin (search);

-- Every word that any factor can be found by, to put typing errors right.
create table factors.word (
  -- By bytes: the words are a to z and 0 to 9, and what begins with a word must follow it in order.
  word text collate "C" primary key
);

create index word_like on factors.word using gin (word gin_trgm_ops);
