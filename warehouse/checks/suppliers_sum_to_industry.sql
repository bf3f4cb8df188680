-- check: HBM suppliers sum to the industry in every draw: shares to one, revenue to the chain's in the draw of the same number
-- severity: error
-- scope: run
-- remedy: a bug in models/systems/supplier.py, or draws of systems stored under other numbers than the chain's
SELECT part AS name, period, draw, sum(value::DOUBLE) AS suppliers, 1 AS industry
FROM system_draws WHERE quantity >= 'supplier/' AND quantity < 'supplier0' AND measure = 'share'
GROUP BY part, period, draw HAVING NOT abs(suppliers - 1) <= 1e-5
UNION ALL
SELECT 'usd', s.period, s.draw, s.suppliers, c.value
FROM (
    SELECT period, draw, sum(value::DOUBLE) AS suppliers
    FROM system_draws WHERE quantity >= 'supplier/' AND quantity < 'supplier0' AND measure = 'usd' GROUP BY period, draw
) s
LEFT JOIN (SELECT d.draw, d.period, d.value FROM draws d WHERE d.quantity = 'hbm_revenue_usd' AND length(d.period) = 4) c
    ON c.draw = s.draw AND c.period = s.period
WHERE coalesce(abs(s.suppliers / c.value - 1) > 1e-5, true);
