-- Figures that informed a quantity of the chain in the run served, as they were published.
SELECT d.quantity, d.figure_id, d.metric, f.entity, f.segment, d.period, f.value, f.low, f.high, f.unit, d.kind, d.publisher, d.effective_published_on, d.title, d.url,
    d.published_value, d.weight
FROM latest_figure_fit d LEFT JOIN figures_current f ON f.figure_id = d.figure_id
WHERE d.used ORDER BY d.quantity, d.effective_published_on DESC, d.figure_id;
