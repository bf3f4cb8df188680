CREATE OR REPLACE VIEW system_draws AS
SELECT NULL::INTEGER AS draw, NULL::VARCHAR AS system, NULL::VARCHAR AS item, NULL::VARCHAR AS measure, NULL::VARCHAR AS part,
    NULL::VARCHAR AS period, NULL::FLOAT AS value, NULL::VARCHAR AS quantity WHERE false;
COMMENT ON VIEW system_draws IS 'Draws of the systems of the run served; empty, since that run kept none or no run is published';
COMMENT ON COLUMN system_draws.draw IS 'Number of the joint draw, the same across all quantities and periods and of the chain';
COMMENT ON COLUMN system_draws.item IS 'Item of the system: a category of equipment, a material, a maker, a market';
COMMENT ON COLUMN system_draws.part IS 'total, or what the share is of: bits, revenue, ...';
COMMENT ON COLUMN system_draws.value IS 'Value in the unit of the measure';
COMMENT ON COLUMN system_draws.quantity IS 'system/item/measure/part, the name macros take';
