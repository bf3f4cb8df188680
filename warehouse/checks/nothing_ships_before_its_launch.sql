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
shipped AS (
    SELECT d.draw, split_part(d.quantity, 'accelerator_shipments_class_', 2) AS class, d.period, d.value,
        4 * left(d.period, 4)::INTEGER + right(d.period, 1)::INTEGER AS quarter
    FROM draws d WHERE starts_with(d.quantity, 'accelerator_shipments_class_') AND d.period LIKE '%Q%'
)
-- Samples are a thousand packages a quarter; one draw in a thousand may pass that.
SELECT s.class, min(s.period) AS period, max(s.value) AS units, count(DISTINCT s.draw) AS n_draws
FROM shipped s CROSS JOIN latest_run r LEFT JOIN launched l ON l.class = s.class
WHERE s.value > 1000 AND s.quarter < coalesce(l.quarter - 1, 4 * year(r.as_of) + quarter(r.as_of) + 1)
GROUP BY s.class
HAVING count(DISTINCT s.draw) >= 0.001 * (SELECT count(DISTINCT draw) FROM draws);
