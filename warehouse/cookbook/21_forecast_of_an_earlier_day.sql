-- What was forecast for each year as of the end of 2024, beside what is served now? (hbmcast nightly --as-of makes such a run.)
SELECT earlier.as_of, earlier.quantity, earlier.period, earlier.p05, earlier.p50, earlier.p95, served.p05 AS served_p05, served.p50 AS served_p50, served.p95 AS served_p95
FROM forecast_as_of('2024-12-31') earlier
JOIN headline_forecast served ON served.quantity = earlier.quantity AND served.period = earlier.period
WHERE earlier.period_kind = 'year'
ORDER BY earlier.quantity, earlier.period;
