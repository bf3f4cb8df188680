-- check: A year of a summed quantity is the sum of its quarters in every draw
-- severity: error
-- scope: run
-- remedy: a bug in models/: mend it, do not loosen the check
WITH summed AS (SELECT q.quantity, row_number() OVER () AS number FROM quantities q WHERE q.yearly = 'sum'),
periods AS (SELECT g.period, left(g.period, 4)::INTEGER AS year, g.period_kind = 'year' AS annual FROM grid g)
SELECT s.quantity, found.draw, found.year, found.annual, found.quarters
FROM (
    -- Grouped by whole numbers: by names this check took as long as all others together.
    SELECT s.number, d.draw, p.year,
        sum(CASE WHEN p.annual THEN d.value::DOUBLE ELSE 0 END) AS annual, sum(CASE WHEN p.annual THEN 0 ELSE d.value::DOUBLE END) AS quarters,
        count_if(p.annual) AS n_annual, count(*) AS n
    FROM draws d JOIN summed s ON s.quantity = d.quantity JOIN periods p ON p.period = d.period
    GROUP BY s.number, d.draw, p.year
) found
JOIN summed s ON s.number = found.number
WHERE n_annual <> 1 OR n <> 5 OR abs(found.annual - quarters) > 2e-6 * abs(found.annual);
