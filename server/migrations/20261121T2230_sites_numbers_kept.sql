-- The number of a site is a name that stands in links and programs: one that was removed must not come to mean another site.
-- So what was given last is kept for each organisation, and not looked up among the sites that are left.
create table sites.numbering (
  organisation_id text primary key,
  last_number integer not null check (last_number > 0)
);
insert into sites.numbering (organisation_id, last_number)
  select organisation_id, max(number) from sites.site group by organisation_id;
select platform.keep_apart('sites.numbering', 'select, insert, update, delete');

create or replace function sites.give_number() returns trigger language plpgsql set search_path = pg_catalog as $$
begin
  -- Two that are added at once take turns at this row.
  insert into sites.numbering as kept (organisation_id, last_number) values (new.organisation_id, 1)
    on conflict (organisation_id) do update set last_number = kept.last_number + 1
    returning last_number into new.number;
  return new;
end
$$;
