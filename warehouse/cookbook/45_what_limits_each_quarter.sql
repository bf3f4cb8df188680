-- What limits shipments in each quarter of 2026 and 2027, and when does a limit stop binding: fall below one in five?
SELECT period,
    max(probability) FILTER (stage = 'demand') AS demand, max(probability) FILTER (stage = 'hbm') AS hbm, max(probability) FILTER (stage = 'cowos') AS cowos,
    max(probability) FILTER (stage = 'hbm') < 0.2 AS hbm_no_longer_binds, max(probability) FILTER (stage = 'cowos') < 0.2 AS cowos_no_longer_binds
FROM binding_forecast
WHERE length(period) = 6 AND period >= '2026Q1'
GROUP BY period ORDER BY period;
