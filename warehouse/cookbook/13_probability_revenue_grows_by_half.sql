-- How likely is HBM revenue to grow by more than 50 % in 2026?
SELECT probability_of_growth_above('hbm_revenue_usd', '2026', '2025', 0.5) AS probability;
