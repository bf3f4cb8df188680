-- When does HBM stop being short for good: from which quarter on does supply cover demand until the end of 2027, and how likely is each?
WITH every_draw AS (
    SELECT s.draw, max(s.period) FILTER (s.value < d.value) AS last_short
    FROM draws s JOIN draws d ON d.draw = s.draw AND d.period = s.period AND d.quantity = 'hbm_bits_demand_gb'
    WHERE s.quantity = 'hbm_bits_supply_gb' AND s.period IN (
        SELECT g.period FROM grid g, latest_run r WHERE g.period_kind = 'quarter' AND g.period >= year(r.as_of)::VARCHAR || 'Q' || quarter(r.as_of)::VARCHAR
    )
    GROUP BY s.draw
)
SELECT CASE
        WHEN last_short IS NULL THEN 'no longer short now'
        WHEN last_short = '2027Q4' THEN 'not before the end of 2027'
        WHEN right(last_short, 1) = '4' THEN (left(last_short, 4)::INTEGER + 1)::VARCHAR || 'Q1'
        ELSE left(last_short, 5) || (right(last_short, 1)::INTEGER + 1)::VARCHAR
    END AS not_short_from,
    count(*) / sum(count(*)) OVER () AS probability
FROM every_draw GROUP BY not_short_from ORDER BY not_short_from;
