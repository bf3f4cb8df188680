-- What did TrendForce publish that is used, where does it stand, and at which percentile of our expectation of such a figure does it lie?
SELECT f.effective_published_on AS published_on, f.metric, f.period, 100 * f.pit AS percentile, f.published_value, f.unit, f.entity, f.measure, f.figure_id, f.url
FROM every_figure_fit f
WHERE f.publisher = 'TrendForce' AND f.used
ORDER BY f.effective_published_on DESC, f.figure_id;
