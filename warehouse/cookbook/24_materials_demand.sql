-- What will be spent on each material, 2024 to 2027, in million USD?
SELECT item, period, p05 / 1e6 AS p05, p50 / 1e6 AS p50, p95 / 1e6 AS p95, n_figures, trust
FROM materials_forecast
WHERE measure = 'usd' AND part = 'total' AND period BETWEEN '2024' AND '2027' AND period_kind = 'year'
ORDER BY item, period;
