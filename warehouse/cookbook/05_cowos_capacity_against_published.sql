-- How does CoWoS capacity at the end of 2026, whole or TSMC's, compare with what has been published about it?
SELECT fit.publisher, fit.effective_published_on, fit.quantity, fit.published_value, ours.p05, ours.p50, ours.p95,
    fit.published_value / ours.p50 - 1 AS published_above_median, fit.url
FROM latest_figure_fit fit
JOIN cowos_forecast ours ON ours.quantity = fit.quantity AND ours.period = '2026Q4'
WHERE fit.metric = 'cowos_capacity' AND fit.period IN ('2026-12', '2026Q4') AND fit.published_value IS NOT NULL
ORDER BY fit.effective_published_on DESC, fit.figure_id;
