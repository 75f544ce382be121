-- Models that learn from readings rather than from data sets: capabilities above train them and answer with them; versions,
-- champions and what came true are kept here like those of any other model.
alter table models.model add column kept jsonb;
alter table models.version drop constraint version_format_check;
alter table models.version add constraint version_format_check check (format in ('tidemark', 'onnx', 'readings'));

-- What came of a version's answers, by day: sums that only ever grow.
create table models.observed_day (
  model_id text not null,
  version integer not null,
  day date not null,
  organisation_id text not null,
  answers integer not null,
  outcomes integer not null,
  loss_sum double precision not null,
  banded integer not null,
  held integer not null,
  primary key (model_id, version, day),
  foreign key (model_id, version) references models.version (model_id, version) on delete cascade
);
select platform.keep_apart('models.observed_day', 'select, insert, update');
