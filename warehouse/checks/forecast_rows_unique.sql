-- check: A run has one forecast row per quantity and period
-- severity: error
-- scope: run
-- remedy: publish each row once
SELECT quantity, period, count(*) AS n FROM latest_forecast GROUP BY quantity, period HAVING n > 1;
