-- As draws_view.sql; a series has the name it has in the tables scenarios and sensitivities.
CREATE OR REPLACE VIEW system_draws AS
SELECT draw, split_part(quantity, '/', 1) AS system, split_part(quantity, '/', 2) AS item, split_part(quantity, '/', 3) AS measure,
    split_part(quantity, '/', 4) AS part, period, value, quantity
FROM read_parquet(coalesce(getvariable('hbmcast_state'), {{state}}) || '/' || {{draws_file}}, hive_partitioning = false);
COMMENT ON VIEW system_draws IS 'Years of the systems'' totals, supplier shares and packaging markets on some of the joint draws of the run served: draw is the chain''s draw number, so a join with draws is the joint distribution; quantity (system/item/measure/part) is the name macros take';
COMMENT ON COLUMN system_draws.draw IS 'Number of the joint draw, the same across all quantities and periods and of the chain';
COMMENT ON COLUMN system_draws.item IS 'Item of the system: a category of equipment, a material, a maker, a market';
COMMENT ON COLUMN system_draws.part IS 'total, or what the share is of: bits, revenue, ...';
COMMENT ON COLUMN system_draws.value IS 'Value in the unit of the measure';
COMMENT ON COLUMN system_draws.quantity IS 'system/item/measure/part, the name macros take';
