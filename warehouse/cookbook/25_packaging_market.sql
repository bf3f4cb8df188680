-- How large is the market for HBM and interposer packaging each year, in billion USD?
SELECT item, period, p05 / 1e9 AS p05, p50 / 1e9 AS p50, p95 / 1e9 AS p95
FROM packaging_forecast WHERE measure = 'usd' AND part = 'total' AND period_kind = 'year' ORDER BY item, period;
