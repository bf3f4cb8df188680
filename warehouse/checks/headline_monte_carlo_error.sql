-- check: Monte Carlo standard error of p05 and p95 of headline quantities is below the gate's part of their value
-- severity: warning
-- scope: run
-- remedy: simulate more draws (--draws)
-- 1 %, of a first forecast 2 %: the run's own diagnostics say which.
WITH gate AS (
    SELECT coalesce(max(threshold), 0.01) AS most FROM latest_diagnostics WHERE name = 'headline_mcse_year'
)
SELECT quantity, period, p05, mcse_p05, p95, mcse_p95
FROM headline_forecast, gate
WHERE period >= '2024'  -- the years that are forecast; the gate informs about history
  AND (mcse_p05 > most * p05 OR mcse_p95 > most * p95)
ORDER BY greatest(mcse_p05 / nullif(p05, 0), mcse_p95 / nullif(p95, 0)) DESC;
