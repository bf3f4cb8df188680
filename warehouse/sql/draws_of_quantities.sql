-- One pass over the file: whole draws now and then, and every draw of some periods.
SELECT draw, quantity, period, value::DOUBLE AS value FROM read_parquet($draws_file, hive_partitioning = false)
WHERE quantity IN (SELECT unnest($quantities)) AND (draw % $step = 0 OR period IN (SELECT unnest($periods)))
ORDER BY quantity, draw, period;
