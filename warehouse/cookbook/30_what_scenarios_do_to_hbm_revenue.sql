-- What does each scenario do to HBM revenue in 2027, against the base, draw by draw?
SELECT scenario, title, base_p50 / 1e9 AS base_billion_usd, scenario_p50 / 1e9 AS scenario_billion_usd,
    relative_p05, relative_p50, relative_p95, probability_lower
FROM scenario_forecast
WHERE quantity = 'hbm_revenue_usd' AND period = '2027'
ORDER BY relative_p50, scenario;
