-- If CoWoS capacity ends 2026 above 150,000 wafers a month, what is HBM revenue in 2026, and how many draws say so?
SELECT p05, p50, p95, n_draws
FROM interval_given_above('hbm_revenue_usd', '2026', 'cowos_capacity_wafers_per_month', '2026Q4', 150000);
