-- As with the draws: after moving the state folder SET VARIABLE hbmcast_state = '<new folder>'.
CREATE OR REPLACE VIEW frozen_draws AS
SELECT parse_filename(filename, true) AS run_id, draw, level_per_mille, quantity, period, value
FROM read_parquet(coalesce(getvariable('hbmcast_state'), {{state}}) || '/' || {{files}}, filename = true, hive_partitioning = false);
COMMENT ON VIEW frozen_draws IS 'What is kept for good of every published run: joint draws (draw filled) and quantiles (level_per_mille filled)';
COMMENT ON COLUMN frozen_draws.draw IS 'Number of the joint draw; NULL in rows of quantiles';
COMMENT ON COLUMN frozen_draws.level_per_mille IS 'Level of the quantile in thousandths; NULL in rows of draws';
COMMENT ON COLUMN frozen_draws.value IS 'Value in the unit of the quantity';
CREATE OR REPLACE VIEW frozen_files AS
SELECT parse_filename(filename, true) AS run_id, sha256(content) AS sha256
FROM read_blob(coalesce(getvariable('hbmcast_state'), {{state}}) || '/' || {{files}});
COMMENT ON VIEW frozen_files IS 'Files of frozen forecasts as they lie on the disk now, with their hash; the table frozen_forecasts has the hash at publication';
COMMENT ON COLUMN frozen_files.sha256 IS 'SHA-256 of the file as it lies on the disk now';
