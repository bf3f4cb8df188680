CREATE OR REPLACE VIEW draws AS
SELECT NULL::INTEGER AS draw, NULL::VARCHAR AS quantity, NULL::VARCHAR AS period, NULL::FLOAT AS value WHERE false;
COMMENT ON VIEW draws IS 'Joint draws of the run served; empty, since that run kept none or no run is published';
COMMENT ON COLUMN draws.draw IS 'Number of the joint draw, the same across all quantities and periods';
COMMENT ON COLUMN draws.value IS 'Value in the unit of the quantity';
