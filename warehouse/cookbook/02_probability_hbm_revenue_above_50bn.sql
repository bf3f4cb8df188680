-- How likely is HBM revenue above 50 billion USD in 2026?
SELECT probability_above('hbm_revenue_usd', '2026', 50e9) AS probability;
