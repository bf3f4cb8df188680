-- How many GB of HBM does an accelerator carry each year, and how many when weighted with what each class ships?
SELECT quantity, period, p05, p50, p95, unit
FROM latest_forecast
WHERE quantity IN ('hbm_gb_per_accelerator', 'hbm_stacks_per_accelerator') AND period_kind = 'year' AND period >= '2024'
ORDER BY quantity, period;
