-- check: A run is recorded once; a published one has a forecast for its as_of, a failed one a reason and no forecast
-- severity: error
-- scope: history
-- remedy: a bug in warehouse/publish.py
SELECT r.run_id, r.status, r.reason, count(*) AS recorded, any_value(h.rows_of) AS rows_of
FROM runs r
LEFT JOIN (SELECT run_id, as_of, rows_of FROM run_rows WHERE table_name = 'forecast') h ON h.run_id = r.run_id
GROUP BY r.run_id, r.status, r.reason
HAVING recorded > 1 OR r.status NOT IN ('published', 'failed')
    OR (r.status = 'published' AND (rows_of IS NULL OR bool_or(h.as_of <> r.as_of)))
    OR (r.status = 'failed' AND (coalesce(r.reason, '') = '' OR rows_of IS NOT NULL))
UNION ALL
-- Rows that went to the archive were looked at while they were here.
SELECT h.run_id, 'published', 'no rows of forecast', 1, h.rows_of
FROM run_rows h WHERE h.table_name = 'forecast' AND h.file IS NULL AND h.rows_of NOT IN (SELECT f.run_id FROM recent_forecast f)
UNION ALL
SELECT f.run_id, 'published', 'rows for another as_of', 1, f.run_id
FROM (SELECT DISTINCT run_id, as_of FROM recent_forecast) f LEFT JOIN runs r ON r.run_id = f.run_id WHERE f.as_of IS DISTINCT FROM r.as_of;
