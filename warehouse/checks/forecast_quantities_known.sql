-- check: Every forecast row is of a known quantity, in its unit and for a period of the grid
-- severity: error
-- scope: run
-- remedy: publish the vocabulary of models/vocabulary/quantities.py with the run
SELECT f.quantity, f.period, f.unit, q.unit AS expected_unit, f.period_kind
FROM latest_forecast f
LEFT JOIN quantities q ON q.quantity = f.quantity
LEFT JOIN grid g ON g.period = f.period
WHERE q.quantity IS NULL OR q.unit <> f.unit OR g.period IS NULL OR g.period_kind <> f.period_kind;
