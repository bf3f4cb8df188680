-- check: A year of a summed quantity is the sum of its quarters in every draw
-- severity: error
-- scope: run
-- remedy: a bug in models/: mend it, do not loosen the check
SELECT quantity, draw, year, annual, quarters
FROM (
    SELECT quantity, draw, left(period, 4) AS year,
        sum(value::DOUBLE) FILTER (length(period) = 4) AS annual,
        sum(value::DOUBLE) FILTER (length(period) = 6) AS quarters,
        count(*) FILTER (length(period) = 4) AS n_annual, count(*) FILTER (length(period) = 6) AS n_quarters
    FROM draws WHERE quantity IN (SELECT q.quantity FROM quantities q WHERE q.yearly = 'sum')
    GROUP BY quantity, draw, year
) pivoted
WHERE n_annual <> 1 OR n_quarters <> 4 OR abs(annual - quarters) > 2e-6 * abs(annual);
