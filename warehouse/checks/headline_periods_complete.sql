-- check: Every headline quantity is forecast for every period of the grid
-- severity: error
-- scope: run
-- remedy: publish all quarters and years, 2021 to 2027
SELECT wanted.quantity, wanted.period
FROM (SELECT q.quantity, g.period FROM quantities q CROSS JOIN grid g WHERE q.headline) wanted
ANTI JOIN latest_forecast f USING (quantity, period)
WHERE (SELECT count(*) FROM latest_run) > 0
UNION ALL
-- Without a single headline quantity the above would find nothing.
SELECT 'no quantity is marked as headline', NULL WHERE (SELECT count(*) FROM latest_run) > 0 AND (SELECT count(*) FROM quantities WHERE headline) = 0;
