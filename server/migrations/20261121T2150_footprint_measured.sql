-- A calculation in which meters replaced an estimate says which one it was made from. That one stays as it was; it may be
-- gone after its time, so this is a name and not a reference.
alter table footprint.calculation add column based_on json;
