-- check: No figure used by a run was published after its as_of
-- severity: error
-- scope: run
-- remedy: the reader of evidence must filter by effective_published_on
SELECT d.figure_id, f.effective_published_on, r.as_of
FROM figure_fit d JOIN latest_run r ON r.run_id = d.run_id JOIN figures_current f ON f.figure_id = d.figure_id
WHERE d.used AND f.effective_published_on > r.as_of;
