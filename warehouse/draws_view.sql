-- The folder is written down when the file is published; after moving it: SET VARIABLE hbmcast_state = '<new folder>'.
CREATE OR REPLACE VIEW draws AS
SELECT draw, quantity, period, value
FROM read_parquet(coalesce(getvariable('hbmcast_state'), {{state}}) || '/' || {{draws_file}}, hive_partitioning = false);
COMMENT ON VIEW draws IS 'Joint draws of the run served (draw, quantity, period, value): one draw number across all quantities and periods. If the state folder was moved, first SET VARIABLE hbmcast_state to its new place';
COMMENT ON COLUMN draws.draw IS 'Number of the joint draw, the same across all quantities and periods';
COMMENT ON COLUMN draws.value IS 'Value in the unit of the quantity';
