-- Private figures that informed a quantity of the chain in a run, as sql/explain_fitted has the others.
SELECT d.quantity, d.figure_id, f.metric, f.entity, f.segment, d.period, f.value, f.low, f.high, f.unit, f.kind, f.publisher, f.effective_published_on, f.title, f.url,
    d.published_value, d.weight
FROM {{figure_fit}} d JOIN figures_current f ON f.figure_id = d.figure_id
WHERE d.run_id = $run_id AND d.used AND coalesce(d.measure, 'level') = 'level'
ORDER BY d.quantity, f.effective_published_on DESC, d.figure_id;
