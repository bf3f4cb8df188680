-- How did the forecast of HBM revenue in 2026 evolve from run to run, in billion USD? (Runs that say what the one before said are left out.)
SELECT as_of, run_id, p05 / 1e9 AS p05, p50 / 1e9 AS p50, p95 / 1e9 AS p95, p50 / lag(p50) OVER (ORDER BY as_of, run_number) - 1 AS change
FROM forecast_history
WHERE quantity = 'hbm_revenue_usd' AND period = '2026'
QUALIFY p50 IS DISTINCT FROM lag(p50) OVER (ORDER BY as_of, run_number)
ORDER BY as_of, run_number;
