-- By how much do HBM bits grow each year from 2025 to 2027?
SELECT '2025' AS period, quantile_cont(value, 0.05) AS p05, quantile_cont(value, 0.5) AS p50, quantile_cont(value, 0.95) AS p95 FROM growth_draws('hbm_bits_gb', '2025', '2024')
UNION ALL
SELECT '2026', quantile_cont(value, 0.05), quantile_cont(value, 0.5), quantile_cont(value, 0.95) FROM growth_draws('hbm_bits_gb', '2026', '2025')
UNION ALL
SELECT '2027', quantile_cont(value, 0.05), quantile_cont(value, 0.5), quantile_cont(value, 0.95) FROM growth_draws('hbm_bits_gb', '2027', '2026')
ORDER BY period;
