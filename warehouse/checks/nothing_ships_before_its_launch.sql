-- check: No class ships more than samples before the quarter before its launch, and none that nobody has announced by the as-of day
-- severity: error
-- scope: run
-- remedy: a launch_quarter in products.csv that is wrong, or a bug in models/chain/: mend it, do not loosen the check
WITH known AS (
    SELECT p.class, p.launch_quarter FROM products_current p JOIN latest_run r ON p.effective_announced_on <= r.as_of
    QUALIFY row_number() OVER (PARTITION BY p.vendor, p.product ORDER BY p.effective_announced_on DESC) = 1
),
launched AS (
    SELECT class, min(4 * left(launch_quarter, 4)::INTEGER + right(launch_quarter, 1)::INTEGER) AS quarter FROM known GROUP BY class
),
early AS (
    -- The few series in which nothing may ship: only their draws are looked at.
    SELECT q.quantity, g.period, split_part(q.quantity, 'accelerator_shipments_class_', 2) AS class
    FROM (SELECT DISTINCT d.quantity FROM draws d WHERE d.draw = 0 AND starts_with(d.quantity, 'accelerator_shipments_class_')) q
    JOIN grid g ON g.period_kind = 'quarter' CROSS JOIN latest_run r
    LEFT JOIN launched l ON l.class = split_part(q.quantity, 'accelerator_shipments_class_', 2)
    WHERE 4 * left(g.period, 4)::INTEGER + right(g.period, 1)::INTEGER < coalesce(l.quarter - 1, 4 * year(r.as_of) + quarter(r.as_of) + 1)
)
-- Samples are a thousand packages a quarter; one draw in a thousand may pass that.
SELECT e.class, min(d.period) AS period, max(d.value) AS units, count(DISTINCT d.draw) AS n_draws
FROM draws d JOIN early e ON e.quantity = d.quantity AND e.period = d.period
WHERE d.value > 1000
GROUP BY e.class
HAVING count(DISTINCT d.draw) >= 0.001 * (SELECT max(draw) + 1 FROM draws);
