-- How does CoWoS capacity at the end of 2026, whole, TSMC's or of others, compare with what has been published about it, in thousand wafers per month?
SELECT fit.publisher, fit.effective_published_on AS published_on,
    CASE fit.quantity WHEN 'cowos_capacity_tsmc_wafers_per_month' THEN 'TSMC' WHEN 'cowos_capacity_wafers_per_month' THEN 'whole' ELSE 'others' END AS of_whom,
    fit.published_value / 1e3 AS published, ours.p05 / 1e3 AS p05, ours.p50 / 1e3 AS p50, ours.p95 / 1e3 AS p95,
    fit.published_value / ours.p50 - 1 AS published_above_median, fit.url
FROM latest_figure_fit fit
JOIN cowos_forecast ours ON ours.quantity = fit.quantity AND ours.period = '2026Q4'
WHERE fit.metric = 'cowos_capacity' AND fit.period IN ('2026-12', '2026Q4') AND fit.published_value IS NOT NULL
ORDER BY fit.effective_published_on DESC, fit.figure_id;
