-- Does HBM revenue in 2026 hang more on the assumptions or on the figures, and on which of them?
SELECT component, part, sensitivity, by_chance, notable, pareto_k
FROM power_scaling WHERE target = 'hbm_revenue_usd' AND period = '2026' ORDER BY sensitivity DESC, component, part;
