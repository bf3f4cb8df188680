-- Figures that the systems of the run served rest on.
SELECT DISTINCT l.input_name AS figure_id
FROM system_lineage l JOIN latest_run r ON r.run_id = l.run_id
WHERE l.input_kind = 'figure' ORDER BY ALL;
