-- Search by similarity and without accents, and exclusion constraints over ranges, are used by several capabilities.
create extension if not exists pg_trgm with schema public;
create extension if not exists unaccent with schema public;
create extension if not exists btree_gist with schema public;
