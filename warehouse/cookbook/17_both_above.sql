-- How likely is it that 2026 brings both HBM revenue above 50 billion USD and CoWoS wafers above 1.2 million?
SELECT
    probability_both_above('hbm_revenue_usd', '2026', 50e9, 'cowos_wafers', '2026', 1200000) AS both,
    probability_above_given_above('hbm_revenue_usd', '2026', 50e9, 'cowos_wafers', '2026', 1200000) AS revenue_given_wafers;
