-- check: Binding probabilities lie in 0 to 1, sum to one and cover every period
-- severity: error
-- scope: run
-- remedy: a bug in models/: mend it, do not loosen the check
SELECT g.period, sum(b.probability) AS total, count(b.stage) AS stages, min(b.probability) AS smallest
FROM grid g LEFT JOIN binding_forecast b ON b.period = g.period
WHERE (SELECT count(*) FROM latest_run) > 0
GROUP BY g.period
HAVING stages <> 3 OR count(DISTINCT b.stage) <> 3 OR NOT abs(total - 1) <= 1e-6 OR smallest < 0
    OR count(*) FILTER (b.stage NOT IN ('demand', 'hbm', 'cowos')) > 0;
