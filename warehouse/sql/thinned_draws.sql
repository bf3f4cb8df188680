SELECT draw, NULL::SMALLINT AS level_per_mille, quantity, period, value
FROM read_parquet($draws_file, hive_partitioning = false)
WHERE list_contains($draws, draw) AND list_contains($periods, period)
ORDER BY quantity, period, draw;
