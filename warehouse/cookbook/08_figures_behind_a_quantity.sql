-- Which figures support HBM revenue, by whom, from when, and where can they be read?
SELECT fit.figure_id, fit.publisher, fit.effective_published_on, fit.metric, fit.period, fit.published_value, fit.weight, fit.url
FROM latest_figure_fit fit
WHERE fit.quantity = 'hbm_revenue_usd' AND fit.used
ORDER BY fit.effective_published_on DESC, fit.figure_id;
