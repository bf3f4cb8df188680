-- check: Every number of the forecast is there, finite and not negative
-- severity: error
-- scope: run
-- remedy: a bug in models/: mend it, do not loosen the check
SELECT quantity, period, name, value
FROM (
    SELECT quantity, period,
        unnest(['p05', 'p10', 'p25', 'p50', 'p75', 'p90', 'p95', 'mean', 'mcse_p05', 'mcse_p50', 'mcse_p95', 'mcse_mean', 'n_draws', 'ess']) AS name,
        unnest([p05, p10, p25, p50, p75, p90, p95, mean, mcse_p05, mcse_p50, mcse_p95, mcse_mean, n_draws, ess]) AS value
    FROM latest_forecast
) long
WHERE value IS NULL OR NOT isfinite(value) OR value < 0;
