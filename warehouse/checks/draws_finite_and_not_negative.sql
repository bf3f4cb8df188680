-- check: No draw is missing, infinite or negative
-- severity: error
-- scope: run
-- remedy: a bug in models/: mend it, do not loosen the check
-- Apart from the counting: in one, DuckDB 2.0 takes seven times as long.
WITH bad AS MATERIALIZED (SELECT draw, quantity, period FROM draws WHERE value IS NULL OR NOT isfinite(value) OR value < 0)
SELECT quantity, period, count(*) AS bad_draws, min(draw) AS first_bad_draw
FROM bad GROUP BY quantity, period ORDER BY quantity, period;
