-- check: Frozen forecasts are the files that were published
-- severity: warning
-- scope: kept
-- remedy: put the file of that run back from a copy; until then it is not scored. A forecast can't be mended afterwards
SELECT f.run_id, f.file, CASE WHEN d.run_id IS NULL THEN 'missing' ELSE 'changed' END AS fault
FROM frozen_forecasts f LEFT JOIN frozen_files d ON d.run_id = f.run_id
WHERE d.sha256 IS DISTINCT FROM f.sha256;
