-- What does the demand for thermo-compression bonders rest on: which quantities, assumptions and figures? (hbmcast explain shows the whole chain.)
SELECT DISTINCT l.input_kind, l.input_name, coalesce(f.publisher, a.basis) AS publisher_or_basis, coalesce(f.url, a.source) AS url_or_source
FROM system_lineage l
JOIN latest_run r ON r.run_id = l.run_id
LEFT JOIN figures_current f ON l.input_kind = 'figure' AND f.figure_id = l.input_name
LEFT JOIN assumed a ON l.input_kind = 'assumption' AND a.assumption = l.input_name AND a.effective_known_since <= r.as_of
WHERE l.system = 'equipment' AND l.item = 'tcb'
ORDER BY l.input_kind, l.input_name, url_or_source;
