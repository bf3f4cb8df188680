-- Draws of some quantities in some periods, of one run: its files of draws, or what was frozen of it.
SELECT draw, quantity, period, value::DOUBLE AS value
FROM read_parquet($files::VARCHAR[], hive_partitioning = false)
WHERE draw IS NOT NULL AND quantity IN (SELECT unnest($quantities::VARCHAR[])) AND period IN (SELECT unnest($periods::VARCHAR[]));
