-- Whose rows are seen and written is asked once for a statement and not once for each of its forty thousand rows. The rule
-- is the same.
alter policy of_own_organisation on telemetry.reading
  using (organisation_id = (select current_setting('app.organisation', true)))
  with check (organisation_id = (select current_setting('app.organisation', true)));
alter policy of_own_organisation on telemetry.rollup
  using (organisation_id = (select current_setting('app.organisation', true)))
  with check (organisation_id = (select current_setting('app.organisation', true)));
