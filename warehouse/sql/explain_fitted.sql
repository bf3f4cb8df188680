-- Figures that informed a quantity of the chain in the run served.
SELECT d.quantity, d.figure_id, d.period, d.published_value, d.weight, d.metric, d.kind, d.publisher, d.effective_published_on, d.title, d.url
FROM latest_figure_fit d WHERE d.used ORDER BY d.quantity, d.effective_published_on DESC, d.figure_id;
