-- check: Mean shares of the suppliers add up to one in every period
-- severity: error
-- scope: run
-- remedy: a bug in models/systems/supplier.py: shares must sum to the industry in every draw
SELECT s.measure, s.part, s.period, sum(s.mean) AS sum_of_means, count(*) AS suppliers
FROM latest_system_forecast s
-- Means add up where quantiles don't.
WHERE s.system = 'supplier' AND (s.measure = 'share' OR ends_with(s.measure, '_share')) AND s.mean IS NOT NULL
GROUP BY s.measure, s.part, s.period
HAVING abs(sum_of_means - 1) > 1e-4;
