CREATE OR REPLACE VIEW frozen_draws AS
SELECT NULL::VARCHAR AS run_id, NULL::INTEGER AS draw, NULL::SMALLINT AS level_per_mille, NULL::VARCHAR AS quantity, NULL::VARCHAR AS period, NULL::FLOAT AS value
WHERE false;
COMMENT ON VIEW frozen_draws IS 'What is kept for good of every published run; empty, since no forecast is frozen yet';
COMMENT ON COLUMN frozen_draws.draw IS 'Number of the joint draw; NULL in rows of quantiles';
COMMENT ON COLUMN frozen_draws.level_per_mille IS 'Level of the quantile in thousandths; NULL in rows of draws';
COMMENT ON COLUMN frozen_draws.value IS 'Value in the unit of the quantity';
CREATE OR REPLACE VIEW frozen_files AS
SELECT NULL::VARCHAR AS run_id, NULL::VARCHAR AS sha256, NULL::BIGINT AS bytes WHERE false;
COMMENT ON VIEW frozen_files IS 'Files of frozen forecasts with their hash; empty, since there are none';
COMMENT ON COLUMN frozen_files.sha256 IS 'SHA-256 of the file as it lies on the disk now';
