-- Private figures that informed an item of a system itself in a run.
SELECT f.figure_id, f.metric, f.entity, f.segment, f.period, f.value, f.low, f.high, f.unit, f.kind, f.publisher, f.effective_published_on, f.title, f.url
FROM figures_current f
WHERE f.figure_id IN (
    SELECT l.input_name FROM {{system_lineage}} l
    WHERE l.run_id = $run_id AND l.system = $system AND l.item = $item AND l.input_kind = 'figure'
)
ORDER BY f.effective_published_on DESC, f.figure_id;
