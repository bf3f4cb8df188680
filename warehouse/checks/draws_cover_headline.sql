-- check: Every headline quantity has draws in every period of the grid
-- severity: error
-- scope: run
-- remedy: store the draws of all headline quantities
SELECT wanted.quantity, wanted.period
FROM (SELECT q.quantity, g.period FROM quantities q CROSS JOIN grid g WHERE q.headline) wanted
-- A series with draws has the first one: another check sees to that.
ANTI JOIN (SELECT DISTINCT d.quantity, d.period FROM draws d WHERE d.draw = 0) stored USING (quantity, period)
-- A run may keep no draws at all; its draws_file is then NULL.
WHERE (SELECT count(*) FROM latest_run r WHERE r.draws_file IS NOT NULL) > 0
ORDER BY ALL;
