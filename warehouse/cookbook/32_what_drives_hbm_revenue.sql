-- Which driver carries how much of the uncertainty of HBM revenue in 2026?
SELECT driver, share, correlation, share > 3 * noise_floor AS above_chance
FROM sensitivity WHERE target = 'hbm_revenue_usd' AND period = '2026' ORDER BY driver = 'rest', share DESC;
