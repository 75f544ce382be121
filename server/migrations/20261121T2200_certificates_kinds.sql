-- Certificates of more than emission calculations. What is certified is named by its kind and its id; each once.
alter table certificates.certificate rename column calculation_id to record_id;
alter table certificates.certificate drop constraint certificate_calculation_id_key;
alter table certificates.certificate add column kind text not null default 'emission_calculation'
  check (kind in ('emission_calculation', 'sensor_batch', 'project_analysis', 'credit_decision'));
alter table certificates.certificate alter column kind drop default;
alter table certificates.certificate add constraint certificate_once_a_record unique (organisation_id, kind, record_id);
