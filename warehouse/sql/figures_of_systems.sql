-- Figures that the systems of the run served rest on.
SELECT DISTINCT l.input_name AS figure_id FROM latest_system_lineage l WHERE l.input_kind = 'figure' ORDER BY ALL;
