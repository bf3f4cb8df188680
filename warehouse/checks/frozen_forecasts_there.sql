-- check: The file of every frozen forecast is there, in its size
-- severity: warning
-- scope: history
-- remedy: put the file of that run back from a copy; until then it is not scored. A forecast can't be mended afterwards
-- Their hashes, which take a look into every file, are compared by `hbmcast doctor`, and of each before it is scored.
SELECT f.run_id, f.file, CASE WHEN d.run_id IS NULL THEN 'missing' ELSE 'changed' END AS fault
FROM frozen_forecasts f LEFT JOIN frozen_files d ON d.run_id = f.run_id
WHERE d.bytes IS DISTINCT FROM f.bytes;
