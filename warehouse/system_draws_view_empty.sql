CREATE OR REPLACE VIEW system_draws AS
SELECT NULL::INTEGER AS draw, NULL::VARCHAR AS system, NULL::VARCHAR AS item, NULL::VARCHAR AS measure, NULL::VARCHAR AS part,
    NULL::VARCHAR AS period, NULL::FLOAT AS value, NULL::VARCHAR AS quantity WHERE false;
COMMENT ON VIEW system_draws IS 'Draws of the systems of the run served; empty, since that run kept none or no run is published';
