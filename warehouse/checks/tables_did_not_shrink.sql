-- check: No table has lost rows since the build before
-- severity: error
-- scope: history
-- remedy: restore the newest good file of the folder builds/
SELECT table_name, build, row_count, previous_count
FROM (
    SELECT table_name, build, row_count, lag(row_count) OVER (PARTITION BY table_name ORDER BY build) AS previous_count
    FROM builds
) counted
-- The vocabulary is replaced with each run; everything else only grows.
WHERE row_count < previous_count AND table_name <> 'quantities';
