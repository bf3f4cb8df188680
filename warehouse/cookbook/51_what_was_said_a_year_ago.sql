-- What was said by the end of 2024 about HBM revenue of 2025, and was it right: within a tenth of what we now take 2025 to have been?
SELECT fit.publisher, fit.effective_published_on AS published_on, fit.published_value / 1e9 AS said_billion_usd, ours.p50 / 1e9 AS was_billion_usd,
    fit.published_value / ours.p50 - 1 AS error, abs(fit.published_value / ours.p50 - 1) < 0.1 AS right_within_a_tenth, fit.url
FROM latest_figure_fit fit JOIN hbm_forecast ours ON ours.quantity = fit.quantity AND ours.period = fit.period
WHERE fit.quantity = 'hbm_revenue_usd' AND fit.period = '2025' AND fit.effective_published_on <= DATE '2024-12-31' AND fit.published_value IS NOT NULL
ORDER BY fit.effective_published_on DESC, fit.figure_id;
