-- check: A run has one row per system, item, measure, part and period, in the grid
-- severity: error
-- scope: run
-- remedy: publish each series once, for the periods of the grid
SELECT s.system, s.item, s.measure, s.part, s.period, count(*) AS n, bool_and(g.period IS NOT NULL) AS in_grid
FROM latest_system_forecast s LEFT JOIN grid g ON g.period = s.period AND g.period_kind = s.period_kind
GROUP BY s.system, s.item, s.measure, s.part, s.period
HAVING n > 1 OR NOT in_grid;
