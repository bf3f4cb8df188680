-- Who makes the HBM, and with what share of bits, revenue and TSV capacity, each year from 2024 to 2027?
SELECT part AS share_of, period, item, p05, p50, p95, mean
FROM supplier_forecast
WHERE measure = 'share' AND period_kind = 'year' AND period BETWEEN '2024' AND '2027'
ORDER BY part, period, mean DESC, item;
