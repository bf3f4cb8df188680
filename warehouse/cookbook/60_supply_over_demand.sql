-- How does the supply of HBM compare with the demand, each year: the ratio with its interval, and the probability that it is short?
SELECT s.period, quantile_cont(s.value::DOUBLE / d.value, 0.05) AS p05, quantile_cont(s.value::DOUBLE / d.value, 0.5) AS p50,
    quantile_cont(s.value::DOUBLE / d.value, 0.95) AS p95, avg((s.value < d.value)::INTEGER) AS probability_short
FROM draws s JOIN draws d ON d.draw = s.draw AND d.period = s.period AND d.quantity = 'hbm_bits_demand_gb'
WHERE s.quantity = 'hbm_bits_supply_gb' AND length(s.period) = 4 AND s.period >= '2024'
GROUP BY s.period ORDER BY s.period;
