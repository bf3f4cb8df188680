-- check: Every figure's metric is in the vocabulary
-- severity: error
-- scope: evidence
-- remedy: add the metric to metrics.csv
SELECT f.figure_id, f.metric FROM figures_current f WHERE f.metric NOT IN (SELECT m.metric FROM metrics_current m);
