-- What will HBM revenue be each year from 2024 to 2027, in billion USD, with 50 % and 90 % intervals?
SELECT period, p05 / 1e9 AS p05, p25 / 1e9 AS p25, p50 / 1e9 AS p50, p75 / 1e9 AS p75, p95 / 1e9 AS p95
FROM hbm_forecast
WHERE quantity = 'hbm_revenue_usd' AND period BETWEEN '2024' AND '2027' AND period_kind = 'year'
ORDER BY period;
