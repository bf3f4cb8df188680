-- check: A run is recorded once; a published one has a forecast for its as_of, a failed one a reason and no forecast
-- severity: error
-- scope: history
-- remedy: a bug in warehouse/publish.py
SELECT r.run_id, r.status, r.reason, count(*) AS recorded, any_value(f.n_rows) AS forecast_rows
FROM runs r LEFT JOIN (SELECT run_id, as_of, count(*) AS n_rows FROM forecast GROUP BY run_id, as_of) f ON f.run_id = r.run_id
GROUP BY r.run_id, r.status, r.reason
HAVING recorded > 1 OR r.status NOT IN ('published', 'failed')
    OR (r.status = 'published' AND (forecast_rows IS NULL OR bool_or(f.as_of <> r.as_of)))
    OR (r.status = 'failed' AND (coalesce(r.reason, '') = '' OR forecast_rows IS NOT NULL));
