-- How much TSV capacity does each maker have at the end of each year, in thousand wafers per month?
SELECT period, item AS maker, p05 / 1e3 AS p05, p50 / 1e3 AS p50, p95 / 1e3 AS p95, n_figures, trust
FROM supplier_forecast
WHERE measure = 'wafers_per_month' AND part = 'total' AND period_kind = 'year' AND period >= '2024'
ORDER BY period, p50 DESC, maker;
