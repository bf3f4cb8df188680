-- Which figures were changed after they had been taken in, from what to what?
SELECT f.figure_id, f.version, earlier.value AS value_before, f.value AS value_now, f.withdrawn, f.ingested_at
FROM figures f JOIN figures earlier ON earlier.figure_id = f.figure_id AND earlier.version = f.version - 1
ORDER BY f.ingested_at DESC, f.figure_id;
