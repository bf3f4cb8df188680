-- Who disagrees most with us about HBM revenue? Each publisher's last word in use on each year, by how far it lies from our median; what was said more than a year ago stands below.
SELECT fit.publisher, fit.period, fit.effective_published_on AS published_on, fit.published_value / 1e9 AS said_bn, ours.p50 / 1e9 AS ours_bn,
    fit.published_value / ours.p50 - 1 AS off, fit.effective_published_on < ours.as_of - 365 AS is_old, fit.published_value NOT BETWEEN ours.p05 AND ours.p95 AS outside_90_percent,
    -- In standard deviations only against what was known at much the same time: since an old word was said, the year itself has come nearer.
    CASE WHEN fit.effective_published_on >= ours.as_of - 365 THEN ln(fit.published_value / ours.p50) / nullif(ln(ours.p95 / ours.p05) / 3.29, 0) END AS distance_in_sd, fit.url
FROM latest_figure_fit fit JOIN hbm_forecast ours ON ours.quantity = fit.quantity AND ours.period = fit.period
WHERE fit.quantity = 'hbm_revenue_usd' AND fit.used AND fit.published_value > 0 AND fit.period >= '2024'
QUALIFY row_number() OVER (PARTITION BY fit.publisher, fit.period ORDER BY fit.effective_published_on DESC, fit.figure_id) = 1
ORDER BY is_old, abs(distance_in_sd) DESC NULLS LAST, abs(ln(fit.published_value / ours.p50)) DESC, fit.figure_id;
