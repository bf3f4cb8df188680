-- As with the draws: after moving the state folder SET VARIABLE hbmcast_state = '<new folder>'.
CREATE OR REPLACE VIEW frozen_draws AS
SELECT parse_filename(filename, true) AS run_id, draw, level_per_mille, quantity, period, value
FROM read_parquet(coalesce(getvariable('hbmcast_state'), {{state}}) || '/' || {{files}}, filename = true, hive_partitioning = false);
COMMENT ON VIEW frozen_draws IS 'What is kept for good of every published run: joint draws (draw filled) and quantiles (level_per_mille filled)';
COMMENT ON COLUMN frozen_draws.draw IS 'Number of the joint draw; NULL in rows of quantiles';
COMMENT ON COLUMN frozen_draws.level_per_mille IS 'Level of the quantile in thousandths; NULL in rows of draws';
COMMENT ON COLUMN frozen_draws.value IS 'Value in the unit of the quantity';
