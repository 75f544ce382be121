-- What learns of a site lives in the registry of models: here stays what repeats, and which version told what.
delete from sites.forecast_model where learns;
alter table sites.forecast add column model_version integer;
alter table sites.forecast drop constraint forecast_level_check;
alter table sites.forecast add constraint forecast_level_check
  check (level in ('full', 'baseline', 'class_model', 'flatliner'));
