-- What does a gigabyte of HBM cost in each quarter of 2025, and how sure are we of the 90 % interval's own ends?
SELECT period, p05, p50, p95, mcse_p05, mcse_p95, unit
FROM hbm_forecast
WHERE quantity = 'hbm_price_usd_per_gb' AND period LIKE '2025Q%'
ORDER BY period;
