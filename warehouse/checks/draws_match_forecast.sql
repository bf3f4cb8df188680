-- check: The stored draws are those the forecast table was made of
-- severity: error
-- scope: run
-- remedy: publish the draws and the forecast of one and the same simulation
SELECT f.quantity, f.period, f.p05, f.p50, f.p95, s.below_p05, s.below_p50, s.below_p95
FROM headline_forecast f
JOIN (
    SELECT d.quantity, d.period,
        avg((d.value < h.p05)::INTEGER) AS below_p05, avg((d.value < h.p50)::INTEGER) AS below_p50, avg((d.value < h.p95)::INTEGER) AS below_p95
    FROM draws d JOIN headline_forecast h ON h.quantity = d.quantity AND h.period = d.period
    GROUP BY d.quantity, d.period
) s ON s.quantity = f.quantity AND s.period = f.period
-- Loose enough for a stored part of the simulated draws, tight enough for draws of another run.
WHERE abs(s.below_p05 - 0.05) > 0.03 OR abs(s.below_p50 - 0.5) > 0.06 OR abs(s.below_p95 - 0.95) > 0.03;
