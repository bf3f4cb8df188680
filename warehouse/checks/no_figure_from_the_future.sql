-- check: No figure used by a run was published after its as_of
-- severity: error
-- scope: run
-- remedy: the reader of evidence must filter by effective_published_on
SELECT d.figure_id, f.effective_published_on, r.as_of
FROM recent_figure_fit d JOIN served_rows r ON r.table_name = 'figure_fit' AND r.rows_of = d.run_id JOIN figures_current f ON f.figure_id = d.figure_id
WHERE d.used AND f.effective_published_on > r.as_of;
