-- What share of DRAM revenue is HBM in 2026? Quantiles of the ratio, taken draw by draw.
SELECT
    quantile_of_ratio('hbm_revenue_usd', 'dram_revenue_usd', '2026', 0.05) AS p05,
    quantile_of_ratio('hbm_revenue_usd', 'dram_revenue_usd', '2026', 0.5) AS p50,
    quantile_of_ratio('hbm_revenue_usd', 'dram_revenue_usd', '2026', 0.95) AS p95;
