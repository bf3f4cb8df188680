-- Figures that informed the system itself, and how each is read: as the item, as a vendor's part of it, as a market that holds it.
SELECT f.figure_id, f.metric, f.entity, f.segment, f.period, f.value, f.low, f.high, f.unit, f.kind, f.publisher, f.effective_published_on, f.title, f.url,
    e.relation, e.share_p05, e.share_p95, e.basis AS share_basis
FROM figures_current f
LEFT JOIN system_evidence_current e
    ON e.system = $system AND e.item = $item AND e.metric = f.metric AND e.entity IN ('*', f.entity) AND coalesce(e.segment, '') IN ('*', coalesce(f.segment, ''))
WHERE f.figure_id IN (
    SELECT l.input_name FROM system_lineage l JOIN latest_run r ON r.run_id = l.run_id
    WHERE l.system = $system AND l.item = $item AND l.input_kind = 'figure'
)
QUALIFY row_number() OVER (PARTITION BY f.figure_id ORDER BY e.entity = '*', e.segment = '*') = 1
ORDER BY f.effective_published_on DESC, f.figure_id;
