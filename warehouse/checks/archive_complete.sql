-- check: The archive of earlier runs has every file that this one lists, in its size
-- severity: warning
-- scope: history
-- remedy: put the file back from a copy; until then earlier runs lack its rows. The forecast served does not hang on it
SELECT a.file, a.table_name, CASE WHEN f.file IS NULL THEN 'missing' ELSE 'changed' END AS fault
FROM archives a LEFT JOIN archive_files f ON f.file = a.file
WHERE a.in_force AND f.bytes IS DISTINCT FROM a.bytes;
