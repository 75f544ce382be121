-- A short name for a site within its organisation: the first is 1. Given as the site is added, whoever adds it.
alter table sites.site add column number integer;

update sites.site s set number = numbered.place
from (select id, row_number() over (partition by organisation_id order by created_at, id) as place from sites.site) numbered
where numbered.id = s.id;

create function sites.give_number() returns trigger language plpgsql set search_path = pg_catalog as $$
begin
  -- Two that are added at once take turns.
  perform pg_advisory_xact_lock(hashtext('sites.number ' || new.organisation_id));
  select coalesce(max(number), 0) + 1 into new.number from sites.site where organisation_id = new.organisation_id;
  return new;
end
$$;
create trigger give_number before insert on sites.site for each row execute function sites.give_number();
grant execute on function sites.give_number to tidemark_app;

alter table sites.site alter column number set not null;
create unique index site_number on sites.site (organisation_id, number);
