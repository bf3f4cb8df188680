-- Who disagrees most with us about HBM revenue? The latest figure of each publisher and year, by how far it lies from our median.
SELECT fit.publisher, fit.period, fit.effective_published_on, fit.published_value / 1e9 AS published_billion_usd, ours.p50 / 1e9 AS our_median,
    ln(fit.published_value / ours.p50) / nullif(ln(ours.p95 / ours.p05) / 3.29, 0) AS distance_in_sd,
    fit.published_value NOT BETWEEN ours.p05 AND ours.p95 AS outside_90_percent, fit.url
FROM latest_figure_fit fit JOIN hbm_forecast ours ON ours.quantity = fit.quantity AND ours.period = fit.period
WHERE fit.quantity = 'hbm_revenue_usd' AND fit.published_value > 0 AND fit.period >= '2024'
QUALIFY row_number() OVER (PARTITION BY fit.publisher, fit.period ORDER BY fit.effective_published_on DESC, fit.figure_id) = 1
ORDER BY abs(distance_in_sd) DESC, fit.figure_id;
