-- check: The number of figures a row claims is that of the figures named in its lineage, or fewer
-- severity: warning
-- scope: run
-- remedy: give Series.figure_ids all figures that n_figures counts
SELECT s.system, s.item, s.measure, max(s.n_figures) AS claimed, count(DISTINCT l.input_name) AS named
FROM latest_system_forecast s
LEFT JOIN latest_system_lineage l ON l.run_id = s.run_id AND l.system = s.system AND l.item = s.item AND l.measure = s.measure AND l.input_kind = 'figure'
GROUP BY s.system, s.item, s.measure
HAVING claimed > named;
