-- What moved since a month ago, in standard deviations of the earlier forecast too? (hbmcast compare month-ago shows the same.)
WITH earlier AS (
    SELECT f.* FROM forecast_as_of((SELECT as_of - 30 FROM latest_run)) f
)
SELECT served.quantity, served.period, earlier.as_of AS earlier_as_of, earlier.p50 AS earlier_p50, served.p50 AS served_p50,
    served.p50 / nullif(earlier.p50, 0) - 1 AS change_of_median,
    -- A 90 % interval of a normal is 3.29 standard deviations wide.
    (served.p50 - earlier.p50) / nullif((earlier.p95 - earlier.p05) / 3.29, 0) AS change_in_earlier_sd
FROM headline_forecast served JOIN earlier ON earlier.quantity = served.quantity AND earlier.period = served.period
WHERE served.period_kind = 'year' AND served.period >= '2025'
ORDER BY abs(change_in_earlier_sd) DESC, served.quantity, served.period;
