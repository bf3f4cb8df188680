-- What does a gigabyte of HBM cost in each quarter from now on, and how likely is it dearer than in the quarter before?
SELECT f.period, f.p05, f.p50, f.p95, f.unit, avg((now_.value > before_.value)::INTEGER) AS probability_dearer
FROM hbm_forecast f
JOIN draws now_ ON now_.quantity = f.quantity AND now_.period = f.period
JOIN draws before_ ON before_.quantity = f.quantity AND before_.draw = now_.draw
    AND before_.period = CASE WHEN right(f.period, 1) = '1' THEN (left(f.period, 4)::INTEGER - 1)::VARCHAR || 'Q4'
        ELSE left(f.period, 5) || (right(f.period, 1)::INTEGER - 1)::VARCHAR END
WHERE f.quantity = 'hbm_price_usd_per_gb' AND f.period_kind = 'quarter' AND f.period >= year(f.as_of)::VARCHAR || 'Q' || quarter(f.as_of)::VARCHAR
GROUP BY f.period, f.p05, f.p50, f.p95, f.unit ORDER BY f.period;
