-- check: Monte Carlo standard error of p05 and p95 of headline quantities is below 1 % of their value
-- severity: warning
-- scope: run
-- remedy: simulate more draws (--draws)
SELECT quantity, period, p05, mcse_p05, p95, mcse_p95
FROM headline_forecast
WHERE period >= '2024'  -- the years that are forecast; the gate informs about history
  AND (mcse_p05 > 0.01 * p05 OR mcse_p95 > 0.01 * p95)
ORDER BY greatest(mcse_p05 / nullif(p05, 0), mcse_p95 / nullif(p95, 0)) DESC;
